import type { Activation, Architecture, NetDescription } from "./architecture.ts";
import type { Context } from "./context.ts";
import type { LoadedDataset } from "./dataset.ts";

/** A layer whose activations were recorded. */
export interface RecordedLayerDescription {
  /** Names the layer in rows and on pages. */
  readonly name: string;
  /** Numbers it gives for an input, >= 1. */
  readonly units: number;
  /** What bounds its values. */
  readonly activation: Activation | "unknown";
  /** Bits of each value, if the layer is itself quantised. */
  readonly quantisedBits?: number;
  /** I(X;T) in bits, where the layer was drawn from a law of which it is known; for estimators to be held against. */
  readonly ixtBits?: number;
  /** I(T;Y) in bits, likewise. */
  readonly ityBits?: number;
}

/** A net of which only activations are known; its snapshots hold them in place of parameters. */
export interface RecordedNetDescription {
  /** A net that no engine runs. */
  readonly kind: "recorded";
  /** Rows that went through it: those of the dataset, in their order. */
  readonly rows: number;
  /** Layers 1…K, from the input up. */
  readonly layers: readonly RecordedLayerDescription[];
  /** True if chance enters between the inputs and the layers, so that T is no function of X. */
  readonly noisy?: boolean;
}

/** A net at one epoch, as another program left it. */
export interface RecordedSnapshot {
  /** Epochs trained; 0 before the first. */
  readonly epoch: number;
  /**
   * Layer by layer, one after the other: of a dense net the weights, row-major [in, out], then the biases; of a recorded net the
   * activations, row-major [rows, units]. One type for all snapshots.
   */
  readonly values: Float32Array | Float64Array;
  /** What the other program measured; used where the net's output does not say it. */
  readonly trainLossBits?: number;
  /** Mean cross-entropy on the test rows; see {@link RecordedSnapshot.trainLossBits}. */
  readonly testLossBits?: number;
  /** Fraction of training rows guessed right; see {@link RecordedSnapshot.trainLossBits}. */
  readonly trainAccuracy?: number;
  /** Fraction of test rows guessed right; see {@link RecordedSnapshot.trainLossBits}. */
  readonly testAccuracy?: number;
}

/** Runs that another program recorded. */
export interface Recording {
  /** Epochs of the snapshots of each run, ascending; run r stands where replicate r would be trained. */
  readonly runs: readonly (readonly number[])[];
  /** The net: of dense layers if their weights were recorded, else a recorded one. `rows` are those of the dataset. */
  net(inputShape: readonly number[], classes: number, rows: number): NetDescription | RecordedNetDescription;
  /**
   * A run at some of its epochs, in that order; `net` is what {@link Recording.net} gave, `dataset` the examples that go with the run.
   *
   * @throws {Problem} If they do not go with it.
   */
  snapshots(
    net: NetDescription | RecordedNetDescription,
    run: number,
    epochs: readonly number[],
    dataset: LoadedDataset,
  ): Promise<readonly RecordedSnapshot[]>;
}

/** A family of nets that were trained elsewhere: what was recorded stands where the core would train. */
export interface RecordedArchitecture<Options = unknown> extends Omit<Architecture<Options>, "build"> {
  /** What was recorded; `ctx.stream` is the replicate's, or that of no replicate while a study is planned. */
  replay(options: Options, ctx: Context): Recording | Promise<Recording>;
}

/**
 * Names a recorded architecture and keeps the type of its options.
 *
 * @example Activations of one tanh unit on two rows, before training and after five epochs
 * ```ts
 * import { defineRecordedArchitecture, type RecordedArchitecture } from "@infoplane/core";
 * import { z } from "zod";
 *
 * const sharpening: RecordedArchitecture = defineRecordedArchitecture({
 *   id: "acme/sharpening",
 *   title: "A unit that sharpens",
 *   description: "Two activations, drawn apart by training.",
 *   version: 1,
 *   options: z.strictObject({}),
 *   fingerprint: () => ({ sha256: "0".repeat(64), source: "written by hand" }),
 *   replay: () => ({
 *     runs: [[0, 5]],
 *     net: (_shape, _classes, rows) => ({
 *       kind: "recorded",
 *       rows,
 *       layers: [{ name: "unit", units: 1, activation: "tanh" }],
 *     }),
 *     snapshots: (_net, _run, epochs) =>
 *       Promise.resolve(epochs.map((epoch) => ({ epoch, values: Float32Array.of(-epoch / 6, epoch / 6) }))),
 *   }),
 * });
 * console.assert(sharpening.id === "acme/sharpening");
 * ```
 */
export function defineRecordedArchitecture<Options>(
  architecture: RecordedArchitecture<Options>,
): RecordedArchitecture<Options> {
  return architecture;
}
