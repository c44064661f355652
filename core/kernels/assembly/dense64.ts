/**
 * The dense engine in f64: the same net, plan, layout and order of sums as in `dense.ts`, with f64 in place of f32 and the elementary
 * functions of `core/numerics/elementary.ts` in place of their vector versions. Written to be plain rather than fast.
 *
 * A block of eight rows is four vectors of two lanes. A gradient sums rows l, l + 8, … in lane l, then lanes pairwise:
 * ((0 + 2) + (4 + 6)) + ((1 + 3) + (5 + 7)).
 */
import { exp, log, logistic, softplus, tanh } from "../../numerics/elementary";
import { layerOf, word } from "./dense";

/** The numbers of one feature in a block of eight rows. */
export const FEATURE: usize = 64;

/** out[o] = bias_o + Σ_i w_io x[i], or Σ with w transposed and no bias, for every block. */
export function multiply64(
  weights: usize,
  bias: usize,
  inStep: usize,
  outStep: usize,
  x: usize,
  inputs: usize,
  out: usize,
  outputs: usize,
  blocks: usize,
): void {
  for (let b: usize = 0; b < blocks; b++) {
    for (let o: usize = 0; o < outputs; o++) {
      let a0 = f64x2.splat(bias ? load<f64>(bias + (o << 3)) : 0.0);
      let a1 = a0, a2 = a0, a3 = a0;
      let w = weights + o * outStep;
      const end = x + inputs * FEATURE;
      for (let h = x; h < end; h += FEATURE) {
        const weight = v128.load64_splat(w);
        a0 = f64x2.add(a0, f64x2.mul(weight, v128.load(h)));
        a1 = f64x2.add(a1, f64x2.mul(weight, v128.load(h, 16)));
        a2 = f64x2.add(a2, f64x2.mul(weight, v128.load(h, 32)));
        a3 = f64x2.add(a3, f64x2.mul(weight, v128.load(h, 48)));
        w += inStep;
      }
      v128.store(out, a0);
      v128.store(out, a1, 16);
      v128.store(out, a2, 32);
      v128.store(out, a3, 48);
      out += FEATURE;
    }
    x += inputs * FEATURE;
  }
}

/** Mean over the batch of h_i δ_o, or of δ_o where h is 0. */
export function meanProduct64(h: usize, hBlock: usize, d: usize, dBlock: usize, blocks: usize, batch: f64): f64 {
  const one = f64x2.splat(1);
  let a0 = f64x2.splat(0);
  let a1 = a0, a2 = a0, a3 = a0;
  for (let b: usize = 0; b < blocks; b++) {
    a0 = f64x2.add(a0, f64x2.mul(h ? v128.load(h) : one, v128.load(d)));
    a1 = f64x2.add(a1, f64x2.mul(h ? v128.load(h, 16) : one, v128.load(d, 16)));
    a2 = f64x2.add(a2, f64x2.mul(h ? v128.load(h, 32) : one, v128.load(d, 32)));
    a3 = f64x2.add(a3, f64x2.mul(h ? v128.load(h, 48) : one, v128.load(d, 48)));
    if (h) h += hBlock;
    d += dBlock;
  }
  const sum = f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, a3));
  return (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)) / batch;
}

function layerGradient64(layer: usize, blocks: usize, batch: f64): void {
  const inputs = word(layer, 0);
  const outputs = word(layer, 4);
  const h = word(layer, 28);
  const d = word(layer, 36);
  let target = word(layer, 16);
  for (let i: usize = 0; i <= inputs; i++) {
    const at: usize = i < inputs ? h + i * FEATURE : 0;
    for (let o: usize = 0; o < outputs; o++) {
      store<f64>(target, meanProduct64(at, inputs * FEATURE, d + o * FEATURE, outputs * FEATURE, blocks, batch));
      target += 8;
    }
  }
}

function activate64(kind: usize, slope: f64, pointer: usize, count: usize): void {
  const end = pointer + (count << 3);
  for (; pointer < end; pointer += 8) {
    const z = load<f64>(pointer);
    let h = z;
    if (kind == 1) h = tanh(z);
    else if (kind == 2) h = z > 0 ? z : 0;
    else if (kind == 3) h = logistic(z);
    else if (kind == 6) h = z > 0 ? z : slope * z;
    else if (kind == 7) h = softplus(z);
    store<f64>(pointer, h);
  }
}

export function differentiate64(layer: usize, error: usize, count: usize): void {
  const kind = word(layer, 8);
  const slope = <f64> load<f32>(layer, 52);
  const activation = word(layer, 44);
  let h = activation ? activation : word(layer, 32);
  const end = error + (count << 3);
  for (; error < end; error += 8) {
    const t = load<f64>(h);
    let factor = 1.0;
    if (kind == 1) factor = 1 - t * t;
    else if (kind == 2) factor = t > 0 ? 1 : 0;
    else if (kind == 3) factor = t * (1 - t);
    else if (kind == 6) factor = t > 0 ? 1 : slope;
    else if (kind == 7) factor = t < 1e-6 ? t * (1 - 0.5 * t) : 1 - exp(-t);
    store<f64>(error, load<f64>(error) * factor);
    h += 8;
  }
}

