/**
 * Products of a vector with the Hessian, or with the Gauss–Newton matrix, of the cross-entropy of a dense net, in f64: the R-operator
 * (Pearlmutter 1994, Neural Computation 6:147), which differentiates the gradient's own computation along the vector.
 *
 * It starts from what `denseGradient64` leaves in memory: activations h and errors δ = ∂L/∂z of every layer. With V the vector, laid
 * out as the parameters W are, and R{·} the derivative along it:
 *
 *   R{z} = V h + W R{h}, R{f(z)} = f'(z) R{z}, and at the output R{δ_c} = p_c (R{z_c} − Σ_j p_j R{z_j});
 *   downwards R{e} = Wᵀ R{δ} + Vᵀ δ and R{δ} = f'(z) R{e} + f''(z) e R{z}, where f'' e = δ f'' / f';
 *   R{∂L/∂W} = R{h} δᵀ + h R{δ}ᵀ.
 *
 * The Gauss–Newton matrix Jᵀ H_L J (Schraudolph 2002, Neural Computation 14:1723) leaves out Vᵀ δ, f'' and R{h} δᵀ.
 *
 * The record lies beside the plan; offsets in bytes: 0 vector · 4 result · 8 room for the widest layer's blocks · from 16 the layers,
 * 16 bytes each: 0 R{z} blocks · 4 R{h} blocks · 8 R{δ} blocks · 12 room for R{e} of a layer that adds its input, else 0.
 */
import { exp } from "../../numerics/elementary";
import { layerOf, word } from "./dense";
import { addArray64, differentiate64, FEATURE, meanProduct64, multiply64 } from "./dense64";

@inline
function ownOf(record: usize, k: usize): usize {
  return record + 16 + (k << 4);
}

/** Where the layer's block of a vector laid out as the parameters are begins. */
@inline
function partOf(vector: usize, plan: usize, layer: usize): usize {
  return vector + (word(layer, 12) - word(plan, 28));
}

function forwardDerivatives(plan: usize, record: usize, blocks: usize): void {
  for (let k: usize = 0; k < word(plan, 0); k++) {
    const layer = layerOf(plan, k);
    const own = ownOf(record, k);
    const inputs = word(layer, 0);
    const outputs = word(layer, 4);
    const step = outputs << 3;
    const v = partOf(word(record, 0), plan, layer);
    const rz = word(own, 0);
    const rh = word(own, 4);
    const count = (blocks * outputs) << 3;
    multiply64(v, v + inputs * step, step, 8, word(layer, 28), inputs, rz, outputs, blocks);
    if (k > 0) {
      multiply64(word(layer, 12), 0, step, 8, word(ownOf(record, k - 1), 4), inputs, rh, outputs, blocks);
      addArray64(rh, rz, count);
    }
    memory.copy(rh, rz, count << 3);
    differentiate64(layer, rh, count);
    if (k > 0 && word(layer, 48)) addArray64(word(ownOf(record, k - 1), 4), rh, count);
  }
}

/** R{δ} of the output: the Hessian of the loss in the logits times R{z}. Relative to the likeliest class nothing cancels. */
function outputDerivatives(layer: usize, own: usize, blocks: usize, count: usize): void {
  const classes = word(layer, 4);
  for (let row: usize = 0; row < blocks << 3; row++) {
    const offset = (row >> 3) * classes * FEATURE + ((row & 7) << 3);
    const p = word(layer, 32) + offset;
    const rz = word(own, 0) + offset;
    const rd = word(own, 8) + offset;
    if (classes == 1) {
      const probability = load<f64>(p);
      store<f64>(rd, row < count ? probability * (1 - probability) * load<f64>(rz) : 0);
      continue;
    }
    let top: usize = 0;
    for (let c: usize = 1; c < classes; c++) {
      if (load<f64>(p + c * FEATURE) > load<f64>(p + top * FEATURE)) top = c;
    }
    const base = load<f64>(rz + top * FEATURE);
    let mean = 0.0;
    for (let c: usize = 0; c < classes; c++) {
      mean += load<f64>(p + c * FEATURE) * (load<f64>(rz + c * FEATURE) - base);
    }
    for (let c: usize = 0; c < classes; c++) {
      const change = load<f64>(p + c * FEATURE) * (load<f64>(rz + c * FEATURE) - base - mean);
      store<f64>(rd + c * FEATURE, row < count ? change : 0);
    }
  }
}

