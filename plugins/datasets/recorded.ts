import {
  type Context,
  type Dataset,
  defineDataset,
  type Joint,
  type LoadedDataset,
  type Tensor,
} from "@infoplane/core";
import { type FileArray, openRecording, Problem, type RunRecording } from "@infoplane/core/files";
import { z } from "zod";

const options = z.strictObject({
  path: z.string().min(1).describe("folder with infoplane-run.json: absolute, or in a data folder (--data DIR)"),
});

type Options = z.infer<typeof options>;

/** Inputs, labels and splits from files, the same for every replicate; with p(y|x) where the rows enumerate all inputs. */
export const recordedData: Dataset<Options> = defineDataset({
  id: "recorded",
  title: "Recorded data",
  description: "Inputs, labels and splits that another program wrote beside the runs it recorded.",
  version: 1,
  arithmetic: "portable",
  options,
  async fingerprint({ path }, ctx) {
    const { sha256, manifest: { source } } = await openRecording(path, ctx);
    return { sha256, source };
  },
  load,
});

async function load({ path }: Options, ctx: Context): Promise<LoadedDataset> {
  const recording = await openRecording(path, ctx);
  const { dataset } = recording.manifest;
  if (dataset === undefined) {
    throw new Problem(`Cannot load data of "${path}" as its manifest must name them under "dataset": it does not`);
  }
  const inputs = tensorOf(await recording.array(dataset.inputs), dataset.inputs);
  const n = inputs.shape[0];
  const labels = Uint8Array.from(await integers(recording, dataset.labels, "labels", 256, n));
  const largest = labels.reduce((most, label) => Math.max(most, label), 1);
  const { classes = largest + 1 } = dataset;
  if (classes <= largest) {
    throw new Problem(`Cannot load data of "${path}" as labels must be below ${classes}: the largest is ${largest}`);
  }
  const rows = async (file: string | undefined, split: string) =>
    Uint32Array.from(file === undefined ? [] : await integers(recording, file, `${split} rows`, n)).sort();
  const test = await rows(dataset.test, "test");
  const held = new Set(test);
  const train = dataset.train === undefined
    ? Uint32Array.from({ length: n }, (_, row) => row).filter((row) => !held.has(row))
    : await rows(dataset.train, "train");
  const joint = await jointOf(recording, n, classes);
  return { inputs, labels, classes, splits: { train, test }, ...(joint === undefined ? {} : { joint }) };
}

function tensorOf({ data, shape }: FileArray, file: string): Tensor {
  if (shape.length < 2 || data.length === 0) {
    throw new Problem(
      `Cannot read ${file} as inputs must be [n, …], a row an example: the shape is [${shape.join(", ")}]`,
    );
  }
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    const row = Math.floor(odd * shape[0] / data.length);
    throw new Problem(`Cannot read ${file} as inputs must be finite: a number of row ${row} is ${data[odd]}`);
  }
  const kept = data instanceof Uint8Array || data instanceof Float32Array || data instanceof Float64Array;
  return { data: kept ? data : Float64Array.from(data), shape };
}

/** Integers from 0 to below `end`, `count` of them if told. */
async function integers(
  recording: RunRecording,
  file: string,
  what: string,
  end: number,
  count?: number,
): Promise<readonly number[]> {
  const { data, shape } = await recording.array(file);
  if (shape.filter((extent) => extent !== 1).length > 1 || (count !== undefined && data.length !== count)) {
    const need = count === undefined ? "a list" : `a list of ${count}, one a row`;
    throw new Problem(`Cannot read ${file} as ${what} must be ${need}: the shape is [${shape.join(", ")}]`);
  }
  return Array.from(data, (value, i) => {
    if (Number.isInteger(value) && value >= 0 && value < end) return value;
    throw new Problem(`Cannot read ${file} as ${what} must be integers from 0 to ${end - 1}: [${i}] is ${value}`);
  });
}

async function jointOf(recording: RunRecording, n: number, classes: number): Promise<Joint | undefined> {
  const { pyx: file, px: weights } = recording.manifest.dataset!;
  if (file === undefined) return undefined;
  const { data, shape } = await recording.array(file);
  if (shape.length !== 2 || shape[0] !== n || shape[1] !== classes) {
    throw new Problem(`Cannot read ${file} as p(y|x) must be [${n}, ${classes}]: it is [${shape.join(", ")}]`);
  }
  const pyx = Float64Array.from(data);
  for (let row = 0; row < n; row++) {
    const p = pyx.subarray(row * classes, (row + 1) * classes);
    const sum = p.reduce((a, b) => a + b, 0);
    if (!(Math.abs(sum - 1) < 1e-6) || p.some((value) => !(value >= 0))) {
      throw new Problem(`Cannot read ${file} as p(y|x) must sum to 1: row ${row} is [${p.join(", ")}]`);
    }
  }
  if (weights === undefined) return { px: new Float64Array(n).fill(1 / n), pyx };
  const px = Float64Array.from((await recording.array(weights)).data);
  const total = px.reduce((a, b) => a + b, 0);
  if (px.length !== n || !(Math.abs(total - 1) < 1e-9) || px.some((value) => !(value >= 0))) {
    throw new Problem(
      `Cannot read ${weights} as p(x) must be ${n} numbers that sum to 1: ${px.length} sum to ${total}`,
    );
  }
  return { px, pyx };
}