export function addArray64(from: usize, to: usize, count: usize): void {
  const end = to + (count << 3);
  for (; to < end; to += 16) {
    v128.store(to, f64x2.add(v128.load(to), v128.load(from)));
    from += 16;
  }
}

function addNoise64(noise: usize, output: usize, count: usize): void {
  const end = output + (count << 3);
  while (output < end) {
    const centre = v128.load(output);
    v128.store(output, f64x2.add(centre, v128.load(noise)));
    v128.store(noise, centre);
    output += 16;
    noise += 16;
  }
}

function finish64(layer: usize, activation: usize, output: usize, count: usize): void {
  const levels = <f64> load<f32>(layer, 56);
  if (levels > 0) {
    const low: f64 = word(layer, 8) == 1 ? -1 : 0;
    const width = (1 - low) / levels;
    for (let i: usize = 0; i < count << 3; i += 8) {
      const cell = min(floor((load<f64>(activation + i) - low) / width), levels - 1);
      store<f64>(output + i, low + (cell + 0.5) * width);
    }
  } else memory.copy(output, activation, count << 3);
  if (word(layer, 48)) addArray64(word(layer, 28), output, count);
  if (word(layer, 60)) addNoise64(word(layer, 60), output, count);
}

function forwardBlocks64(plan: usize, blocks: usize): void {
  const layers = word(plan, 0);
  for (let k: usize = 0; k < layers; k++) {
    const layer = layerOf(plan, k);
    const inputs = word(layer, 0);
    const outputs = word(layer, 4);
    const weights = word(layer, 12);
    const apart = word(layer, 44);
    const target = apart ? apart : word(layer, 32);
    const bias = weights + ((inputs * outputs) << 3);
    const count = (blocks * outputs) << 3;
    multiply64(weights, bias, outputs << 3, 8, word(layer, 28), inputs, target, outputs, blocks);
    activate64(word(layer, 8), <f64> load<f32>(layer, 52), target, count);
    if (apart) finish64(layer, apart, word(layer, 32), count);
  }
}

function backwardBlocks64(plan: usize, blocks: usize): void {
  for (let k = word(plan, 0) - 1; k > 0; k--) {
    const layer = layerOf(plan, k);
    const below = layerOf(plan, k - 1);
    const inputs = word(layer, 0);
    const outputs = word(layer, 4);
    const error = word(below, 36);
    const count = (blocks * inputs) << 3;
    multiply64(word(layer, 12), 0, 8, outputs << 3, word(layer, 36), outputs, error, inputs, blocks);
    if (word(layer, 48)) addArray64(word(layer, 48), error, count);
    if (word(below, 48)) memory.copy(word(below, 48), error, count << 3);
    differentiate64(below, error, count);
  }
}

/** Softmax in place over the classes of one row, whose logits are a feature apart; ln Σ e^(z − max). */
function softmax64(z: usize, classes: usize): f64 {
  const end = z + classes * FEATURE;
  let top: f64 = -Infinity;
  for (let at = z; at < end; at += FEATURE) top = max(top, load<f64>(at));
  let sum = 0.0;
  for (let at = z; at < end; at += FEATURE) {
    const e = exp(load<f64>(at) - top);
    store<f64>(at, e);
    sum += e;
  }
  for (let at = z; at < end; at += FEATURE) store<f64>(at, load<f64>(at) / sum);
  return log(sum) + top;
}

/** The output in place, its errors, and the sum of the losses of the first `count` rows. */
function outputLoss64(plan: usize, layer: usize, blocks: usize, count: usize): f64 {
  const classes = word(layer, 4);
  const binary = word(layer, 8) == 5;
  const labels = word(plan, 20);
  let loss = 0.0;
  for (let row: usize = 0; row < blocks << 3; row++) {
    const offset = (row >> 3) * classes * FEATURE + ((row & 7) << 3);
    const z = word(layer, 32) + offset;
    const error = word(layer, 36) + offset;
    const label: usize = load<u32>(labels + (row << 2));
    const counted = row < count;
    if (binary) {
      const logit = load<f64>(z);
      const p = logistic(logit);
      store<f64>(z, p);
      store<f64>(error, counted ? p - <f64> label : 0);
      if (counted) loss += softplus(label ? -logit : logit);
      continue;
    }
    const own = load<f64>(z + label * FEATURE);
    const partition = softmax64(z, classes);
    if (counted) loss += partition - own;
    for (let c: usize = 0; c < classes; c++) {
      const p = load<f64>(z + c * FEATURE);
      store<f64>(error + c * FEATURE, counted ? p - (c === label ? 1.0 : 0.0) : 0);
    }
  }
  return loss;
}