/** R{δ} ← R{δ} + δ f''(z)/f'(z) R{z}, the ratio read off the activation t = f(z): −2t, 1 − 2t, e^−t; 0 where f bends nowhere. */
function addBend(layer: usize, own: usize, count: usize): void {
  const kind = word(layer, 8);
  if (kind != 1 && kind != 3 && kind != 7) return;
  const activation = word(layer, 44);
  const h = activation ? activation : word(layer, 32);
  const d = word(layer, 36);
  const rz = word(own, 0);
  const rd = word(own, 8);
  for (let i: usize = 0; i < count << 3; i += 8) {
    const t = load<f64>(h + i);
    const ratio = kind == 1 ? -2 * t : kind == 3 ? 1 - 2 * t : exp(-t);
    store<f64>(rd + i, load<f64>(rd + i) + load<f64>(d + i) * ratio * load<f64>(rz + i));
  }
}

function backwardDerivatives(plan: usize, record: usize, blocks: usize, whole: bool): void {
  for (let k = word(plan, 0) - 1; k > 0; k--) {
    const layer = layerOf(plan, k);
    const below = layerOf(plan, k - 1);
    const own = ownOf(record, k);
    const ownBelow = ownOf(record, k - 1);
    const inputs = word(layer, 0);
    const outputs = word(layer, 4);
    const step = outputs << 3;
    const target = word(ownBelow, 8);
    const count = (blocks * inputs) << 3;
    multiply64(word(layer, 12), 0, 8, step, word(own, 8), outputs, target, inputs, blocks);
    if (whole) {
      const room = word(record, 8);
      multiply64(partOf(word(record, 0), plan, layer), 0, 8, step, word(layer, 36), outputs, room, inputs, blocks);
      addArray64(room, target, count);
    }
    if (word(own, 12)) addArray64(word(own, 12), target, count);
    if (word(ownBelow, 12)) memory.copy(word(ownBelow, 12), target, count << 3);
    differentiate64(below, target, count);
    if (whole) addBend(below, ownBelow, count);
  }
}

/** Adds the product of the layer's block, summed over the rows, to the result. */
function addProduct(plan: usize, record: usize, k: usize, blocks: usize, whole: bool): void {
  const layer = layerOf(plan, k);
  const inputs = word(layer, 0);
  const outputs = word(layer, 4);
  const h = word(layer, 28);
  const d = word(layer, 36);
  const rd = word(ownOf(record, k), 8);
  const rh: usize = whole && k > 0 ? word(ownOf(record, k - 1), 4) : 0;
  const hBlock = inputs * FEATURE;
  const dBlock = outputs * FEATURE;
  let target = partOf(word(record, 4), plan, layer);
  for (let i: usize = 0; i <= inputs; i++) {
    const at = i * FEATURE;
    const weight = i < inputs;
    for (let o: usize = 0; o < outputs; o++) {
      let sum = meanProduct64(weight ? h + at : 0, hBlock, rd + o * FEATURE, dBlock, blocks, 1);
      if (weight && rh) sum += meanProduct64(rh + at, hBlock, d + o * FEATURE, dBlock, blocks, 1);
      store<f64>(target, load<f64>(target) + sum);
      target += 8;
    }
  }
}

/**
 * Adds Σ_i H_i v over the `count` rows of the last `denseGradient64` to the record's result.
 *
 * @param whole The Hessian; else the Gauss–Newton matrix.
 */
export function denseCurvature64(plan: usize, count: usize, record: usize, whole: bool): void {
  const last = word(plan, 0) - 1;
  const blocks = (count + 7) >> 3;
  forwardDerivatives(plan, record, blocks);
  outputDerivatives(layerOf(plan, last), ownOf(record, last), blocks, count);
  backwardDerivatives(plan, record, blocks, whole);
  for (let k: usize = 0; k <= last; k++) addProduct(plan, record, k, blocks, whole);
}
