import type { Arithmetic, Json, JsonObject } from "./tensor.ts";
import type { Column } from "./rows.ts";
import type { ProfileName, Study } from "./study.ts";

/** What became of a claim. */
export type Verdict = "supported" | "contradicted" | "undecided";

/**
 * A rule as data: what the ends L and U of the interval must do. `above`: supported if L > delta, contradicted if U < delta, or, where
 * `against` is told, if U < against. `below`:
 * supported if U < delta, contradicted if L > delta. `at most`: the same with U ≤ delta. `inside`: supported if delta ≤ L and
 * U ≤ upper, contradicted if U < delta or L > upper.
 */
export type ClaimTest =
  | { readonly side: "above"; readonly delta: number; readonly against?: number }
  | { readonly side: "below" | "at most"; readonly delta: number }
  | { readonly side: "inside"; readonly delta: number; readonly upper: number };

/** What is known of θ of a net that counts: it lies between the ends; an infinite end is null. */
export interface CountedTheta {
  /** Number of the replicate. */
  readonly replicate: number;
  /** Enters L; null for −∞. */
  readonly low: number | null;
  /** Enters U; null for +∞. */
  readonly high: number | null;
}

/** A statistic over nets, its interval and the verdict that the rule gives, under one setting. */
export interface ClaimResult {
  /** Says estimator, resolution, preset: `binning count=30 range=[-1,1], sgd`. */
  readonly setting: string;
  /** θ of each replicate that has one, sorted by replicate; null stands for a censored or undefined value. */
  readonly theta: readonly (number | null)[];
  /** Unit of θ. */
  readonly unit: string;
  /** Median of θ, or θ itself where it is one number over all nets; null if it is not finite or there is none. */
  readonly median: number | null;
  /** Ends of the interval for the median at the protocol's level; null if there is none. ±Infinity is null. */
  readonly low: number | null;
  /** See {@link ClaimResult.low}. */
  readonly high: number | null;
  /**
   * `order statistics`, `Student t, normality assumed`, `permutations of the replicates` where θ is one number over all nets, or `none`.
   */
  readonly interval: string;
  /** Ends of the 95 % interval, for the eye; never used for a verdict. Absent without an interval; ±Infinity is null. */
  readonly low95?: number | null;
  /** See {@link ClaimResult.low95}. */
  readonly high95?: number | null;
  /** Replicates planned. */
  readonly planned: number;
  /** Replicates that failed; with any there is no verdict. */
  readonly failed: number;
  /** Replicates whose θ is censored or undefined. */
  readonly censored: number;
  /** What the rule says. */
  readonly verdict: Verdict;
  /** Why there is no verdict, or what the reader must know. */
  readonly reason?: string;
  /** The rule, so that a reader can judge again; absent where a verdict follows from other verdicts. */
  readonly test?: ClaimTest;
  /** θ of every net that counts, by replicate: what the interval is made from. */
  readonly counted?: readonly CountedTheta[];
}

/** A claim of the slides, its rule and how it came out. */
export interface Claim extends ClaimResult {
  /** Id in the ledger of claims. */
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
  /**
   * Statistics that must hold together, if the claim has several: it is contradicted if one is, supported if all are. The claim's own
   * numbers are those of the part that decides.
   */
  readonly parts?: readonly ClaimResult[];
  /** The same rule in the arms that must fail it; what follows if one passes stands in the rule and in the reason. */
  readonly controls?: readonly ClaimResult[];
  /** Verdicts over resolution × δ × definition × preset: labels and a verdict a cell. */
  readonly sensitivity: readonly { readonly label: string; readonly delta: number; readonly verdict: Verdict }[];
  /** How often the rule supports the claim on planted noise, at this number of nets. */
  readonly falseSupport?: { readonly rate: number; readonly draws: number; readonly model: string };
  /** True for profiles other than full. */
  readonly provisional: boolean;
}

/** The kinds of mark there are; the interpreter draws no other. */
export const MARKS = ["dot", "line", "rule-x", "rule-y", "area-y", "bar-y", "text", "rect"] as const;

/** A mark of a figure: names of columns or constants for its channels. */
export interface Mark {
  /** Kind of mark. */
  readonly mark: (typeof MARKS)[number];
  /** Column across. */
  readonly x?: string;
  /** Column up. */
  readonly y?: string;
  /** Other end across, of an interval or rectangle. */
  readonly x2?: string;
  /** Other end up. */
  readonly y2?: string;
  /** Column whose values are separate lines. */
  readonly z?: string;
  /** Column of facets side by side. */
  readonly fx?: string;
  /** Column of facets one above another. */
  readonly fy?: string;
  /** Column or colour of the stroke. */
  readonly stroke?: string;
  /** Column or colour of the fill. */
  readonly fill?: string;
  /** Column of the text drawn. */
  readonly text?: string;
  /** Column of the text shown on pointing. */
  readonly title?: string;
  /** Rows drawn: column = value. */
  readonly where?: JsonObject;
  /** Fixed positions of a rule. */
  readonly values?: readonly number[];
}

/** An axis or colour scale of a figure. */
export interface Scale {
  /** Quantity, unit and estimator. */
  readonly label?: string;
  /** How values become positions. */
  readonly type?: "linear" | "log" | "symlog" | "ordinal";
  /** Ends of the scale, or its values in order. */
  readonly domain?: readonly (number | string)[];
  /** `epoch`, `layer` and `arm` have one look everywhere. */
  readonly scheme?: "epoch" | "layer" | "arm" | "verdict";
  /** Of `y`: true if facets one above another have a scale each, named by their facet; all panels share one unless told. */
  readonly apart?: boolean;
}

