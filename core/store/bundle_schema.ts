import { z } from "zod";
import { type Bundle, MARKS, type RunRecord } from "../contracts/bundle.ts";
import type { Ledger } from "../contracts/ledger.ts";
import type { Json } from "../contracts/tensor.ts";
import type { Entry } from "./store.ts";

const json: z.ZodType<Json> = z.json();
const jsonObject = z.record(z.string(), json);
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const profileName = z.enum(["smoke", "quick", "full"]);
const arithmetic = z.enum(["portable", "pinned", "host"]);
const verdict = z.enum(["supported", "contradicted", "undecided"]);

const column = z.strictObject({
  name: z.string().min(1),
  type: z.enum(["string", "float64", "int32", "boolean", "json"]),
  unit: z.string().nullable(),
  text: z.string(),
  nullable: z.boolean().optional(),
});

const choice = z.strictObject({ id: z.string(), options: jsonObject.optional() });
const weightDecay = z.number().optional();
const sgd = z.strictObject({ id: z.literal("sgd"), rate: z.number(), momentum: z.number().optional(), weightDecay });
const adam = z.strictObject({
  id: z.literal("adam"),
  rate: z.number(),
  beta1: z.number().optional(),
  beta2: z.number().optional(),
  epsilon: z.number().optional(),
  weightDecay,
});
const langevin = z.strictObject({
  id: z.literal("langevin"),
  rate: z.number(),
  temperature: z.number(),
  weightDecay,
});
const recorded = z.strictObject({ id: z.literal("recorded") });
const training = z.strictObject({
  optimiser: z.discriminatedUnion("id", [sgd, adam, langevin, recorded]),
  batch: z.union([z.int().min(1), z.literal("full")]),
  partialBatch: z.enum(["use", "drop"]).optional(),
  epochs: count,
});
const setup = z.strictObject({ dataset: choice, architecture: choice, training });
const arm = z.strictObject({
  dataset: choice.partial().optional(),
  architecture: choice.partial().optional(),
  training: training.partial().extend({
    optimiser: z.union([sgd.partial(), adam.partial(), langevin.partial(), recorded.partial()]).optional(),
  }).optional(),
  role: z.enum(["main", "control", "variant"]).optional(),
  title: z.string().optional(),
  replicates: z.int().min(1).optional(),
});
const projection = z.discriminatedUnion("onto", [
  z.strictObject({ onto: z.literal("pool"), grid: z.int().min(1) }),
  z.strictObject({ onto: z.literal("components"), dimensions: z.int().min(1) }),
]);
const study = z.strictObject({
  format: z.literal(1),
  id: z.string(),
  title: z.string(),
  description: z.string().optional(),
  seed: z.int(),
  base: setup,
  arms: z.record(z.string(), arm).optional(),
  axes: z.array(z.strictObject({
    path: z.string(),
    values: z.array(z.union([z.string(), z.number(), z.boolean()])),
  })).optional(),
  replicates: z.int().min(1),
  measure: z.array(z.strictObject({
    estimator: z.string(),
    options: jsonObject.optional(),
    on: z.enum(["all", "train", "test"]).optional(),
    probes: z.int().optional(),
    transform: z.enum(["rotation", "mixing", "monotone"]).optional(),
    projection: projection.optional(),
    perDecade: z.number().optional(),
  })),
  analyses: z.array(choice),
  profiles: z.strictObject({ smoke: jsonObject, quick: jsonObject, full: jsonObject }),
});