function gather64(data: usize, rows: usize, inputs: usize, out: usize, blocks: usize): void {
  for (let row: usize = 0; row < blocks << 3; row++) {
    const from = data + ((word(rows, row << 2) * inputs) << 3);
    const to = out + (row >> 3) * inputs * FEATURE + ((row & 7) << 3);
    for (let i: usize = 0; i < inputs; i++) store<f64>(to + i * FEATURE, load<f64>(from + (i << 3)));
  }
}

/** As `denseGradient`. */
export function denseGradient64(plan: usize, count: usize): f64 {
  const layers = word(plan, 0);
  const blocks = (count + 7) >> 3;
  const rows = word(plan, 16);
  const labels = word(plan, 12);
  const batchLabels = word(plan, 20);
  const last = word(rows, (count - 1) << 2);
  for (let i = count; i < blocks << 3; i++) store<u32>(rows + (i << 2), <u32> last);
  for (let i: usize = 0; i < blocks << 3; i++) {
    store<u32>(batchLabels + (i << 2), load<u8>(labels + word(rows, i << 2)));
  }
  gather64(word(plan, 8), rows, word(plan, 4), word(plan, 24), blocks);
  forwardBlocks64(plan, blocks);
  const loss = outputLoss64(plan, layerOf(plan, layers - 1), blocks, count);
  backwardBlocks64(plan, blocks);
  for (let k: usize = 0; k < layers; k++) layerGradient64(layerOf(plan, k), blocks, <f64> count);
  return loss / <f64> count;
}

/** As `denseStep`. */
export function denseStep64(plan: usize, count: usize): f64 {
  const loss = denseGradient64(plan, count);
  const kind = word(plan, 40);
  const rate = load<f64>(plan, 64);
  const beta1 = load<f64>(plan, 72);
  const beta2 = load<f64>(plan, 80);
  const epsilon = load<f64>(plan, 88);
  const lambda = load<f64>(plan, 120);
  const power1 = load<f64>(plan, 96) * beta1;
  const power2 = load<f64>(plan, 104) * beta2;
  if (kind == 1) {
    store<f64>(plan, power1, 96);
    store<f64>(plan, power2, 104);
  }
  const parameters = word(plan, 28);
  const gradients = word(plan, 32);
  const first = word(plan, 44);
  const second = word(plan, 48);
  const noise = word(plan, 52);
  for (let i: usize = 0; i < word(plan, 36) << 3; i += 8) {
    const p = load<f64>(parameters + i);
    const g = load<f64>(gradients + i) + lambda * p;
    if (kind == 1) {
      const m = beta1 * load<f64>(first + i) + (1 - beta1) * g;
      const v = beta2 * load<f64>(second + i) + (1 - beta2) * g * g;
      store<f64>(first + i, m);
      store<f64>(second + i, v);
      store<f64>(parameters + i, p - rate * (m / (1 - power1)) / (sqrt(v / (1 - power2)) + epsilon));
    } else if (kind == 2) {
      const m = beta1 * load<f64>(first + i) + g;
      store<f64>(first + i, m);
      store<f64>(parameters + i, p - rate * m);
    } else if (kind == 3) store<f64>(parameters + i, p - rate * g + load<f64>(noise + i));
    else store<f64>(parameters + i, p - rate * g);
  }
  return loss;
}

/** As `denseForward`; there is nothing to pack. */
export function denseForward64(plan: usize, data: usize, first: usize, count: usize): void {
  const most = word(plan, 56);
  for (let done: usize = 0; done < count; done += most) {
    forwardBatch64(plan, data, first + done, min(most, count - done), done);
  }
}

function forwardBatch64(plan: usize, data: usize, first: usize, count: usize, done: usize): void {
  const layers = word(plan, 0);
  const blocks = (count + 7) >> 3;
  const rows = word(plan, 16);
  for (let i: usize = 0; i < blocks << 3; i++) {
    store<u32>(rows + (i << 2), <u32> (first + min(i, count - 1)));
  }
  gather64(data, rows, word(plan, 4), word(plan, 24), blocks);
  forwardBlocks64(plan, blocks);
  for (let k: usize = 0; k < layers; k++) {
    const layer = layerOf(plan, k);
    const units = word(layer, 4);
    const kind = word(layer, 8);
    const from = word(layer, 32);
    const out = word(layer, 40) + ((done * units) << 3);
    for (let row: usize = 0; row < blocks << 3; row++) {
      const at = from + (row >> 3) * units * FEATURE + ((row & 7) << 3);
      if (kind == 4) softmax64(at, units);
      else if (kind == 5) store<f64>(at, logistic(load<f64>(at)));
      for (let u: usize = 0; u < units; u++) store<f64>(out + ((row * units + u) << 3), load<f64>(at + u * FEATURE));
    }
  }
}