/** A figure as data: drawn by one interpreter that runs no plugin code. */
export interface Figure {
  /** Unique in the bundle. */
  readonly id: string;
  /** Heading. */
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
  /** What is drawn, from back to front. */
  readonly marks?: readonly Mark[];
  /** Scales by channel: `x`, `y`, `color`. */
  readonly scales?: { readonly [name: string]: Scale };
  /** Columns the reader can step through. */
  readonly controls?: readonly { readonly column: string; readonly kind: "slider" | "choice" }[];
}

/** A file of a bundle. */
export interface BundleFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  /** Digest of the bytes. */
  readonly sha256: string;
  /** Size. */
  readonly bytes: number;
  /** Name of the table it holds. */
  readonly table?: string;
  /** Title of that table. */
  readonly title?: string;
  /** Number of rows. */
  readonly rows?: number;
  /** Meaning of each column. */
  readonly columns?: readonly Column[];
}

/** A plugin whose code made numbers of a bundle. */
export interface BundlePlugin {
  /** Name of the plugin: `infoplane` for the built-ins. */
  readonly id: string;
  /** Specifier it was loaded from; relative for files of the repository. */
  readonly from: string;
  /** Version of the plugin. */
  readonly version: string;
  /** SHA-256 over its module graph, for plugins that no lock file pins. */
  readonly integrity: string | null;
  /** Rights it was given beyond none. */
  readonly rights: JsonObject;
}

/** Facts about the dataset that pages and analyses refer to; bits. */
export interface ProblemFacts {
  /** Arm of the study. */
  readonly arm: string;
  /** Id of the dataset. */
  readonly dataset: string;
  /** Rows of the dataset. */
  readonly n: number;
  /** Number of labels. */
  readonly classes: number;
  /** Rows trained on. */
  readonly trainRows: number;
  /** Rows tested on. */
  readonly testRows: number;
  /** H(X) where the joint is exact, else null. */
  readonly hxBits: number | null;
  /** H(Y) where the joint is exact, else null. */
  readonly hyBits: number | null;
  /** I(X;Y) where the joint is exact or the dataset knows it otherwise, else null. */
  readonly ixyBits: number | null;
  /** Accuracy of the best guess of y from x, where the joint is exact. */
  readonly bayesAccuracy: number | null;
  /** Layers 1…K; with I(X;T) and I(T;Y) in bits where they were drawn from a law of which these are known. */
  readonly layers: readonly {
    readonly name: string;
    readonly units: number;
    readonly activation: string;
    readonly ixtBits?: number;
    readonly ityBits?: number;
  }[];
  /** Number of weights and biases; 0 if only activations were recorded. */
  readonly parameters: number;
  /** Files the dataset and the net were read from, if any: who made them, and the SHA-256 that stands for them in keys. */
  readonly origins?: readonly {
    readonly item: "dataset" | "architecture";
    readonly source: string;
    readonly sha256: string;
  }[];
}

/** `bundle.json`: everything a page shows and everything needed to run the study again. */
export interface Bundle {
  /** Marks the file. */
  readonly format: "infoplane.bundle";
  /** Version of this format; readers refuse a higher one by name. */
  readonly version: 1;
  /** The study as this profile ran it. */
  readonly study: Study;
  /** The profile. */
  readonly profile: ProfileName;
  /** Plugins whose code was used. */
  readonly plugins: readonly BundlePlugin[];
  /** Integers of the core's arithmetic, and the arithmetic of each part. */
  readonly arithmetic: { readonly [part: string]: Json };
  /** Facts of the dataset and the net, by arm. */
  readonly problems: readonly ProblemFacts[];
  /** Nets by outcome, and points of the plane. */
  readonly counts: {
    readonly trials: number;
    readonly done: number;
    readonly diverged: number;
    readonly skipped: number;
    readonly failed: number;
    readonly estimates: number;
  };
  /** Every other file, with its digest. */
  readonly files: readonly BundleFile[];
  /** Claims with their verdicts. */
  readonly claims: readonly Claim[];
  /** Figures as data. */
  readonly figures: readonly Figure[];
  /** Set if `estimates` and `series` hold fewer snapshots than were measured; all else is whole. */
  readonly thinned?: Thinned;
}

/** What a bundle was before snapshots were left out. */
export interface Thinned {
  /** Digest of the whole bundle. */
  readonly of: string;
  /** Snapshots a decade that are left, of 40; the last one of every net is among them. */
  readonly perDecade: number;
}

/** `run.json`, beside the bundle and outside its digest: what differs from machine to machine. */
export interface RunRecord {
  /** Marks the file. */
  readonly format: "infoplane.run";
  /** Version of this format. */
  readonly version: 1;
  /** SHA-256 of bundle.json. */
  readonly digest: string;
  /** Version of the program. */
  readonly infoplane: string;
  /** Version of Deno. */
  readonly deno: string;
  /** Version of its JavaScript engine. */
  readonly v8: string;
  /** Operating system and processor. */
  readonly platform: string;
  /** Cores of the machine. */
  readonly cores: number;
  /** Slots that worked at a time. */
  readonly jobs: number;
  /** ISO 8601. */
  readonly date: string;
  /** Seconds of each stage, wall clock. */
  readonly seconds: { readonly [stage: string]: number };
  /** Nets trained in this run. */
  readonly trained: number;
  /** Nets found in the store. */
  readonly reused: number;
}
