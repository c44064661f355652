import type { Tensor } from "../contracts/tensor.ts";

/** The numbers a tensor means, `data × scale + offset` computed in f64, rounded to f32; the same array if nothing changes. */
export function float32Of(tensor: Tensor): Float32Array {
  const { data, scale = 1, offset = 0 } = tensor;
  if (data instanceof Float32Array && scale === 1 && offset === 0) return data;
  const values = new Float32Array(data.length);
  for (let i = 0; i < values.length; i++) values[i] = data[i] * scale + offset;
  return values;
}
