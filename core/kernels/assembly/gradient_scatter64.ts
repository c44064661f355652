/**
 * Σ_i (g_i − ḡ)(g_i − ḡ)ᵀ over the gradients of single examples in one layer, from what `denseGradient64` leaves in memory.
 *
 * g_i = (h_i, 1) ⊗ δ_i is formed for four rows at a time and added to the upper triangle; rows in ascending order.
 */
import { layerOf, word } from "./dense";

/**
 * Adds the products of the batch's `count` rows to `sums`, whose rows of d numbers are `stride` bytes apart, a multiple of 16; what is
 * left of the diagonal is not to be read.
 *
 * @param mean ḡ of the layer, d numbers.
 * @param scratch Room for four rows of `stride` bytes, zero beyond d numbers.
 */
export function denseGradientScatter64(
  plan: usize,
  k: usize,
  count: usize,
  mean: usize,
  scratch: usize,
  sums: usize,
  stride: usize,
): void {
  const layer = layerOf(plan, k);
  const inputs = word(layer, 0);
  const outputs = word(layer, 4);
  const d = (inputs + 1) * outputs;
  for (let first: usize = 0; first < count; first += 4) {
    for (let r: usize = 0; r < 4; r++) {
      const row = first + r;
      const lane = (row & 7) << 3;
      const h = word(layer, 28) + (row >> 3) * (inputs << 6) + lane;
      const e = word(layer, 36) + (row >> 3) * (outputs << 6) + lane;
      let g = scratch + r * stride;
      let m = mean;
      for (let i: usize = 0; i <= inputs; i++) {
        const x = i < inputs ? load<f64>(h + (i << 6)) : 1;
        for (let o: usize = 0; o < outputs; o++) {
          store<f64>(g, row < count ? x * load<f64>(e + (o << 6)) - load<f64>(m) : 0);
          g += 8;
          m += 8;
        }
      }
    }
    for (let a: usize = 0; a < d; a++) {
      const at = scratch + (a << 3);
      const g0 = v128.load64_splat(at);
      const g1 = v128.load64_splat(at + stride);
      const g2 = v128.load64_splat(at + 2 * stride);
      const g3 = v128.load64_splat(at + 3 * stride);
      const target = sums + a * stride;
      for (let b: usize = (a & ~1) << 3; b < stride; b += 16) {
        const g = scratch + b;
        let sum = f64x2.add(v128.load(target + b), f64x2.mul(g0, v128.load(g)));
        sum = f64x2.add(sum, f64x2.mul(g1, v128.load(g + stride)));
        sum = f64x2.add(sum, f64x2.mul(g2, v128.load(g + 2 * stride)));
        sum = f64x2.add(sum, f64x2.mul(g3, v128.load(g + 3 * stride)));
        v128.store(target + b, sum);
      }
    }
  }
}
