import type { Tensor } from "../contracts/tensor.ts";

/** The numbers a tensor means, `data × scale + offset` computed in f64, rounded to f32; the same array if nothing changes. */
export function float32Of(tensor: Tensor): Float32Array {
  const { data, scale = 1, offset = 0 } = tensor;
  if (data instanceof Float32Array && scale === 1 && offset === 0) return data;
  return Float32Array.from(data, (value) => value * scale + offset);
}

/** The numbers a tensor means, `data × scale + offset`, in f64; the same array if nothing changes. */
export function float64Of(tensor: Tensor): Float64Array {
  const { data, scale = 1, offset = 0 } = tensor;
  if (data instanceof Float64Array && scale === 1 && offset === 0) return data;
  return Float64Array.from(data, (value) => value * scale + offset);
}
