import type { DenseNet } from "../training/dense.ts";

/** Where the parameters of a layer lie among those of its net: from `from` to before `to`. */
export interface LayerPart {
  readonly from: number;
  readonly to: number;
}

/** The part of each layer 1…K: its weights row-major [in, out], then its biases. */
export function layerParts(net: DenseNet): LayerPart[] {
  let from = 0;
  let inputs = net.inputs;
  return net.layers.map(({ units }) => {
    const part = { from, to: from + (inputs + 1) * units };
    from = part.to;
    inputs = units;
    return part;
  });
}

/** The part of layer 1…K, or of the whole net. */
export function partOf(net: DenseNet, layer: number | undefined): LayerPart {
  const parts = layerParts(net);
  if (layer === undefined) return { from: 0, to: parts[parts.length - 1].to };
  const part = parts[layer - 1];
  if (part === undefined) {
    throw new RangeError(`Cannot find the parameters of layer ${layer} as the net has layers 1 to ${parts.length}`);
  }
  return part;
}
