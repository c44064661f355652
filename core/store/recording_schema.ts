import { z } from "zod";
import type { Activation } from "../contracts/architecture.ts";

/** A layer of a recording. */
export interface RecordedLayer {
  /** Names the layer on pages, and its tensors in files. */
  readonly name: string;
  /** Numbers it gives for an input, >= 1. */
  readonly units: number;
  /** What its units do with their weighted sums. */
  readonly activation: Activation | "unknown";
  /** Of leaky-relu below 0; 0.01 unless told. */
  readonly slope?: number;
  /** b: each activation takes the middles of 2^b equal cells of its range. */
  readonly quantisedBits?: number;
}

/** A run of a recording: replicate r is run r. */
export interface RecordedRun {
  /** Epochs of its snapshots, ascending. */
  readonly epochs: readonly number[];
  /**
   * Where its tensors are: `{epoch}` and, for .npy, `{tensor}` stand for what changes; without `{epoch}` every tensor has a leading
   * axis over epochs.
   */
  readonly files: string;
  /** Mean cross-entropy on the training rows in nats, by epoch; used where the net's output does not say it. */
  readonly trainLossNats?: readonly number[];
  /** On the test rows; see {@link RecordedRun.trainLossNats}. */
  readonly testLossNats?: readonly number[];
  /** Fraction of training rows guessed right; see {@link RecordedRun.trainLossNats}. */
  readonly trainAccuracy?: readonly number[];
  /** Fraction of test rows guessed right; see {@link RecordedRun.trainLossNats}. */
  readonly testAccuracy?: readonly number[];
}

/** `infoplane-run.json`: what another program says of the runs it recorded. Paths are below its folder. */
export interface RecordingManifest {
  /** Format and version. */
  readonly format: "infoplane.run-recording/1";
  /** Who made the files and how, a sentence for readers. */
  readonly source: string;
  /** Files of the data; absent if the study names the dataset, whose rows then come in its order. */
  readonly dataset?: {
    /** [n, …]: what the net saw, a row an example. */
    readonly inputs: string;
    /** [n]: integers from 0. */
    readonly labels: string;
    /** Number of labels; the largest one + 1 unless told. */
    readonly classes?: number;
    /** [n, classes]: exact p(y|x), if the rows enumerate all inputs. */
    readonly pyx?: string;
    /** [n]: exact p(x), with `pyx`; uniform unless told. */
    readonly px?: string;
    /** Numbers of the rows trained on; all that are not in `test` unless told. */
    readonly train?: string;
    /** Numbers of the rows tested on; none unless told. */
    readonly test?: string;
  };
  /** From the input up. */
  readonly layers: readonly RecordedLayer[];
  /** `weights`: `<layer>.weight` and `<layer>.bias` of dense layers; `activations`: `<layer>`, [n, units]. */
  readonly records: "weights" | "activations";
  /** Axes of weights: `out-in` is PyTorch's, `in-out` is Keras's. */
  readonly layout?: "in-out" | "out-in";
  /** Of weights or activations. */
  readonly precision: "float32" | "float64";
  /** Run r is replicate r. */
  readonly runs: readonly RecordedRun[];
  /** SHA-256 of every file named, by path. */
  readonly sha256: { readonly [file: string]: string };
}

const file = z.string().regex(
  /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\\]+$/,
  "must be a path below the manifest's folder, with /",
);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits");
const numbers = z.array(z.number()).optional();

const dataset = z.strictObject({
  inputs: file.describe("[n, …]: what the net saw, a row an example"),
  labels: file.describe("[n]: integers from 0"),
  classes: z.int().min(2).max(256).optional().describe("number of labels; the largest one + 1 unless told"),
  pyx: file.optional().describe("[n, classes]: exact p(y|x), if the rows enumerate all inputs"),
  px: file.optional().describe("[n]: exact p(x), with pyx; uniform unless told"),
  train: file.optional().describe("numbers of the rows trained on; all that are not in test unless told"),
  test: file.optional().describe("numbers of the rows tested on; none unless told"),
});

const layer = z.strictObject({
  name: z.string().min(1).describe("names the layer on pages, and its tensors in files"),
  units: z.int().min(1),
  activation: z.enum(["tanh", "relu", "leaky-relu", "sigmoid", "softplus", "linear", "softmax", "unknown"]),
  slope: z.number().gt(0).lt(1).optional().describe("of leaky-relu below 0; 0.01 unless told"),
  quantisedBits: z.int().min(1).max(16).optional().describe("each activation takes the middles of 2^bits equal cells"),
});

const run = z.strictObject({
  epochs: z.array(z.int().min(0)).min(1)
    .refine((epochs) => epochs.every((epoch, i) => i === 0 || epoch > epochs[i - 1]), "must ascend"),
  files: file.describe(
    "where the tensors are: {epoch} and, for .npy, {tensor} stand for what changes; without {epoch} tensors have a leading axis " +
      "over epochs",
  ),
  trainLossNats: numbers,
  testLossNats: numbers,
  trainAccuracy: numbers,
  testAccuracy: numbers,
});

/** The schema of `infoplane-run.json`; its JSON Schema is published as `schemas/run-recording.v1.json`. */
export const recordingSchema: z.ZodType<RecordingManifest> = z.strictObject({
  format: z.literal("infoplane.run-recording/1"),
  source: z.string().min(1).describe("who made the files and how, a sentence for readers"),
  dataset: dataset.optional().describe("absent if the study names the dataset, whose rows then come in its order"),
  layers: z.array(layer).min(1).describe("from the input up"),
  records: z.enum(["weights", "activations"])
    .describe("weights: <layer>.weight and <layer>.bias of dense layers; activations: <layer>, [n, units]"),
  layout: z.enum(["in-out", "out-in"]).optional().describe("axes of weights; out-in is PyTorch's, in-out is Keras's"),
  precision: z.enum(["float32", "float64"]).default("float32").describe("of weights or activations"),
  runs: z.array(run).min(1).describe("run r is replicate r"),
  sha256: z.record(file, sha256).describe("of every file named, by path"),
}).refine(({ records, layout }) => (records === "weights") === (layout !== undefined), {
  path: ["layout"],
  message: "must be told of weights, and of them alone",
});