const claimTest = z.union([
  z.strictObject({ side: z.literal("above"), delta: z.number(), against: z.number().optional() }),
  z.strictObject({ side: z.enum(["below", "at most"]), delta: z.number() }),
  z.strictObject({ side: z.literal("inside"), delta: z.number(), upper: z.number() }),
]);
const countedTheta = z.strictObject({
  replicate: count,
  low: z.number().nullable(),
  high: z.number().nullable(),
});
const claimResult = z.strictObject({
  setting: z.string(),
  theta: z.array(z.number().nullable()),
  unit: z.string(),
  median: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  interval: z.string(),
  low95: z.number().nullable().optional(),
  high95: z.number().nullable().optional(),
  planned: count,
  failed: count,
  censored: count,
  verdict,
  reason: z.string().optional(),
  test: claimTest.optional(),
  counted: z.array(countedTheta).optional(),
});
const claim = claimResult.extend({
  id: z.string(),
  protocol: z.int(),
  statement: z.string(),
  rule: z.string(),
  delta: z.number(),
  level: z.number(),
  arithmetic,
  settings: z.array(claimResult),
  parts: z.array(claimResult).optional(),
  controls: z.array(claimResult).optional(),
  sensitivity: z.array(z.strictObject({ label: z.string(), delta: z.number(), verdict })),
  falseSupport: z.strictObject({ rate: z.number(), draws: count, model: z.string() }).optional(),
  provisional: z.boolean(),
});

const channel = z.string().optional();
const mark = z.strictObject({
  mark: z.enum(MARKS),
  x: channel,
  y: channel,
  x2: channel,
  y2: channel,
  z: channel,
  fx: channel,
  fy: channel,
  stroke: channel,
  fill: channel,
  text: channel,
  title: channel,
  where: jsonObject.optional(),
  values: z.array(z.number()).optional(),
});
const scale = z.strictObject({
  label: z.string().optional(),
  type: z.enum(["linear", "log", "symlog", "ordinal"]).optional(),
  domain: z.array(z.union([z.number(), z.string()])).optional(),
  scheme: z.enum(["epoch", "layer", "arm", "verdict"]).optional(),
  apart: z.boolean().optional(),
});
const figure = z.strictObject({
  id: z.string(),
  title: z.string(),
  caption: z.string(),
  alt: z.string(),
  table: z.string(),
  where: jsonObject.optional(),
  view: z.enum(["information-plane"]).optional(),
  viewOptions: jsonObject.optional(),
  marks: z.array(mark).optional(),
  scales: z.record(z.string(), scale).optional(),
  controls: z.array(z.strictObject({ column: z.string(), kind: z.enum(["slider", "choice"]) })).optional(),
});

const file = z.strictObject({
  path: z.string().regex(/^[a-z0-9][a-z0-9_.-]*(\/[a-z0-9][a-z0-9_.-]*)*$/),
  sha256,
  bytes: count,
  table: z.string().optional(),
  title: z.string().optional(),
  rows: count.optional(),
  columns: z.array(column).optional(),
});
const plugin = z.strictObject({
  id: z.string(),
  from: z.string(),
  version: z.string(),
  integrity: z.string().nullable(),
  rights: jsonObject,
});
const problem = z.strictObject({
  arm: z.string(),
  dataset: z.string(),
  n: count,
  classes: count,
  trainRows: count,
  testRows: count,
  hxBits: z.number().nullable(),
  hyBits: z.number().nullable(),
  ixyBits: z.number().nullable(),
  bayesAccuracy: z.number().nullable(),
  layers: z.array(z.strictObject({
    name: z.string(),
    units: count,
    activation: z.string(),
    ixtBits: z.number().optional(),
    ityBits: z.number().optional(),
  })),
  parameters: count,
  origins: z.array(z.strictObject({ item: z.enum(["dataset", "architecture"]), source: z.string(), sha256 }))
    .optional(),
});

const bundleObject = z.strictObject({
  format: z.literal("infoplane.bundle"),
  version: z.literal(1),
  study,
  profile: profileName,
  plugins: z.array(plugin),
  arithmetic: jsonObject,
  problems: z.array(problem),
  counts: z.strictObject({
    trials: count,
    done: count,
    diverged: count,
    skipped: count,
    failed: count,
    estimates: count,
  }),
  files: z.array(file),
  claims: z.array(claim),
  figures: z.array(figure),
  thinned: z.strictObject({ of: sha256, perDecade: z.int().min(1) }).optional(),
});

