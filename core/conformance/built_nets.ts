/**
 * Nets that an architecture builds for some inputs, with a few rows to run through them.
 *
 * @module
 */
import type { Architecture, Net } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import type { RecordedArchitecture, RecordedNetDescription } from "../contracts/recorded.ts";
import { checkNet } from "../execution/checks.ts";
import { loadKernels } from "../kernels/mod.ts";
import { root } from "../random/mod.ts";
import { isByKernels } from "../training/arithmetic.ts";
import { createConvolutionEngine } from "../training/convolution.ts";
import { createDenseEngine, type DenseValues } from "../training/dense.ts";
import { denseNet } from "../training/dense_training.ts";
import { initialDeepParameters } from "../training/initial_deep_parameters.ts";
import { initialParameters } from "../training/initial_weights.ts";
import type { Subject } from "./check.ts";

/** Inputs and classes that an architecture is asked to build for. */
export interface Asked {
  /** Shape of an input. */
  readonly inputShape: readonly number[];
  /** Number of labels. */
  readonly classes: number;
}

/** Vectors and a small image; an architecture need not take them all. */
const SMALL: readonly Asked[] = [
  { inputShape: [12], classes: 2 },
  { inputShape: [5], classes: 3 },
  { inputShape: [8, 6, 1], classes: 4 },
];

/** For those that take none of the others, as their windows are too large. */
const LARGE: readonly Asked[] = [{ inputShape: [28, 28, 1], classes: 10 }, { inputShape: [32, 32, 3], classes: 10 }];

/** Nothing moves: an update is made for its loss. */
export const STILL = { id: "sgd", rate: 0 } as const;

/** Rows that go through a net. */
export const ROWS = 6;

/** A net that is trained here. */
export type TrainedNet = Exclude<Net, RecordedNetDescription>;

/** A net with what it was built for. */
export interface Built {
  readonly problem: Asked;
  readonly net: Net;
}

/**
 * The nets of an architecture: for those of the small inputs that it takes, or for the first of the large ones.
 *
 * @param problems What it is asked to build for.
 * @throws {RangeError} If it takes none of them, with why not.
 * @throws {Problem | RangeError} If it gives what cannot be used.
 */
export async function builtNets(
  subject: Subject<Architecture | RecordedArchitecture>,
  problems: readonly Asked[] = [...SMALL, ...LARGE],
): Promise<Built[]> {
  const { item, options, ctx } = subject;
  const nets: Built[] = [];
  let why = "";
  const recording = "build" in item
    ? undefined
    : await item.replay(options, { ...ctx, stream: root(0).child("conformance", "recording") });
  for (const problem of problems) {
    if (nets.length > 0 && LARGE.includes(problem)) break;
    const { inputShape, classes } = problem;
    let net: Net;
    try {
      net = "build" in item
        ? item.build(Object.freeze([...inputShape]), classes, options)
        : recording!.net(inputShape, classes, ROWS);
    } catch (error) {
      why ||= `for [${inputShape.join(", ")}] and ${classes} classes it says: ${(error as Error).message}`;
      continue;
    }
    if ("inputShape" in net && sizeOf(net.inputShape) !== sizeOf(inputShape)) {
      why ||= `for [${inputShape.join(", ")}] it gives a net of [${net.inputShape.join(", ")}]`;
      continue;
    }
    await checkNet(() => net, inputShape, classes, item.id);
    // Layers that do not fit each other are refused where the engine is made.
    if (net.kind === "layers") {
      createDenseEngine(await loadKernels(), denseNet(net), { optimiser: STILL, maxBatch: ROWS });
    }
    if (isByKernels(net)) {
      createConvolutionEngine(await loadKernels(), net, someRows(problem), { optimiser: STILL, maxBatch: ROWS });
    }
    nets.push({ problem, net });
    await ctx.progress(0);
  }
  if (nets.length === 0) throw new RangeError(`it must take some inputs: ${why}`);
  return nets;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Rows of normal numbers with labels in turn. */
export function someRows({ inputShape, classes }: Asked): LoadedDataset {
  const stream = root(0).child("conformance", "rows");
  const size = sizeOf(inputShape);
  const rows = Uint32Array.from({ length: ROWS }, (_, row) => row);
  return {
    inputs: { data: Float32Array.from({ length: ROWS * size }, () => stream.normal()), shape: [ROWS, ...inputShape] },
    labels: Uint8Array.from(rows, (row) => row % classes),
    classes,
    splits: { train: rows, test: new Uint32Array(0) },
  };
}

/** What a net starts from in a replicate. */
export function startOf(net: TrainedNet, replicate = 0): DenseValues {
  const weights = root(0).child("conformance", "replicate", replicate, "weights");
  if (net.kind === "layers") return initialParameters(net, weights);
  return initialDeepParameters(net, weights);
}
