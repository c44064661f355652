import type { NetDescription } from "../contracts/architecture.ts";

/**
 * A net of ReLU layers under one of softmax or linear units, weights truncated normal with σ² = 2 / fan-in (He et al. 2015), biases 0.
 * A softmax starts from weights 0, so that it holds all classes equally likely.
 *
 * @param inputs Numbers in a row.
 * @param widths Units of the hidden layers, from the input up.
 * @param outputs Units of the last layer.
 */
export function reluNet(
  inputs: number,
  widths: readonly number[],
  outputs: number,
  output: "softmax" | "linear",
): NetDescription {
  const units = [...widths, outputs];
  return {
    kind: "layers",
    inputShape: [inputs],
    layers: units.map((size, k) => ({
      kind: "dense",
      name: k < widths.length ? `hidden ${k + 1}` : "output",
      units: size,
      activation: k < widths.length ? "relu" : output,
      weights: {
        distribution: "truncated-normal",
        sigma: k === widths.length && output === "softmax" ? 0 : Math.sqrt(2 / (k === 0 ? inputs : units[k - 1])),
      },
      bias: 0,
    })),
  };
}
