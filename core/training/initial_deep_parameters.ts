import type { Initialiser } from "../contracts/architecture.ts";
import type { DeepNetDescription } from "../contracts/deep_net.ts";
import type { ModelNetDescription, ParameterInitialiser } from "../contracts/model_net.ts";
import type { Stream } from "../contracts/stream.ts";
import { truncatedNormal } from "../random/mod.ts";
import { parameterTensors } from "./net.ts";

/**
 * Draws the parameters a net starts from, in the engine's layout: the tensors of {@link parameterTensors}, one after the other.
 *
 * Layer k of all layers of a list, from 1, draws from the child stream k; a net of dense layers starts from the same numbers as it does
 * from `initialParameters()` for the dense engine. A tensor of a model draws from the child stream of its layer's name and its own.
 *
 * @param weights The replicate's stream `weights`.
 * @throws {RangeError} If the net cannot be.
 */
export function initialDeepParameters(net: DeepNetDescription | ModelNetDescription, weights: Stream): Float32Array {
  const drawn = net.kind === "deep" ? deepValues(net, weights) : modelValues(net, weights);
  return Float32Array.from(drawn.flat());
}

function deepValues(net: DeepNetDescription, weights: Stream): number[][] {
  const places = new Map(net.layers.map((layer, i) => [layer.name, i]));
  return parameterTensors(net).map(({ name, shape }) => {
    const cut = name.lastIndexOf(".");
    const place = places.get(name.slice(0, cut))!;
    const layer = net.layers[place];
    const own = "weights" in layer ? layer : undefined;
    const tensor = name.slice(cut + 1);
    if (tensor === "weights") return values(own!.weights, shape, weights.child(place + 1));
    const value = tensor === "biases" ? own!.bias : tensor === "gamma" || tensor === "moving_variance" ? 1 : 0;
    return new Array(shape[0]).fill(value);
  });
}

function modelValues(net: ModelNetDescription, weights: Stream): number[][] {
  return net.parameters.map(({ layer, name, shape, initialiser }) =>
    values(initialiser, shape, weights.child(layer, name))
  );
}

function values(initialiser: ParameterInitialiser, shape: readonly number[], stream: Stream): number[] {
  const count = shape.reduce((a, b) => a * b, 1);
  if (initialiser.distribution === "constant") return new Array(count).fill(initialiser.value);
  if (initialiser.distribution === "identity") {
    return Array.from({ length: count }, (_, i) => i % (shape[0] + 1) === 0 ? initialiser.gain : 0);
  }
  const { centre = 0 } = initialiser;
  return Array.from({ length: count }, () => centre + draw(initialiser, stream));
}

/** One weight. */
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
