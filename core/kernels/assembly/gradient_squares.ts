/**
 * Squared norms of the gradients of single examples, from what `denseGradient` leaves in memory: the inputs h and the errors δ of
 * every layer, of the batch it was called for.
 *
 * The gradient of example i in a layer, weights and biases as one vector, is (h_i, 1) ⊗ δ_i. Its squared norm is ‖δ_i‖² (‖h_i‖² + 1),
 * so no gradient of an example is ever formed. Squares of f32 are exact in f64, and all sums are f64: over units in ascending order, over
 * rows l, l + 8, … in lane l, then ((0 + 2) + (4 + 6)) + ((1 + 3) + (5 + 7)). Lanes beyond the batch have no error and add nothing.
 */
import { layerOf, word } from "./dense";

@inline
function addLanes64(a: v128, b: v128, c: v128, d: v128): f64 {
  const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Adds Σ_i ‖g_i‖² of layer k to the k-th f64 at `sums`; the batch has `count` rows. */
export function denseGradientSquares(plan: usize, count: usize, sums: usize): void {
  const blocks = (count + 7) >> 3;
  for (let k: usize = 0; k < word(plan, 0); k++) {
    store<f64>(sums + (k << 3), load<f64>(sums + (k << 3)) + layerSquares(layerOf(plan, k), blocks));
  }
}

/** Σ_i ‖g_i‖² of a dense layer. */
export function layerSquares(layer: usize, blocks: usize): f64 {
  let h = word(layer, 28);
  let d = word(layer, 36);
  let t0 = f64x2.splat(0);
  let t1 = t0, t2 = t0, t3 = t0;
  for (let b: usize = 0; b < blocks; b++) {
    let e0 = f64x2.splat(0);
    let e1 = e0, e2 = e0, e3 = e0;
    for (const end = d + (word(layer, 4) << 5); d < end; d += 32) {
      const low = v128.load(d);
      const high = v128.load(d, 16);
      let x = f64x2.promote_low_f32x4(low);
      e0 = f64x2.add(e0, f64x2.mul(x, x));
      x = f64x2.promote_low_f32x4(i32x4.shuffle(low, low, 2, 3, 2, 3));
      e1 = f64x2.add(e1, f64x2.mul(x, x));
      x = f64x2.promote_low_f32x4(high);
      e2 = f64x2.add(e2, f64x2.mul(x, x));
      x = f64x2.promote_low_f32x4(i32x4.shuffle(high, high, 2, 3, 2, 3));
      e3 = f64x2.add(e3, f64x2.mul(x, x));
    }
    let s0 = f64x2.splat(1);
    let s1 = s0, s2 = s0, s3 = s0;
    for (const end = h + (word(layer, 0) << 5); h < end; h += 32) {
      const low = v128.load(h);
      const high = v128.load(h, 16);
      let x = f64x2.promote_low_f32x4(low);
      s0 = f64x2.add(s0, f64x2.mul(x, x));
      x = f64x2.promote_low_f32x4(i32x4.shuffle(low, low, 2, 3, 2, 3));
      s1 = f64x2.add(s1, f64x2.mul(x, x));
      x = f64x2.promote_low_f32x4(high);
      s2 = f64x2.add(s2, f64x2.mul(x, x));
      x = f64x2.promote_low_f32x4(i32x4.shuffle(high, high, 2, 3, 2, 3));
      s3 = f64x2.add(s3, f64x2.mul(x, x));
    }
    t0 = f64x2.add(t0, f64x2.mul(e0, s0));
    t1 = f64x2.add(t1, f64x2.mul(e1, s1));
    t2 = f64x2.add(t2, f64x2.mul(e2, s2));
    t3 = f64x2.add(t3, f64x2.mul(e3, s3));
  }
  return addLanes64(t0, t1, t2, t3);
}

/** The same after `denseGradient64`. */
export function denseGradientSquares64(plan: usize, count: usize, sums: usize): void {
  const blocks = (count + 7) >> 3;
  for (let k: usize = 0; k < word(plan, 0); k++) {
    const layer = layerOf(plan, k);
    let h = word(layer, 28);
    let d = word(layer, 36);
    let t0 = f64x2.splat(0);
    let t1 = t0, t2 = t0, t3 = t0;
    for (let b: usize = 0; b < blocks; b++) {
      let e0 = f64x2.splat(0);
      let e1 = e0, e2 = e0, e3 = e0;
      for (const end = d + (word(layer, 4) << 6); d < end; d += 64) {
        e0 = f64x2.add(e0, f64x2.mul(v128.load(d), v128.load(d)));
        e1 = f64x2.add(e1, f64x2.mul(v128.load(d, 16), v128.load(d, 16)));
        e2 = f64x2.add(e2, f64x2.mul(v128.load(d, 32), v128.load(d, 32)));
        e3 = f64x2.add(e3, f64x2.mul(v128.load(d, 48), v128.load(d, 48)));
      }
      let s0 = f64x2.splat(1);
      let s1 = s0, s2 = s0, s3 = s0;
      for (const end = h + (word(layer, 0) << 6); h < end; h += 64) {
        s0 = f64x2.add(s0, f64x2.mul(v128.load(h), v128.load(h)));
        s1 = f64x2.add(s1, f64x2.mul(v128.load(h, 16), v128.load(h, 16)));
        s2 = f64x2.add(s2, f64x2.mul(v128.load(h, 32), v128.load(h, 32)));
        s3 = f64x2.add(s3, f64x2.mul(v128.load(h, 48), v128.load(h, 48)));
      }
      t0 = f64x2.add(t0, f64x2.mul(e0, s0));
      t1 = f64x2.add(t1, f64x2.mul(e1, s1));
      t2 = f64x2.add(t2, f64x2.mul(e2, s2));
      t3 = f64x2.add(t3, f64x2.mul(e3, s3));
    }
    store<f64>(sums + (k << 3), load<f64>(sums + (k << 3)) + addLanes64(t0, t1, t2, t3));
  }
}
