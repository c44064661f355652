import type { Arithmetic, Json, JsonObject } from "./tensor.ts";
import type { Column } from "./rows.ts";
import type { ProfileName, Study } from "./study.ts";

/** What became of a claim. */
export type Verdict = "supported" | "contradicted" | "undecided";

/** A statistic over nets, its interval and the verdict that the rule gives, under one setting. */
export interface ClaimResult {
  /** Says estimator, resolution, preset: `binning count=30 range=[-1,1], sgd`. */
  readonly setting: string;
  /** θ of each replicate that has one, sorted by replicate; null stands for a censored or undefined value. */
  readonly theta: readonly (number | null)[];
  readonly unit: string;
  readonly median: number | null;
  /** Ends of the interval for the median at the protocol's level; null if there is none. ±Infinity is null. */
  readonly low: number | null;
  readonly high: number | null;
  /** `order statistics`, `Student t, normality assumed`, or `none`. */
  readonly interval: string;
  readonly planned: number;
  readonly failed: number;
  readonly censored: number;
  readonly verdict: Verdict;
  /** Why there is no verdict, or what the reader must know. */
  readonly reason?: string;
}

/** A claim of the slides, its rule and how it came out. */
export interface Claim extends ClaimResult {
  readonly id: string;
  /** Version of the protocol whose constants were used. */
  readonly protocol: number;
  /** The claim in one sentence. */
  readonly statement: string;
  /** The statistic and the rule, in words and symbols. */
  readonly rule: string;
  /** The threshold δ. */
  readonly delta: number;
  /** The level of the interval: 1 − α with α = .05/50 in protocol 1. */
  readonly level: number;
  /** Arithmetic of the rows it rests on. */
  readonly arithmetic: Arithmetic;
  /** The same rule under other estimators, resolutions and presets. */
  readonly settings: readonly ClaimResult[];
  /** Verdicts over resolution × δ × definition × preset: labels and a verdict a cell. */
  readonly sensitivity: readonly { readonly label: string; readonly delta: number; readonly verdict: Verdict }[];
  /** How often the rule supports the claim on planted noise, at this number of nets. */
  readonly falseSupport?: { readonly rate: number; readonly draws: number; readonly model: string };
  readonly provisional: boolean;
}

/** A mark of a figure: names of columns or constants for its channels. */
export interface Mark {
  readonly mark: "dot" | "line" | "rule-x" | "rule-y" | "area-y" | "bar-y" | "text" | "rect";
  readonly x?: string;
  readonly y?: string;
  readonly x2?: string;
  readonly y2?: string;
  readonly z?: string;
  readonly fx?: string;
  readonly fy?: string;
  readonly stroke?: string;
  readonly fill?: string;
  readonly text?: string;
  readonly title?: string;
  /** Rows drawn: column = value. */
  readonly where?: JsonObject;
  /** Fixed positions of a rule. */
  readonly values?: readonly number[];
}

/** An axis or colour scale of a figure. */
export interface Scale {
  readonly label?: string;
  readonly type?: "linear" | "log" | "symlog" | "ordinal";
  readonly domain?: readonly (number | string)[];
  /** `epoch`, `layer` and `arm` have one look everywhere. */
  readonly scheme?: "epoch" | "layer" | "arm" | "verdict";
}

/** A figure as data: drawn by one interpreter that runs no plugin code. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  /** What to see, what it means, the caveat. */
  readonly caption: string;
  /** For readers who cannot see it. */
  readonly alt: string;
  /** Name of the table it draws: `estimates`, `series`, or one of the analysis. */
  readonly table: string;
  /** Rows drawn at all. */
  readonly where?: JsonObject;
  /** A named view with its own drawing; `marks` are then ignored. */
  readonly view?: "information-plane";
  /** Options of the view. */
  readonly viewOptions?: JsonObject;
  readonly marks?: readonly Mark[];
  readonly scales?: { readonly [name: string]: Scale };
  readonly controls?: readonly { readonly column: string; readonly kind: "slider" | "choice" }[];
}

/** A file of a bundle. */
export interface BundleFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly table?: string;
  readonly title?: string;
  readonly rows?: number;
  readonly columns?: readonly Column[];
}

/** A plugin whose code made numbers of a bundle. */
export interface BundlePlugin {
  /** Name of the plugin: `infoplane` for the built-ins. */
  readonly id: string;
  /** Specifier it was loaded from; relative for files of the repository. */
  readonly from: string;
  readonly version: string;
  /** SHA-256 over its module graph, for plugins that no lock file pins. */
  readonly integrity: string | null;
  /** Rights it was given beyond none. */
  readonly rights: JsonObject;
}

/** Facts about the dataset that pages and analyses refer to; bits. */
export interface ProblemFacts {
  readonly arm: string;
  readonly dataset: string;
  readonly n: number;
  readonly classes: number;
  readonly trainRows: number;
  readonly testRows: number;
  /** H(X), H(Y) and I(X;Y) where the joint is exact, else null. */
  readonly hxBits: number | null;
  readonly hyBits: number | null;
  readonly ixyBits: number | null;
  /** Accuracy of the best guess of y from x, where the joint is exact. */
  readonly bayesAccuracy: number | null;
  /** Names of layers 1…K. */
  readonly layers: readonly { readonly name: string; readonly units: number; readonly activation: string }[];
  readonly parameters: number;
}

/** `bundle.json`: everything a page shows and everything needed to run the study again. */
export interface Bundle {
  readonly format: "infoplane.bundle";
  readonly version: 1;
  readonly study: Study;
  readonly profile: ProfileName;
  readonly plugins: readonly BundlePlugin[];
  /** Integers of the core's arithmetic, and the arithmetic of each part. */
  readonly arithmetic: { readonly [part: string]: Json };
  readonly problems: readonly ProblemFacts[];
  readonly counts: {
    readonly trials: number;
    readonly done: number;
    readonly diverged: number;
    readonly skipped: number;
    readonly failed: number;
    readonly estimates: number;
  };
  readonly files: readonly BundleFile[];
  readonly claims: readonly Claim[];
  readonly figures: readonly Figure[];
}

/** `run.json`, beside the bundle and outside its digest: what differs from machine to machine. */
export interface RunRecord {
  readonly format: "infoplane.run";
  readonly version: 1;
  /** SHA-256 of bundle.json. */
  readonly digest: string;
  readonly infoplane: string;
  readonly deno: string;
  readonly v8: string;
  readonly platform: string;
  readonly cores: number;
  readonly jobs: number;
  /** ISO 8601. */
  readonly date: string;
  /** Seconds of each stage, wall clock. */
  readonly seconds: { readonly [stage: string]: number };
  readonly trained: number;
  readonly reused: number;
}
