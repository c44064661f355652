import * as tf from "@tensorflow/tfjs";

/** Windows of a pool along height and width. */
export interface Windows {
  readonly poolSize: [number, number];
  readonly strides: [number, number];
  readonly padding: "valid" | "same";
}

/**
 * Makes a layer the mean over windows, padding left out. tfjs has the right mean, but at the border a gradient as if zeros were
 * averaged too: here the sum over a window is that of the image with zeros around it, divided by how many pixels the window holds.
 */
export function useOwnAverage(layer: tf.layers.Layer, { poolSize, strides, padding }: Windows): void {
  if (padding === "valid") return;
  layer.call = (inputs) =>
    tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const [, height, width] = x.shape;
      const rows = along(height, poolSize[0], strides[0]);
      const columns = along(width, poolSize[1], strides[1]);
      const shares = rows.held.flatMap((a) => columns.held.map((b) => poolSize[0] * poolSize[1] / (a * b)));
      const padded = x.pad([[0, 0], rows.around, columns.around, [0, 0]]) as tf.Tensor4D;
      const mean = tf.avgPool(padded, poolSize, strides, "valid");
      return mean.mul(tf.tensor(shares, [1, rows.held.length, columns.held.length, 1]));
    });
}

/** Zeros around an axis, and how many of its places each window holds. */
function along(extent: number, window: number, stride: number): { around: [number, number]; held: number[] } {
  const count = Math.ceil(extent / stride);
  const zeros = Math.max(0, (count - 1) * stride + window - extent);
  const before = Math.floor(zeros / 2);
  const held = Array.from({ length: count }, (_, i) => {
    const from = i * stride - before;
    return Math.min(extent, from + window) - Math.max(0, from);
  });
  return { around: [before, zeros - before], held };
}
