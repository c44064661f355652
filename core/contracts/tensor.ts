/** A dense array with a shape, row-major: the last index varies fastest. */
export interface Tensor {
  /** The values. Bytes may stand for real numbers through `scale` and `offset`. */
  readonly data: Uint8Array | Float32Array | Float64Array;
  /** Extent of each axis; the product is `data.length`. */
  readonly shape: readonly number[];
  /** The number meant is `data[i] * scale + offset`; 1 when absent. */
  readonly scale?: number;
  /** See {@link Tensor.scale}; 0 when absent. */
  readonly offset?: number;
}

/**
 * How far the bytes of a number can be trusted to repeat.
 *
 * `portable`: our kernels and plain f64 arithmetic, identical on every machine. `pinned`: a fixed WebAssembly build of someone
 * else's, identical for one backend. `host`: depends on the engine or the hardware; compared with tolerances, and never
 * the only ground of a verdict.
 */
export type Arithmetic = "portable" | "pinned" | "host";

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };
