import type { Initialiser, NetDescription } from "../contracts/architecture.ts";
import type { Stream } from "../contracts/stream.ts";
import { truncatedNormal } from "../random/mod.ts";
import type { DenseValues } from "./dense.ts";

/**
 * Draws the parameters a net starts from, in the engine's layout: per layer the weights, row-major [in, out], then the biases.
 *
 * Layer k draws from the child stream k, so another width above leaves the layers below as they were.
 *
 * @param weights The replicate's stream `weights`.
 */
export function initialParameters(net: NetDescription, weights: Stream): DenseValues {
  const drawn: number[] = [];
  let fanIn = net.inputShape.reduce((a, b) => a * b, 1);
  net.layers.forEach((layer, index) => {
    const stream = weights.child(index + 1);
    for (let i = 0; i < fanIn * layer.units; i++) drawn.push(draw(layer.weights, stream));
    for (let i = 0; i < layer.units; i++) drawn.push(layer.bias);
    fanIn = layer.units;
  });
  return net.precision === "float64" ? Float64Array.from(drawn) : Float32Array.from(drawn);
}

function draw(initialiser: Initialiser, stream: Stream): number {
  switch (initialiser.distribution) {
    case "truncated-normal":
      return truncatedNormal(initialiser.sigma, stream);
    case "normal":
      return initialiser.sigma * stream.normal();
    case "uniform":
      return initialiser.limit * (2 * stream.uniform() - 1);
  }
}
