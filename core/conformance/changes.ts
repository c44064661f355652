/**
 * Samples changed in ways that some estimators do not see.
 *
 * @module
 */
import type { Invariance, Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Tensor } from "../contracts/tensor.ts";
import { shuffle } from "../random/mod.ts";

/** The sample with rows, units or labels in another order, or each unit halved by chance a few times. */
export function changed(sample: Sample, invariance: Invariance, stream: Stream): Sample {
  const { meta: { n, units, classes }, activations, labels, joint, inputs } = sample;
  const order = (size: number) => shuffle(Array.from({ length: size }, (_, i) => i), stream) as number[];
  switch (invariance) {
    case "row-order": {
      const from = order(n);
      return {
        ...sample,
        activations: mapIndices(activations, units, (row, unit) => from[row] * units + unit),
        labels: labels.map((_, row) => labels[from[row]]),
        joint: joint && {
          px: joint.px.map((_, row) => joint.px[from[row]]),
          pyx: joint.pyx.map((_, i) => joint.pyx[from[Math.floor(i / classes)] * classes + i % classes]),
        },
        inputs: inputs &&
          mapIndices(inputs, inputs.data.length / n, (row, j) => from[row] * inputs.data.length / n + j),
      };
    }
    case "unit-order": {
      const from = order(units);
      return { ...sample, activations: mapIndices(activations, units, (row, unit) => row * units + from[unit]) };
    }
    case "unit-scale": {
      const factors = order(units).map((halvings) => 1 / (2 << halvings));
      const data = activations.data.slice();
      data.forEach((value, i) => data[i] = value * factors[i % units]);
      return { ...sample, activations: { ...activations, data } };
    }
    case "relabelling": {
      const to = order(classes);
      return {
        ...sample,
        labels: labels.map((label) => to[label]),
        joint: joint && {
          px: joint.px.slice(),
          pyx: joint.pyx.map((_, i, all) => all[i - i % classes + to.indexOf(i % classes)]),
        },
      };
    }
  }
}

function mapIndices(tensor: Tensor, width: number, from: (row: number, column: number) => number): Tensor {
  const data = tensor.data.slice();
  for (let i = 0; i < data.length; i++) data[i] = tensor.data[from(Math.floor(i / width), i % width)];
  return { ...tensor, data };
}
