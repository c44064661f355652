import type { Net } from "../contracts/architecture.ts";
import type { DenseValues } from "../training/dense.ts";
import { measuredLayers, parameterTensors } from "../training/net.ts";
import type { Snapshot, Trajectory } from "../training/trajectory.ts";
import { readSafetensors, type Safetensor, type SafetensorsContent, writeSafetensors } from "./safetensors.ts";

/** Losses and accuracies of a trajectory, by snapshot. Losses in bits; null where none is known. */
export interface Metrics {
  /** Last epoch covered. */
  readonly lastEpoch: number;
  /** Weight updates in an epoch. */
  readonly updatesPerEpoch: number;
  /** Mean loss over the updates of the epoch that ends at the snapshot; null at epoch 0. */
  readonly onlineLossBits: readonly (number | null)[];
  /** On the training rows. */
  readonly trainLossBits: readonly (number | null)[];
  /** On the training rows. */
  readonly trainAccuracy: readonly (number | null)[];
  /** Expected under p(y|x) where it is known. */
  readonly testLossBits: readonly (number | null)[];
  /** Expected under p(y|x) where it is known. */
  readonly testAccuracy: readonly (number | null)[];
  /** With the sampled labels. */
  readonly testAccuracySampled: readonly (number | null)[];
}

/** The parameters of a net at an epoch, in the engine's layout. */
export interface StoredSnapshot {
  /** Epoch of the snapshot. */
  readonly epoch: number;
  /** The net's tensors one after the other. */
  readonly parameters: DenseValues;
}

const METRICS = [
  ["train_loss_bits", "trainLossBits"],
  ["train_accuracy", "trainAccuracy"],
  ["test_loss_bits", "testLossBits"],
  ["test_accuracy", "testAccuracy"],
  ["test_accuracy_sampled", "testAccuracySampled"],
] as const;

/**
 * A trajectory as safetensors, for any program that reads them: `epochs` [S], `layer.k.weights` [S, in, out] and
 * `layer.k.biases` [S, out] for layers k = 1…K of a dense net, `layer.k.activations` [S, n, units] of a recorded one, the tensors
 * of each named layer of any other, and a vector [S] for each loss and accuracy, NaN where none is known. `online_loss_bits` starts
 * at the second snapshot.
 */
export function encodeTrajectory(net: Net, trajectory: Trajectory): Uint8Array {
  return writeSafetensors(snapshotTensors(net, trajectory.snapshots), {
    format: "infoplane.trajectory/1",
    last_epoch: String(trajectory.lastEpoch),
    updates_per_epoch: String(trajectory.updatesPerEpoch),
    layers: String(net.kind === "layers" ? net.layers.length : measuredLayers(net).length),
  });
}

/** Snapshots as the tensors of {@link encodeTrajectory}. */
export function snapshotTensors(net: Net, snapshots: readonly Snapshot[]): [string, Safetensor][] {
  const count = snapshots.length;
  const tensors: [string, Safetensor][] = [
    ["epochs", { data: Int32Array.from(snapshots, ({ epoch }) => epoch), shape: [count] }],
    ["online_loss_bits", {
      data: Float64Array.from(snapshots.slice(1), ({ onlineLossBits }) => onlineLossBits ?? NaN),
      shape: [count - 1],
    }],
  ];
  for (const [name, property] of METRICS) {
    tensors.push([name, {
      data: Float64Array.from(snapshots, (snapshot) => snapshot[property] ?? NaN),
      shape: [count],
    }]);
  }
  let from = 0;
  const { BYTES_PER_ELEMENT } = snapshots[0].parameters;
  for (const { name, shape } of parameterTensors(net)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = BYTES_PER_ELEMENT === 8 ? new Float64Array(count * size) : new Float32Array(count * size);
    snapshots.forEach(({ parameters }, s) => data.set(parameters.subarray(from, from + size), s * size));
    from += size;
    tensors.push([name, { data, shape: [count, ...shape] }]);
  }
  return tensors;
}

/** The snapshots of an encoded trajectory of this net. */
export function decodeSnapshots(net: Net, bytes: Uint8Array): StoredSnapshot[] {
  return storedSnapshots(net, readSafetensors(bytes, "trajectory").tensors);
}

/** The snapshots that tensors of {@link snapshotTensors} hold. */
export function storedSnapshots(net: Net, tensors: SafetensorsContent["tensors"]): StoredSnapshot[] {
  const epochs = tensors.get("epochs")!.data;
  const pieces = parameterTensors(net).map(({ name }) => tensors.get(name)!.data as DenseValues);
  const count = epochs.length;
  const size = pieces.reduce((sum, piece) => sum + piece.length / count, 0);
  return Array.from(epochs, (epoch, s) => {
    const parameters = pieces[0] instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
    let at = 0;
    for (const piece of pieces) {
      const width = piece.length / count;
      parameters.set(piece.subarray(s * width, (s + 1) * width), at);
      at += width;
    }
    return { epoch, parameters };
  });
}

/** Losses and accuracies of an encoded trajectory at the first snapshots, those of `epochs`. */
export function decodeMetrics(bytes: Uint8Array, epochs: readonly number[]): Metrics {
  const { tensors, metadata } = readSafetensors(bytes, "trajectory");
  return {
    lastEpoch: Number(metadata.last_epoch),
    updatesPerEpoch: Number(metadata.updates_per_epoch),
    ...storedLosses(tensors, epochs.length),
  };
}

/** Losses and accuracies at the first `snapshots` snapshots of tensors of {@link snapshotTensors}. */
export function storedLosses(
  tensors: SafetensorsContent["tensors"],
  snapshots: number,
): Omit<Metrics, "lastEpoch" | "updatesPerEpoch"> {
  const first = (name: string, count: number) =>
    Array.from(tensors.get(name)!.data.slice(0, count), (value) => Number.isNaN(value) ? null : value);
  const vectors = Object.fromEntries(METRICS.map(([name, property]) => [property, first(name, snapshots)]));
  return { onlineLossBits: [null, ...first("online_loss_bits", snapshots - 1)], ...vectors } as unknown as Metrics;
}
