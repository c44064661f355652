import type { Tensor } from "../contracts/tensor.ts";

/** Numbers as rows of a tensor, each filled by a function; the rows are drawn in order. */
export function drawRows(n: number, columns: number, fill: (row: Float64Array, i: number) => void): Tensor {
  const data = new Float64Array(n * columns);
  for (let i = 0; i < n; i++) fill(data.subarray(i * columns, (i + 1) * columns), i);
  return { data, shape: [n, columns] };
}

/** The tensor with a function applied to each of its values. */
export function mapValues({ data, shape }: Tensor, f: (value: number) => number): Tensor {
  return { data: Float64Array.from(data, (value) => f(value)), shape };
}
