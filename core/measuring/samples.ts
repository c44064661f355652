import type { Activation, Net } from "../contracts/architecture.ts";
import type { Joint, LoadedDataset } from "../contracts/dataset.ts";
import type { Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Tensor } from "../contracts/tensor.ts";
import { shuffle } from "../random/mod.ts";
import type { DenseValues } from "../training/dense.ts";
import { measuredLayers } from "../training/net.ts";

/** The rows measured: every row, or one of the splits. */
export type Probe = "all" | "train" | "test";

/** The values an activation function can give, closed; undefined where they have no end. */
export function rangeOf(activation: Activation): readonly [number, number] | undefined {
  switch (activation) {
    case "tanh":
      return [-1, 1];
    case "sigmoid":
    case "softmax":
      return [0, 1];
    default:
      return undefined;
  }
}

/** What of a dataset is measured: its rows, their labels, and their exact weights where they are known. */
export interface ProbeSet {
  /** Row numbers, ascending; undefined means all. */
  readonly rows?: Uint32Array;
  readonly n: number;
  readonly labels: Uint8Array;
  readonly joint?: Joint;
  readonly inputs: Tensor;
  /** True if the rows are the whole population with its exact probabilities. */
  readonly enumerated: boolean;
}

/**
 * Chooses the rows to measure: all, those of a split, or with `probes` so many of them, drawn from the stream. On a split p(y|x) still weighs each row exactly, but p(x) is then the split's uniform weight
 * and the rows are a sample, no enumerated population.
 */
export function probeSet(dataset: LoadedDataset, on: Probe, probes?: number, stream?: Stream): ProbeSet {
  const { inputs, labels, joint, classes, splits } = dataset;
  const all = on === "all" ? Uint32Array.from(labels.keys()) : Uint32Array.from(splits[on]).sort();
  const fewer = probes !== undefined && stream !== undefined && probes < all.length;
  if (on === "all" && !fewer) return { n: labels.length, labels, joint, inputs, enumerated: joint !== undefined };
  const rows = fewer ? shuffle(all, stream).slice(0, probes).sort() : all;
  const n = rows.length;
  return {
    rows,
    n,
    labels: Uint8Array.from(rows, (row) => labels[row]),
    joint: joint && {
      px: new Float64Array(n).fill(1 / n),
      pyx: gather(joint.pyx, rows, classes),
    },
    inputs: {
      ...inputs,
      data: gather(inputs.data, rows, inputs.data.length / labels.length),
      shape: [n, ...inputs.shape.slice(1)],
    },
    enumerated: false,
  };
}

/**
 * The samples of layers 1…K at one snapshot.
 *
 * @param activations Of all rows of the dataset, per layer, row-major [n, units].
 */
export function samplesOf(
  net: Net,
  activations: readonly DenseValues[],
  probe: ProbeSet,
  classes: number,
): Sample[] {
  return measuredLayers(net).map(({ units, activation, quantisedBits, noise }, index) => ({
    layer: index + 1,
    meta: {
      n: probe.n,
      units,
      activation,
      range: activation === "unknown" ? undefined : rangeOf(activation),
      exactJoint: probe.enumerated,
      classes,
      deterministic: noise === undefined && (net.kind !== "recorded" || net.noisy !== true),
      ...(quantisedBits === undefined ? {} : { quantisedBits }),
      ...(noise === undefined ? {} : { noise }),
    },
    activations: {
      data: probe.rows ? gather(activations[index], probe.rows, units) : activations[index],
      shape: [probe.n, units],
    },
    labels: probe.labels,
    joint: probe.joint,
    inputs: probe.inputs,
  }));
}

/** The sample of some of its rows, which weigh the same; without centres. */
export function sampleAt(given: Sample, rows: Uint32Array): Sample {
  const { centres: _, ...sample } = given;
  const { meta, activations, labels, joint, inputs } = sample;
  const n = rows.length;
  const tensorAt = (tensor: Tensor): Tensor => ({
    ...tensor,
    data: gather(tensor.data, rows, tensor.data.length / meta.n),
    shape: [n, ...tensor.shape.slice(1)],
  });
  return {
    ...sample,
    meta: { ...meta, n },
    activations: tensorAt(activations),
    labels: gather(labels, rows, 1),
    joint: joint && { px: new Float64Array(n).fill(1 / n), pyx: gather(joint.pyx, rows, meta.classes) },
    inputs: inputs && tensorAt(inputs),
  };
}

/** The rows listed, of `width` values each. */
export function gather<Values extends Tensor["data"]>(values: Values, rows: Uint32Array, width: number): Values {
  const taken = values.slice(0, rows.length * width) as Values;
  rows.forEach((row, i) => taken.set(values.subarray(row * width, (row + 1) * width), i * width));
  return taken;
}
