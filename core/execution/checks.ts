import type { Net } from "../contracts/architecture.ts";
import type { MapRow } from "../contracts/analysis.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import { whyNoEstimate } from "../measuring/answers.ts";
import { type MeasuredLayer, measuredLayers } from "../training/net.ts";
import { layerShapes } from "../training/layer_shapes.ts";
import type { MeasuredEstimates } from "./messages.ts";

/**
 * Refuses a dataset whose parts do not fit together.
 *
 * @param withoutInputs True of one sent without the data of its inputs, of which the shape alone is then known.
 * @throws {Problem} Naming the dataset, what must hold and what came.
 */
export function checkDataset(dataset: LoadedDataset, id: string, withoutInputs = false): void {
  const refuse = (need: string, came: string): never => {
    throw new Problem(`Cannot use dataset "${id}" as ${need}: ${came}`, EXIT.plugin);
  };
  const { inputs, labels, classes, splits, joint } = dataset;
  const n = inputs.shape[0];
  const size = inputs.shape.reduce((a, b) => a * b, 1);
  if (!withoutInputs && size !== inputs.data.length) {
    refuse(`inputs must hold ${size} values`, `they hold ${inputs.data.length}`);
  }
  if (labels.length !== n) refuse(`it needs a label for each of ${n} rows`, `there are ${labels.length}`);
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) refuse(`labels must be below ${classes}`, `labels[${wrong}] is ${labels[wrong]}`);
  const seen = new Uint8Array(n);
  for (const [name, rows] of Object.entries(splits)) {
    for (const row of rows) {
      if (row >= n) refuse(`rows of split "${name}" must be below ${n}`, `one is ${row}`);
      if (seen[row]++) refuse("a row may be in one split, once", `row ${row} is in "${name}" again`);
    }
  }
  const { ixyBits } = dataset;
  if (ixyBits !== undefined && !(ixyBits >= 0 && ixyBits < Infinity)) {
    refuse("I(X;Y) must be finite and >= 0", `it is ${ixyBits}`);
  }
  if (joint === undefined) return;
  if (joint.px.length !== n) refuse(`p(x) needs ${n} values`, `it has ${joint.px.length}`);
  if (joint.pyx.length !== n * classes) refuse(`p(y|x) needs ${n * classes} values`, `it has ${joint.pyx.length}`);
  const total = joint.px.reduce((a, b) => a + b, 0);
  if (!(Math.abs(total - 1) < 1e-9)) refuse("p(x) must sum to 1", `it sums to ${total}`);
}

/**
 * Builds a net and refuses one that no engine can train.
 *
 * @param build What the architecture does for these inputs and classes.
 * @throws {Problem} Naming the architecture, what must hold and what came.
 */
export async function checkNet(
  build: () => unknown,
  inputShape: readonly number[],
  classes: number,
  id: string,
): Promise<Net> {
  const refuse = (why: string): never => {
    throw new Problem(`Cannot use architecture "${id}" as ${why}`, EXIT.plugin);
  };
  let net: Net;
  let layers: readonly MeasuredLayer[];
  try {
    net = build() as Net;
    switch (net?.kind) {
      case "layers":
        break;
      case "recorded":
        return net;
      case "deep":
        layerShapes(net);
        break;
      case "model": {
        const { checkModelNet } = await import("../training/tfjs/model_net.ts");
        await checkModelNet(net);
        break;
      }
      default:
        refuse(
          `build must give a net of kind layers, deep or model: kind is ${(net as Partial<Net> | undefined)?.kind}`,
        );
    }
    layers = measuredLayers(net);
  } catch (error) {
    if (error instanceof Problem) throw error;
    return refuse(`it cannot be built: ${(error as Error).message}`);
  }
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  if (size(net.inputShape) !== size(inputShape)) {
    const came = `it takes [${net.inputShape.join(", ")}]`;
    refuse(`it must take the dataset's inputs, [${inputShape.join(", ")}]: ${came}`);
  }
  const { activation, units } = layers.at(-1) ?? { activation: "none", units: 0 };
  const softmax = activation === "softmax" && units === classes;
  const binary = activation === "sigmoid" && units === 1 && classes === 2;
  if (!softmax && !binary) {
    const other = classes === 2 ? ", or one sigmoid unit" : "";
    refuse(`the last layer must be softmax over ${classes} classes${other}: it is ${activation} of ${units}`);
  }
  return net;
}

/**
 * Estimates as a slot sent them. The plugin shares its process with our code there, so that what was checked before it was sent may have
 * been forged.
 *
 * @param shape Settings, snapshots and layers there must be.
 * @throws {Problem} Naming the estimator, what must hold and what came.
 */
export function readEstimates(
  answer: unknown,
  shape: readonly [number, number, number],
  id: string,
): MeasuredEstimates {
  const refuse = (why: string): never => {
    throw new Problem(`Cannot take the answer of estimator "${id}" as ${why}`, EXIT.incomplete);
  };
  const listed = (value: unknown, length: number, of: string): readonly unknown[] => {
    if (Array.isArray(value) && value.length === length) return value;
    return refuse(
      `it must hold ${length} ${of}: ${Array.isArray(value) ? `there are ${value.length}` : "it is no list"}`,
    );
  };
  for (const setting of listed(answer, shape[0], "settings")) {
    for (const snapshot of listed(setting, shape[1], "snapshots")) {
      for (const estimate of listed(snapshot, shape[2], "layers")) {
        const why = whyNoEstimate(estimate);
        if (why !== undefined) refuse(`it ${why}`);
      }
    }
  }
  return answer as MeasuredEstimates;
}

/**
 * What `map` found, as a slot sent it.
 *
 * @throws {Problem} Naming the analysis and the row that is none.
 */
export function readMapRows(answer: unknown, id: string): readonly MapRow[] {
  const refuse = (why: string): never => {
    throw new Problem(`Cannot take the answer of analysis "${id}" as ${why}`, EXIT.incomplete);
  };
  if (!Array.isArray(answer)) return refuse(`map must give a list of rows: it is ${typeof answer}`);
  answer.forEach((row: Partial<MapRow> | null, i) => {
    const { epoch, layer, row: example, quantity, unit, value, reason } = row ?? {};
    const fits = Number.isInteger(epoch) && (layer === null || Number.isInteger(layer)) &&
      (example === undefined || (Number.isInteger(example) && example >= 0)) &&
      typeof quantity === "string" &&
      typeof unit === "string" && (value === null || Number.isFinite(value)) &&
      (reason === undefined || typeof reason === "string");
    if (!fits) refuse(`a row must have epoch, layer, quantity, unit and value: row ${i} is ${JSON.stringify(row)}`);
  });
  return answer;
}
