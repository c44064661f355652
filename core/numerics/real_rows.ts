/**
 * Rows of real numbers: the samples that estimators by neighbours and by kernels read.
 *
 * @module
 */
import type { Stream } from "../contracts/stream.ts";
import type { Tensor } from "../contracts/tensor.ts";

/** A sample of a random vector. */
export interface RealRows {
  /** Row-major, shape [n, columns]. */
  readonly values: Float64Array;
  /** Rows. */
  readonly n: number;
  /** Numbers in a row. */
  readonly columns: number;
}

/** Of the standard deviation of its column: enough to part what rounding made equal, too little to move a neighbour. */
const JITTER = 1e-10;

/**
 * The rows of a tensor in f64; every axis but the first is laid out in the row.
 *
 * @param name What the rows are called in a message.
 * @throws {TypeError} If the values do not fill the shape.
 * @throws {RangeError} If one of them is not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const { n, columns } = realRows({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] }, "t");
 * assert.deepEqual([n, columns], [3, 2]);
 * ```
 */
export function realRows({ data, shape, scale = 1, offset = 0 }: Tensor, name: string): RealRows {
  const n = shape[0];
  const columns = shape.slice(1).reduce((product, extent) => product * extent, 1);
  if (!(n >= 1 && columns >= 1 && n * columns === data.length)) {
    throw new TypeError(`Cannot read rows as ${name} must fill its shape [${shape}]: it holds ${data.length} values`);
  }
  const values = Float64Array.from(data);
  if (scale !== 1 || offset !== 0) { for (let i = 0; i < values.length; i++) values[i] = values[i] * scale + offset; }
  const odd = firstOdd(values, columns);
  if (odd) {
    throw new RangeError(
      `Cannot read rows as ${name} must be finite: row ${odd.row}, column ${odd.column} is ${odd.value}`,
    );
  }
  return { values, n, columns };
}

/** Where the first value stands that is not finite, if there is one. */
export function firstOdd(
  values: Tensor["data"],
  columns: number,
): { readonly row: number; readonly column: number; readonly value: number } | undefined {
  const at = values.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? undefined : { row: Math.floor(at / columns), column: at % columns, value: values[at] };
}

/** The rows at the given numbers, in their order. */
export function rowsAt({ values, columns }: RealRows, at: ArrayLike<number>): RealRows {
  const taken = new Float64Array(at.length * columns);
  for (let i = 0; i < at.length; i++) {
    taken.set(values.subarray(at[i] * columns, (at[i] + 1) * columns), i * columns);
  }
  return { values: taken, n: at.length, columns };
}

/** True if all rows are equal: then they tell nothing of anything. */
export function isConstant({ values, columns }: RealRows): boolean {
  return values.every((value, i) => i < columns || value === values[i - columns]);
}

/** True if in every column fewer than half of the values are distinct: no sample of a continuous vector. */
export function isDiscrete({ values, n, columns }: RealRows): boolean {
  for (let column = 0; column < columns; column++) {
    const distinct = new Set<number>();
    for (let i = column; i < values.length; i += columns) distinct.add(values[i]);
    if (2 * distinct.size >= n) return false;
  }
  return true;
}

/**
 * The rows with normal noise of 1e-10 standard deviations of each column, so that no two are equally far from a third (Kraskov,
 * Stögbauer and Grassberger 2004).
 */
export function jittered({ values, n, columns }: RealRows, stream: Stream): RealRows {
  const means = new Float64Array(columns);
  const squares = new Float64Array(columns);
  values.forEach((value, i) => means[i % columns] += value / n);
  values.forEach((value, i) => {
    const apart = value - means[i % columns];
    squares[i % columns] += apart * apart / n;
  });
  const scales = squares.map((square) => JITTER * Math.sqrt(square));
  return { values: values.map((value, i) => value + scales[i % columns] * stream.normal()), n, columns };
}
