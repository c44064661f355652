import type { NetDescription } from "../contracts/architecture.ts";
import type { LoadedDataset } from "../contracts/dataset.ts";
import { EXIT, Problem } from "../contracts/problem.ts";

/**
 * Refuses a dataset whose parts do not fit together.
 *
 * @throws {Problem} Naming the dataset, what must hold and what came.
 */
export function checkDataset(dataset: LoadedDataset, id: string): void {
  const refuse = (need: string, came: string): never => {
    throw new Problem(`Cannot use dataset "${id}" as ${need}: ${came}`, EXIT.plugin);
  };
  const { inputs, labels, classes, splits, joint } = dataset;
  const n = inputs.shape[0];
  const size = inputs.shape.reduce((a, b) => a * b, 1);
  if (size !== inputs.data.length) refuse(`inputs must hold ${size} values`, `they hold ${inputs.data.length}`);
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
 * Refuses a net that no engine can build.
 *
 * @throws {Problem} Naming the architecture, what must hold and what came.
 */
export function checkNet(net: unknown, classes: number, id: string): NetDescription {
  const refuse = (need: string, came: string): never => {
    throw new Problem(`Cannot use architecture "${id}" as ${need}: ${came}`, EXIT.plugin);
  };
  const { kind, layers } = (net ?? {}) as Partial<NetDescription>;
  if (kind !== "layers" || !Array.isArray(layers)) {
    refuse(`build must give { kind: "layers", layers }`, `kind is ${kind}`);
  }
  const last = (net as NetDescription).layers.at(-1);
  const softmax = last?.activation === "softmax" && last.units === classes;
  const binary = last?.activation === "sigmoid" && last.units === 1 && classes === 2;
  if (!softmax && !binary) {
    const need = `the last layer must be softmax over ${classes} classes${
      classes === 2 ? ", or one sigmoid unit" : ""
    }`;
    refuse(need, `it is ${last?.activation} of ${last?.units}`);
  }
  return net as NetDescription;
}
