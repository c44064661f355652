import type { Initialiser } from "../../contracts/architecture.ts";
import type { DeepNetDescription } from "../../contracts/deep_net.ts";
import type { Stream } from "../../contracts/stream.ts";
import { truncatedNormal } from "../../random/mod.ts";
import { layerShapes, pairOf } from "./layer_shapes.ts";

/**
 * Draws the parameters a deep net starts from, in the engine's layout: layer after layer, weights row-major ([in, out], or
 * [height, width, in, out] for a convolution), then biases; for batch-norm γ = 1, β = 0, moving mean 0 and moving variance 1.
 *
 * Layer k of all layers, from 1, draws from the child stream k. A net of dense layers starts from the same numbers as it does
 * from `initialParameters()` for the dense engine.
 *
 * @param weights The replicate's stream `weights`.
 * @throws {RangeError} If the net cannot be.
 */
export function initialDeepParameters(net: DeepNetDescription, weights: Stream): Float32Array {
  const shapes = layerShapes(net);
  const drawn: number[] = [];
  let input = net.inputShape;
  net.layers.forEach((layer, i) => {
    const output = shapes.get(layer.name)!;
    const units = output[output.length - 1];
    const repeat = (value: number) => {
      for (let u = 0; u < units; u++) drawn.push(value);
    };
    if (layer.kind === "conv2d" || layer.kind === "dense") {
      const [height, width] = layer.kind === "conv2d" ? pairOf(layer.kernelSize) : [1, 1];
      const count = height * width * input[input.length - 1] * units;
      const stream = weights.child(i + 1);
      for (let j = 0; j < count; j++) drawn.push(draw(layer.weights, stream));
      repeat(layer.bias);
    }
    if (layer.kind === "batchNorm") [1, 0, 0, 1].forEach(repeat);
    input = output;
  });
  return Float32Array.from(drawn);
}

/** One weight. */
export function draw(initialiser: Initialiser, stream: Stream): number {
  switch (initialiser.distribution) {
    case "truncated-normal":
      return truncatedNormal(initialiser.sigma, stream);
    case "normal":
      return initialiser.sigma * stream.normal();
    case "uniform":
      return initialiser.limit * (2 * stream.uniform() - 1);
  }
}
