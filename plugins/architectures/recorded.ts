import {
  defineRecordedArchitecture,
  type DenseLayerDescription,
  type NetDescription,
  type RecordedArchitecture,
  type RecordedNetDescription,
  type RecordedSnapshot,
  type Recording,
} from "@infoplane/core";
import { openRecording, Problem, type RunRecording } from "@infoplane/core/files";
import { z } from "zod";

const options = z.strictObject({
  path: z.string().min(1).describe("folder with infoplane-run.json: absolute, or in a data folder (--data DIR)"),
});

type Options = z.infer<typeof options>;

const BITS_PER_NAT = 1.4426950408889634;

/** Nets that another program trained: weights of dense layers, or activations, recorded at epochs of its choice. */
export const recorded: RecordedArchitecture<Options> = defineRecordedArchitecture({
  id: "recorded",
  title: "Recorded net",
  description:
    "Nets that another program trained: weights of dense layers, or activations, recorded at epochs of its choice.",
  version: 1,
  options,
  async fingerprint({ path }, ctx) {
    const { sha256, manifest: { source } } = await openRecording(path, ctx);
    return { sha256, source };
  },
  async replay({ path }, ctx) {
    return recordingOf(await openRecording(path, ctx), path);
  },
});

function recordingOf(recording: RunRecording, path: string): Recording {
  const { records, layers, runs } = recording.manifest;
  return {
    runs: runs.map(({ epochs }) => epochs),
    net(inputShape, classes, rows) {
      if (records === "weights") return denseNet(recording, path, inputShape, classes);
      return { kind: "recorded", rows, layers: layers.map(({ slope: _, ...layer }) => layer) };
    },
    async snapshots(net, run, epochs) {
      const snapshots: RecordedSnapshot[] = [];
      for (const epoch of epochs) {
        const values = net.kind === "layers"
          ? await weightsOf(recording, net, run, epoch)
          : await activationsOf(recording, net, run, epoch);
        snapshots.push({ epoch, values, ...metricsOf(recording, run, epoch) });
      }
      return snapshots;
    },
  };
}

function denseNet(
  { manifest: { layers, precision } }: RunRecording,
  path: string,
  inputShape: readonly number[],
  classes: number,
): NetDescription {
  const last = layers[layers.length - 1];
  const softmax = last.activation === "softmax" && last.units === classes;
  if (!softmax && !(last.activation === "sigmoid" && last.units === 1 && classes === 2)) {
    throw new Problem(
      `Cannot replay weights of "${path}" as its last layer must be softmax over ${classes} classes (also where the loss applies ` +
        `it) or one sigmoid unit for two: it is ${last.activation} of ${last.units}`,
    );
  }
  const dense = layers.map(({ name, units, activation, slope, quantisedBits }): DenseLayerDescription => {
    if (activation === "unknown") {
      throw new Problem(
        `Cannot replay weights of "${path}" as the activation of layer "${name}" must be known: it is "unknown"; record ` +
          "activations instead",
      );
    }
    return {
      ...{ kind: "dense", name, units, activation },
      ...(slope === undefined ? {} : { slope }),
      ...(quantisedBits === undefined ? {} : { quantisedBits }),
      // Never drawn: the first snapshot is recorded like the others.
      ...{ weights: { distribution: "normal", sigma: 0 }, bias: 0 },
    };
  });
  return { kind: "layers", inputShape, layers: dense, ...(precision === "float64" ? { precision } : {}) };
}

/** Parameters in the order of a dense net: of each layer the weights [in, out], then the biases. */
async function weightsOf(recording: RunRecording, net: NetDescription, run: number, epoch: number) {
  const { layers, layout } = recording.manifest;
  const parts: (Float32Array | Float64Array)[] = [];
  let inputs = net.inputShape.reduce((a, b) => a * b, 1);
  for (const { name, units } of layers) {
    const shape = layout === "in-out" ? [inputs, units] : [units, inputs];
    const weights = await recording.tensor(run, epoch, `${name}.weight`, shape);
    parts.push(layout === "in-out" ? weights : transposed(weights, units, inputs));
    parts.push(await recording.tensor(run, epoch, `${name}.bias`, [units]));
    inputs = units;
  }
  return joined(parts);
}

async function activationsOf(recording: RunRecording, net: RecordedNetDescription, run: number, epoch: number) {
  const parts: (Float32Array | Float64Array)[] = [];
  for (const { name, units } of net.layers) parts.push(await recording.tensor(run, epoch, name, [net.rows, units]));
  return joined(parts);
}

function transposed(values: Float32Array | Float64Array, rows: number, columns: number): Float32Array | Float64Array {
  const turned = values.slice();
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j];
  }
  return turned;
}

function joined(parts: readonly (Float32Array | Float64Array)[]): Float32Array | Float64Array {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const all = parts[0] instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function metricsOf(
  { manifest: { runs } }: RunRecording,
  run: number,
  epoch: number,
): Omit<RecordedSnapshot, "epoch" | "values"> {
  const { epochs, trainLossNats, testLossNats, trainAccuracy, testAccuracy } = runs[run];
  const i = epochs.indexOf(epoch);
  return {
    trainLossBits: trainLossNats && trainLossNats[i] * BITS_PER_NAT,
    testLossBits: testLossNats && testLossNats[i] * BITS_PER_NAT,
    trainAccuracy: trainAccuracy?.[i],
    testAccuracy: testAccuracy?.[i],
  };
}