const runObject = z.strictObject({
  format: z.literal("infoplane.run"),
  version: z.literal(1),
  digest: sha256,
  infoplane: z.string(),
  deno: z.string(),
  v8: z.string(),
  platform: z.string(),
  cores: count,
  jobs: count,
  date: z.string(),
  seconds: z.record(z.string(), z.number()),
  trained: count,
  reused: count,
});

const entryObject = z.strictObject({
  format: z.literal("infoplane.entry"),
  version: z.literal(1),
  kind: z.enum(["trial", "measure", "prepare", "map"]),
  key: sha256,
  extent: count,
  outcome: z.enum(["done", "diverged", "skipped"]),
  reason: z.string().optional(),
  inputs: jsonObject,
  blobs: z.array(z.strictObject({ name: z.string(), sha256, bytes: count })),
  info: jsonObject,
});

const ledgerObject = z.strictObject({
  format: z.literal("infoplane.ledger"),
  version: z.literal(1),
  bundles: z.array(z.strictObject({
    study: z.string(),
    title: z.string(),
    profile: profileName,
    seed: z.int(),
    digest: sha256,
  })),
  counts: z.strictObject({
    supported: count,
    contradicted: count,
    undecided: count,
    differing: count,
    untested: count,
    provisional: count,
  }),
  claims: z.array(z.strictObject({
    id: z.string(),
    statement: z.string(),
    listed: z.boolean(),
    apartFrom: z.string().optional(),
    verdicts: z.array(verdict),
    provisional: z.boolean(),
    tests: z.array(z.strictObject({ study: z.string(), profile: profileName, stands: z.boolean(), claim })),
  })),
  untestable: z.array(z.strictObject({ statement: z.string(), reason: z.string() })),
});

/** What is wrong with a value, and where. */
export interface FormatIssue {
  /** From the value to the part that does not fit. */
  readonly path: readonly PropertyKey[];
  /** What must hold there. */
  readonly message: string;
}

/** The schema of a format that we write. */
export interface FormatSchema {
  /** The first thing in a value that does not fit, if any. Members that the schema does not name do not fit. */
  issue(value: unknown): FormatIssue | undefined;
  /** The schema as JSON Schema, draft 2020-12. */
  json(): { readonly [key: string]: unknown };
}

/** Schema of `bundle.json`, version 1: see {@link Bundle}. */
export const bundleSchema: FormatSchema = formatOf(bundleObject);
/** Schema of `run.json`, version 1: see {@link RunRecord}. */
export const runSchema: FormatSchema = formatOf(runObject);
/** Schema of the manifest of a stored result, version 1: see {@link Entry}. */
export const entrySchema: FormatSchema = formatOf(entryObject);
/** Schema of `ledger.json`, version 1: see {@link Ledger}. */
export const ledgerSchema: FormatSchema = formatOf(ledgerObject);

function formatOf(schema: z.ZodType): FormatSchema {
  return {
    issue: (value) => schema.safeParse(value).error?.issues[0],
    json: () => z.toJSONSchema(schema, { target: "draft-2020-12" }),
  };
}

/** A type whose members are all there and readonly, optional ones marked: else one that lacks them would pass for it. */
type Frozen<T> = [Json] extends [T] ? Json
  : T extends string | number | boolean | null | undefined ? T
  : T extends readonly (infer Item)[] ? readonly Frozen<Item>[]
  : { readonly [K in keyof T]-?: object extends Pick<T, K> ? { readonly optional: Frozen<T[K]> } : Frozen<T[K]> };
/** True if each of two types can stand for the other; else it does not compile. */
type Agree<A, B> = [Frozen<A>] extends [Frozen<B>] ? [Frozen<B>] extends [Frozen<A>] ? true : "B is wider"
  : "A is wider";

/** Type test: schemas and contracts agree both ways. */
const _agreement: readonly [
  Agree<Bundle, z.infer<typeof bundleObject>>,
  Agree<RunRecord, z.infer<typeof runObject>>,
  Agree<Entry, z.infer<typeof entryObject>>,
  Agree<Ledger, z.infer<typeof ledgerObject>>,
] = [true, true, true, true];
