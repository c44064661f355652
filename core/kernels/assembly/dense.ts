/**
 * One training step of a fully connected net, and its forward pass.
 *
 * The batch is cut into blocks of eight rows. A block holds its features one after the other, eight lanes each: the value of
 * feature f in row r lies at [r / 8][f][r mod 8]. So every loop below runs over the batch in its lanes and reads memory
 * in order.
 *
 * The order of every sum is part of the arithmetic and does not depend on how the work is tiled:
 * - a pre-activation is bias + Σ w h over the inputs in ascending order; a backward sum runs over the outputs likewise;
 * - a gradient sums rows l, l + 4, l + 8, … in lane l, then (lane 0 + lane 2) + (lane 1 + lane 3), then divides by the batch size;
 * - the loss takes f64 sums of exponentials, multiplies those of 15 blocks, and adds the logarithms of the products.
 *
 * Lanes beyond the batch repeat its last row and carry a zero error, so they cannot show in a result.
 *
 * The plan is a record in memory that `core/training/dense.ts` writes; offsets in bytes:
 *
 *   0 layers · 4 inputs · 8 data · 12 labels · 16 rows · 20 batch labels · 24 input blocks · 28 parameters · 32 gradients ·
 *   36 parameter count, a multiple of 4 · 40 optimiser (0 SGD, 1 Adam, 2 momentum, 3 Langevin) · 44 first moments ·
 *   48 second moments · 52 noise · 56 the most rows of a batch · 64 rate · 72 beta1, or the momentum · 80 beta2 · 88 epsilon · 96 beta1^t · 104 beta2^t (f64) ·
 *   112 loss so far · 120 weight decay (f64) · 128, 144 products · 160, 176 margins (f64x2) · from 192 the layers, 64 bytes each:
 *   0 inputs · 4 outputs · 8 activation (0 linear, 1 tanh, 2 relu, 3 sigmoid, 4 softmax, 5 sigmoid as the output, 6 leaky relu,
 *   7 softplus) · 12 weights · 16 gradient · 20 forward panels · 24 backward panels · 28 input blocks · 32 output blocks ·
 *   36 error blocks · 40 output rows · 44 blocks of the activation where the output is another, quantised, with the input added or with
 *   noise, else 0 · 48 room for the errors of a layer that adds its input, else 0 · 52 slope (f32) · 56 levels, 0 if not quantised (f32) ·
 *   60 blocks of a noisy layer, else 0: the noise, which the caller has written, and once it is added the output without it
 */
import { log } from "../../numerics/elementary";
import { leakyReluArray, logisticArray, quantiseArray, reluArray, softplusArray, tanhArray } from "./activations";
import { expLanes, logisticLanes } from "./elementary_vectors";

const LAYERS: usize = 192;
const LAYER_BYTES: usize = 64;
// Products of 2 · 15 sums of at most 256 in each of four lanes stay within 2^960.
export const BLOCKS_A_LOGARITHM: usize = 15;

@inline
export function word(record: usize, offset: usize): usize {
  return load<u32>(record + offset);
}

@inline
export function layerOf(plan: usize, k: usize): usize {
  return plan + LAYERS + k * LAYER_BYTES;
}

/** Columns of the next tile: at most five, evenly dealt, since 2 × 5 accumulators, their factors and a product fill 16 registers. */
@inline
export function tileWidth(left: usize): usize {
  const tiles = (left + 4) / 5;
  return (left + tiles - 1) / tiles;
}

/**
 * Copies weights into panels, one a tile of outputs: a row of biases, then for every input the weights to the tile's outputs.
 * Weights to output o from input i are at weights + i · inStep + o · outStep.
 */
export function pack(
  panel: usize,
  weights: usize,
  bias: usize,
  inputs: usize,
  outputs: usize,
  inStep: usize,
  outStep: usize,
): void {
  for (let first: usize = 0; first < outputs;) {
    const width = tileWidth(outputs - first);
    for (let o = first; o < first + width; o++) {
      store<f32>(panel, bias ? load<f32>(bias + (o << 2)) : 0);
      panel += 4;
    }
    for (let i: usize = 0; i < inputs; i++) {
      for (let o = first; o < first + width; o++) {
        store<f32>(panel, load<f32>(weights + i * inStep + o * outStep));
        panel += 4;
      }
    }
    first += width;
  }
}

function packForward(plan: usize): void {
  const layers = word(plan, 0);
  for (let k: usize = 0; k < layers; k++) {
    const layer = layerOf(plan, k);
    const inputs = word(layer, 0);
    const outputs = word(layer, 4);
    const weights = word(layer, 12);
    pack(word(layer, 20), weights, weights + ((inputs * outputs) << 2), inputs, outputs, outputs << 2, 4);
  }
}

function packBackward(plan: usize): void {
  const layers = word(plan, 0);
  for (let k: usize = 1; k < layers; k++) {
    const layer = layerOf(plan, k);
    const inputs = word(layer, 0);
    const outputs = word(layer, 4);
    pack(word(layer, 24), word(layer, 12), 0, outputs, inputs, 4, outputs << 2);
  }
}

/** out[block][o][lane] = bias_o + Σ_i w_io x[block][i][lane] for the `width` outputs of one panel. */
@inline
function multiplyTile(
  width: usize,
  panel: usize,
  x: usize,
  xBlock: usize,
  out: usize,
  outBlock: usize,
  blocks: usize,
): void {
  for (let b: usize = 0; b < blocks; b++) {
    let p = panel;
    let h = x;
    x += xBlock;
    let a0 = v128.load32_splat(p);
    let b0 = a0;
    let a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0, a4 = a0, b4 = a0;
    if (width > 1) {
      a1 = v128.load32_splat(p, 4);
      b1 = a1;
    }
    if (width > 2) {
      a2 = v128.load32_splat(p, 8);
      b2 = a2;
    }
    if (width > 3) {
      a3 = v128.load32_splat(p, 12);
      b3 = a3;
    }
    if (width > 4) {
      a4 = v128.load32_splat(p, 16);
      b4 = a4;
    }
    do {
      p += width << 2;
      const h0 = v128.load(h);
      const h1 = v128.load(h, 16);
      h += 32;
      let w = v128.load32_splat(p);
      a0 = f32x4.add(a0, f32x4.mul(w, h0));
      b0 = f32x4.add(b0, f32x4.mul(w, h1));
      if (width > 1) {
        w = v128.load32_splat(p, 4);
        a1 = f32x4.add(a1, f32x4.mul(w, h0));
        b1 = f32x4.add(b1, f32x4.mul(w, h1));
      }
      if (width > 2) {
        w = v128.load32_splat(p, 8);
        a2 = f32x4.add(a2, f32x4.mul(w, h0));
        b2 = f32x4.add(b2, f32x4.mul(w, h1));
      }
      if (width > 3) {
        w = v128.load32_splat(p, 12);
        a3 = f32x4.add(a3, f32x4.mul(w, h0));
        b3 = f32x4.add(b3, f32x4.mul(w, h1));
      }
      if (width > 4) {
        w = v128.load32_splat(p, 16);
        a4 = f32x4.add(a4, f32x4.mul(w, h0));
        b4 = f32x4.add(b4, f32x4.mul(w, h1));
      }
    } while (h < x);
    v128.store(out, a0);
    v128.store(out, b0, 16);
    if (width > 1) {
      v128.store(out, a1, 32);
      v128.store(out, b1, 48);
    }
    if (width > 2) {
      v128.store(out, a2, 64);
      v128.store(out, b2, 80);
    }
    if (width > 3) {
      v128.store(out, a3, 96);
      v128.store(out, b3, 112);
    }
    if (width > 4) {
      v128.store(out, a4, 128);
      v128.store(out, b4, 144);
    }
    out += outBlock;
  }
}

export function multiply(panel: usize, x: usize, inputs: usize, out: usize, outputs: usize, blocks: usize): void {
  const xBlock = inputs << 5;
  const outBlock = outputs << 5;
  for (let left = outputs; left > 0;) {
    const width = tileWidth(left);
    if (width == 5) multiplyTile(5, panel, x, xBlock, out, outBlock, blocks);
    else if (width == 4) multiplyTile(4, panel, x, xBlock, out, outBlock, blocks);
    else if (width == 3) multiplyTile(3, panel, x, xBlock, out, outBlock, blocks);
    else if (width == 2) multiplyTile(2, panel, x, xBlock, out, outBlock, blocks);
    else multiplyTile(1, panel, x, xBlock, out, outBlock, blocks);
    panel += (width * (inputs + 1)) << 2;
    out += width << 5;
    left -= width;
  }
}

@inline
export function addLanes(a: v128): f32 {
  const pair = f32x4.add(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1);
}

/** Mean over the batch of h_i δ_o for `rows` ≤ 2 inputs and `columns` ≤ 5 outputs. */
@inline
function gradientTile(
  rows: usize,
  columns: usize,
  h: usize,
  hBlock: usize,
  d: usize,
  dBlock: usize,
  blocks: usize,
  target: usize,
  targetRow: usize,
  batch: f32,
): void {
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero;
  let b0 = zero, b1 = zero, b2 = zero, b3 = zero, b4 = zero;
  for (let b: usize = 0; b < blocks; b++) {
    for (let half: usize = 0; half < 2; half++) {
      const at = half << 4;
      const g = v128.load(h + at);
      const k = rows > 1 ? v128.load(h + at, 32) : zero;
      let e = v128.load(d + at);
      a0 = f32x4.add(a0, f32x4.mul(g, e));
      if (rows > 1) b0 = f32x4.add(b0, f32x4.mul(k, e));
      if (columns > 1) {
        e = v128.load(d + at, 32);
        a1 = f32x4.add(a1, f32x4.mul(g, e));
        if (rows > 1) b1 = f32x4.add(b1, f32x4.mul(k, e));
      }
      if (columns > 2) {
        e = v128.load(d + at, 64);
        a2 = f32x4.add(a2, f32x4.mul(g, e));
        if (rows > 1) b2 = f32x4.add(b2, f32x4.mul(k, e));
      }
      if (columns > 3) {
        e = v128.load(d + at, 96);
        a3 = f32x4.add(a3, f32x4.mul(g, e));
        if (rows > 1) b3 = f32x4.add(b3, f32x4.mul(k, e));
      }
      if (columns > 4) {
        e = v128.load(d + at, 128);
        a4 = f32x4.add(a4, f32x4.mul(g, e));
        if (rows > 1) b4 = f32x4.add(b4, f32x4.mul(k, e));
      }
    }
    h += hBlock;
    d += dBlock;
  }
  store<f32>(target, addLanes(a0) / batch);
  if (columns > 1) store<f32>(target, addLanes(a1) / batch, 4);
  if (columns > 2) store<f32>(target, addLanes(a2) / batch, 8);
  if (columns > 3) store<f32>(target, addLanes(a3) / batch, 12);
  if (columns > 4) store<f32>(target, addLanes(a4) / batch, 16);
  if (rows > 1) {
    target += targetRow;
    store<f32>(target, addLanes(b0) / batch);
    if (columns > 1) store<f32>(target, addLanes(b1) / batch, 4);
    if (columns > 2) store<f32>(target, addLanes(b2) / batch, 8);
    if (columns > 3) store<f32>(target, addLanes(b3) / batch, 12);
    if (columns > 4) store<f32>(target, addLanes(b4) / batch, 16);
  }
}

/** Mean over the batch of δ_o for four outputs, or one. */
@inline
function biasTile(columns: usize, d: usize, dBlock: usize, blocks: usize, target: usize, batch: f32): void {
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
  for (let b: usize = 0; b < blocks; b++) {
    a0 = f32x4.add(f32x4.add(a0, v128.load(d)), v128.load(d, 16));
    if (columns > 1) {
      a1 = f32x4.add(f32x4.add(a1, v128.load(d, 32)), v128.load(d, 48));
      a2 = f32x4.add(f32x4.add(a2, v128.load(d, 64)), v128.load(d, 80));
      a3 = f32x4.add(f32x4.add(a3, v128.load(d, 96)), v128.load(d, 112));
    }
    d += dBlock;
  }
  store<f32>(target, addLanes(a0) / batch);
  if (columns > 1) {
    store<f32>(target, addLanes(a1) / batch, 4);
    store<f32>(target, addLanes(a2) / batch, 8);
    store<f32>(target, addLanes(a3) / batch, 12);
  }
}

export function layerGradient(layer: usize, blocks: usize, batch: f32): void {
  const inputs = word(layer, 0);
  const outputs = word(layer, 4);
  const hBlock = inputs << 5;
  const dBlock = outputs << 5;
  const targetRow = outputs << 2;
  let h = word(layer, 28);
  let target = word(layer, 16);
  for (let i: usize = 0; i < inputs;) {
    const rows: usize = inputs - i > 1 ? 2 : 1;
    let d = word(layer, 36);
    let column = target;
    for (let left = outputs; left > 0;) {
      const width = tileWidth(left);
      if (rows == 2) {
        if (width == 5) gradientTile(2, 5, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
        else if (width == 4) gradientTile(2, 4, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
        else if (width == 3) gradientTile(2, 3, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
        else if (width == 2) gradientTile(2, 2, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
        else gradientTile(2, 1, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
      } else {
        if (width == 5) gradientTile(1, 5, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
        else if (width == 4) gradientTile(1, 4, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
        else if (width == 3) gradientTile(1, 3, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
        else if (width == 2) gradientTile(1, 2, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
        else gradientTile(1, 1, h, hBlock, d, dBlock, blocks, column, targetRow, batch);
      }
      d += width << 5;
      column += width << 2;
      left -= width;
    }
    h += rows << 5;
    target += rows * targetRow;
    i += rows;
  }
  let d = word(layer, 36);
  let left = outputs;
  for (; left >= 4; left -= 4) {
    biasTile(4, d, dBlock, blocks, target, batch);
    d += 128;
    target += 16;
  }
  for (; left > 0; left--) {
    biasTile(1, d, dBlock, blocks, target, batch);
    d += 32;
    target += 4;
  }
}

/** Four vectors of four become their transpose, its first `count` vectors stored `step` bytes apart. */
@inline
function transposeStore(a: v128, b: v128, c: v128, d: v128, out: usize, step: usize, count: usize): void {
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  v128.store(out, i32x4.shuffle(ab, cd, 0, 1, 4, 5));
  if (count > 1) v128.store(out + step, i32x4.shuffle(ab, cd, 2, 3, 6, 7));
  if (count > 2) {
    const low = i32x4.shuffle(a, b, 2, 6, 3, 7);
    const high = i32x4.shuffle(c, d, 2, 6, 3, 7);
    v128.store(out + 2 * step, i32x4.shuffle(low, high, 0, 1, 4, 5));
    if (count > 3) v128.store(out + 3 * step, i32x4.shuffle(low, high, 2, 3, 6, 7));
  }
}

/** Copies the listed rows of a row-major data set into blocks; may read 12 bytes beyond the data. */
function gather(data: usize, rows: usize, inputs: usize, out: usize, blocks: usize): void {
  const rowBytes = inputs << 2;
  for (let b: usize = 0; b < blocks; b++) {
    for (let half: usize = 0; half < 2; half++) {
      let r0 = data + word(rows, 0) * rowBytes;
      let r1 = data + word(rows, 4) * rowBytes;
      let r2 = data + word(rows, 8) * rowBytes;
      let r3 = data + word(rows, 12) * rowBytes;
      let to = out + (half << 4);
      for (let left = inputs; left > 0;) {
        const a = v128.load(r0);
        const b = v128.load(r1);
        const c = v128.load(r2);
        const d = v128.load(r3);
        if (left >= 4) {
          transposeStore(a, b, c, d, to, 32, 4);
          left -= 4;
        } else {
          transposeStore(a, b, c, d, to, 32, left);
          left = 0;
        }
        r0 += 16;
        r1 += 16;
        r2 += 16;
        r3 += 16;
        to += 128;
      }
      rows += 16;
    }
    out += inputs << 5;
  }
}

/** Four rows of one to three features, to `out` without a gap. */
@inline
function scatterFew(from: usize, units: usize, out: usize): void {
  const a = v128.load(from);
  if (units === 1) return v128.store(out, a);
  const b = v128.load(from, 32);
  if (units === 2) {
    v128.store(out, i32x4.shuffle(a, b, 0, 4, 1, 5));
    v128.store(out, i32x4.shuffle(a, b, 2, 6, 3, 7), 16);
    return;
  }
  const c = v128.load(from, 64);
  v128.store(out, i32x4.shuffle(i32x4.shuffle(a, b, 0, 4, 1, 5), c, 0, 1, 4, 2));
  v128.store(out, i32x4.shuffle(i32x4.shuffle(b, c, 1, 5, 2, 6), a, 0, 1, 6, 2), 16);
  v128.store(out, i32x4.shuffle(i32x4.shuffle(c, a, 2, 7, 2, 7), i32x4.shuffle(b, c, 3, 7, 3, 7), 0, 1, 4, 5), 32);
}

/** Copies blocks of `units` features back to row-major; writes whole blocks of eight rows. */
export function scatter(from: usize, units: usize, out: usize, blocks: usize): void {
  const rowBytes = units << 2;
  for (let b: usize = 0; b < blocks; b++) {
    if (units < 4) {
      scatterFew(from, units, out);
      scatterFew(from + 16, units, out + 4 * rowBytes);
      out += 8 * rowBytes;
    } else {
      for (let u: usize = 0; u < units; u += 4) {
        // The last tile may overlap the one before, so that every store is of four features.
        const first = u + 4 > units ? units - 4 : u;
        const at = from + (first << 5);
        const to = out + (first << 2);
        transposeStore(v128.load(at), v128.load(at, 32), v128.load(at, 64), v128.load(at, 96), to, rowBytes, 4);
        transposeStore(
          v128.load(at, 16),
          v128.load(at, 48),
          v128.load(at, 80),
          v128.load(at, 112),
          to + 4 * rowBytes,
          rowBytes,
          4,
        );
      }
      out += 8 * rowBytes;
    }
    from += units << 5;
  }
}

export function activate(layer: usize, pointer: usize, count: usize): void {
  const kind = word(layer, 8);
  if (kind == 1) tanhArray(pointer, count);
  else if (kind == 2) reluArray(pointer, count);
  else if (kind == 3) logisticArray(pointer, count);
  else if (kind == 6) leakyReluArray(pointer, count, load<f32>(layer, 52));
  else if (kind == 7) softplusArray(pointer, count);
}

/** to ← to + from over `count` f32, a multiple of 4. */
export function addArray(from: usize, to: usize, count: usize): void {
  const end = to + (count << 2);
  while (to < end) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    from += 16;
    to += 16;
  }
}

/** output ← output + noise, noise ← output as it was, over `count` f32, a multiple of 4. */
function addNoise(noise: usize, output: usize, count: usize): void {
  const end = output + (count << 2);
  while (output < end) {
    const centre = v128.load(output);
    v128.store(output, f32x4.add(centre, v128.load(noise)));
    v128.store(noise, centre);
    output += 16;
    noise += 16;
  }
}

/** The output of a layer from its activation: quantised, then with the input added, then with noise. */
function finish(layer: usize, activation: usize, output: usize, count: usize): void {
  const levels = load<f32>(layer, 56);
  if (levels > 0) quantiseArray(activation, output, count, word(layer, 8) == 1 ? -1 : 0, 1, levels);
  else memory.copy(output, activation, count << 2);
  if (word(layer, 48)) addArray(word(layer, 28), output, count);
  if (word(layer, 60)) addNoise(word(layer, 60), output, count);
}

/** f′ of four lanes, told from the activation: 1 − h² (1), h > 0 (2), h (1 − h) (3), 1 or the slope (6), 1 − e^−h (7), 1 (0). */
@inline
function slopeLanes(kind: usize, t: v128, slope: v128): v128 {
  const one = f32x4.splat(1);
  if (kind == 1) return f32x4.sub(one, f32x4.mul(t, t));
  if (kind == 3) return f32x4.mul(t, f32x4.sub(one, t));
  if (kind == 6) return v128.bitselect(one, slope, f32x4.gt(t, f32x4.splat(0)));
  // Where e^−h is too close to 1 to tell, 1 − e^−h is h − h²/2 to the last place.
  const small = f32x4.mul(t, f32x4.sub(one, f32x4.mul(t, f32x4.splat(0.5))));
  const large = f32x4.sub(one, expLanes(f32x4.neg(t)));
  return v128.bitselect(small, large, f32x4.lt(t, f32x4.splat(0.001)));
}

@inline
function differentiateBy(kind: usize, error: usize, h: usize, end: usize, slope: v128): void {
  while (error < end) {
    v128.store(error, f32x4.mul(v128.load(error), slopeLanes(kind, v128.load(h), slope)));
    error += 16;
    h += 16;
  }
}

/** δ ← δ f′ over `count` f32; a quantised layer passes its error on as if it were not. */
export function differentiate(layer: usize, error: usize, count: usize): void {
  const kind = word(layer, 8);
  const activation = word(layer, 44);
  let h = activation ? activation : word(layer, 32);
  const end = error + (count << 2);
  const slope = f32x4.splat(load<f32>(layer, 52));
  if (kind == 1) differentiateBy(1, error, h, end, slope);
  else if (kind == 3) differentiateBy(3, error, h, end, slope);
  else if (kind == 6) differentiateBy(6, error, h, end, slope);
  else if (kind == 7) differentiateBy(7, error, h, end, slope);
  else if (kind == 2) {
    const zero = f32x4.splat(0);
    while (error < end) {
      v128.store(error, v128.and(v128.load(error), f32x4.gt(v128.load(h), zero)));
      error += 16;
      h += 16;
    }
  }
}

/** Softmax in place over the classes of four lanes. */
@inline
function softmaxLanes(z: usize, classes: usize): void {
  const end = z + (classes << 5);
  let top = v128.load(z);
  for (let at = z + 32; at < end; at += 32) top = f32x4.max(top, v128.load(at));
  let sum = f32x4.splat(0);
  for (let at = z; at < end; at += 32) {
    const e = expLanes(f32x4.sub(v128.load(at), top));
    v128.store(at, e);
    sum = f32x4.add(sum, e);
  }
  for (let at = z; at < end; at += 32) v128.store(at, f32x4.div(v128.load(at), sum));
}

export function softmax(z: usize, classes: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++) {
    softmaxLanes(z, classes);
    softmaxLanes(z + 16, classes);
    z += classes << 5;
  }
}

/** Softmax in place, δ = p − onehot, and the loss of four lanes into the plan's products and margins; zero beyond the batch. */
@inline
export function softmaxLossLanes(plan: usize, z: usize, error: usize, labels: v128, counted: v128, classes: usize): void {
  const end = z + (classes << 5);
  let top = v128.load(z);
  for (let at = z + 32; at < end; at += 32) top = f32x4.max(top, v128.load(at));
  let sum = f32x4.splat(0);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let margin = f32x4.splat(0);
  for (let at = z, c: i32 = 0; at < end; at += 32, c++) {
    const d = f32x4.sub(v128.load(at), top);
    margin = v128.or(margin, v128.and(d, i32x4.eq(labels, i32x4.splat(c))));
    const e = expLanes(d);
    v128.store(at, e);
    sum = f32x4.add(sum, e);
    low = f64x2.add(low, f64x2.promote_low_f32x4(e));
    high = f64x2.add(high, f64x2.promote_low_f32x4(i32x4.shuffle(e, e, 2, 3, 2, 3)));
  }
  const one = f32x4.splat(1);
  for (let at = z, to = error, c: i32 = 0; at < end; at += 32, to += 32, c++) {
    const p = f32x4.div(v128.load(at), sum);
    v128.store(at, p);
    const target = v128.and(one, i32x4.eq(labels, i32x4.splat(c)));
    v128.store(to, v128.and(f32x4.sub(p, target), counted));
  }
  margin = v128.and(margin, counted);
  const unit = f64x2.splat(1);
  low = v128.bitselect(low, unit, i64x2.extend_low_i32x4_s(counted));
  high = v128.bitselect(high, unit, i64x2.extend_high_i32x4_s(counted));
  v128.store(plan, f64x2.mul(v128.load(plan, 128), low), 128);
  v128.store(plan, f64x2.mul(v128.load(plan, 144), high), 144);
  v128.store(plan, f64x2.add(v128.load(plan, 160), f64x2.promote_low_f32x4(margin)), 160);
  v128.store(
    plan,
    f64x2.add(v128.load(plan, 176), f64x2.promote_low_f32x4(i32x4.shuffle(margin, margin, 2, 3, 2, 3))),
    176,
  );
}

/**
 * The logistic function in place, δ = p − y, and the loss of four lanes: max(z, 0) − y z + ln(1 + e^−|z|), the last by the products.
 */
@inline
export function binaryLossLanes(plan: usize, z: usize, error: usize, labels: v128, counted: v128): void {
  const logit = v128.load(z);
  const p = logisticLanes(logit);
  const y = f32x4.convert_i32x4_s(labels);
  v128.store(z, p);
  v128.store(error, v128.and(f32x4.sub(p, y), counted));
  const top = f32x4.pmax(logit, f32x4.splat(0));
  const margin = v128.and(f32x4.sub(f32x4.mul(y, logit), top), counted);
  const e = v128.and(expLanes(v128.or(logit, f32x4.splat(-0.0))), counted);
  const one = f64x2.splat(1);
  const low = f64x2.add(one, f64x2.promote_low_f32x4(e));
  const high = f64x2.add(one, f64x2.promote_low_f32x4(i32x4.shuffle(e, e, 2, 3, 2, 3)));
  v128.store(plan, f64x2.mul(v128.load(plan, 128), low), 128);
  v128.store(plan, f64x2.mul(v128.load(plan, 144), high), 144);
  v128.store(plan, f64x2.add(v128.load(plan, 160), f64x2.promote_low_f32x4(margin)), 160);
  v128.store(
    plan,
    f64x2.add(v128.load(plan, 176), f64x2.promote_low_f32x4(i32x4.shuffle(margin, margin, 2, 3, 2, 3))),
    176,
  );
}

@inline
export function foldProducts(plan: usize): void {
  const low = v128.load(plan, 128);
  const high = v128.load(plan, 144);
  const product = (f64x2.extract_lane(low, 0) * f64x2.extract_lane(low, 1)) *
    (f64x2.extract_lane(high, 0) * f64x2.extract_lane(high, 1));
  store<f64>(plan, load<f64>(plan, 112) + log(product), 112);
  v128.store(plan, f64x2.splat(1), 128);
  v128.store(plan, f64x2.splat(1), 144);
}

function outputLoss(plan: usize, layer: usize, blocks: usize, count: usize): void {
  const classes = word(layer, 4);
  const binary = word(layer, 8) == 5;
  const size = classes << 5;
  let z = word(layer, 32);
  let error = word(layer, 36);
  let labels = word(plan, 20);
  for (let b: usize = 0; b < blocks; b++) {
    const lanes = i32x4.add(i32x4.splat(<i32> (b << 3)), i32x4(0, 1, 2, 3));
    const end = i32x4.splat(<i32> count);
    const next = i32x4.add(lanes, i32x4.splat(4));
    if (binary) {
      binaryLossLanes(plan, z, error, v128.load(labels), i32x4.lt_s(lanes, end));
      binaryLossLanes(plan, z + 16, error + 16, v128.load(labels, 16), i32x4.lt_s(next, end));
    } else {
      softmaxLossLanes(plan, z, error, v128.load(labels), i32x4.lt_s(lanes, end), classes);
      softmaxLossLanes(plan, z + 16, error + 16, v128.load(labels, 16), i32x4.lt_s(next, end), classes);
    }
    if (b % BLOCKS_A_LOGARITHM == BLOCKS_A_LOGARITHM - 1) foldProducts(plan);
    z += size;
    error += size;
    labels += 32;
  }
}

/** Pre-activations and activations of all layers; the output's is left to the caller. */
function forwardBlocks(plan: usize, blocks: usize): void {
  const layers = word(plan, 0);
  for (let k: usize = 0; k < layers; k++) {
    const layer = layerOf(plan, k);
    const outputs = word(layer, 4);
    const output = word(layer, 32);
    const apart = word(layer, 44);
    const target = apart ? apart : output;
    const count = (blocks * outputs) << 3;
    multiply(word(layer, 20), word(layer, 28), word(layer, 0), target, outputs, blocks);
    activate(layer, target, count);
    if (apart) finish(layer, apart, output, count);
  }
}

/** Errors of all layers below the last, from those of the last. */
function backwardBlocks(plan: usize, blocks: usize): void {
  for (let k = word(plan, 0) - 1; k > 0; k--) {
    const layer = layerOf(plan, k);
    const below = layerOf(plan, k - 1);
    const inputs = word(layer, 0);
    const error = word(below, 36);
    const count = (blocks * inputs) << 3;
    multiply(word(layer, 24), word(layer, 36), word(layer, 4), error, inputs, blocks);
    // A layer that adds its input hands the error of its output straight on, too.
    if (word(layer, 48)) addArray(word(layer, 48), error, count);
    if (word(below, 48)) memory.copy(word(below, 48), error, count << 2);
    differentiate(below, error, count);
  }
}

/**
 * The gradient of the mean cross-entropy over the `count` rows listed at the plan's rows, into the plan's gradients.
 * Returns the mean cross-entropy in nats.
 */
export function denseGradient(plan: usize, count: usize): f64 {
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
  store<f64>(plan, 0, 112);
  v128.store(plan, f64x2.splat(1), 128);
  v128.store(plan, f64x2.splat(1), 144);
  v128.store(plan, f64x2.splat(0), 160);
  v128.store(plan, f64x2.splat(0), 176);
  packForward(plan);
  packBackward(plan);

  gather(word(plan, 8), rows, word(plan, 4), word(plan, 24), blocks);
  forwardBlocks(plan, blocks);
  outputLoss(plan, layerOf(plan, layers - 1), blocks, count);
  backwardBlocks(plan, blocks);
  foldProducts(plan);
  for (let k: usize = 0; k < layers; k++) layerGradient(layerOf(plan, k), blocks, <f32> count);

  const margins = f64x2.add(v128.load(plan, 160), v128.load(plan, 176));
  const margin = f64x2.extract_lane(margins, 0) + f64x2.extract_lane(margins, 1);
  return (load<f64>(plan, 112) - margin) / <f64> count;
}

function sgd(plan: usize): void {
  const rate = f32x4.splat(<f32> load<f64>(plan, 64));
  let p = word(plan, 28);
  let g = word(plan, 32);
  const end = p + (word(plan, 36) << 2);
  while (p < end) {
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(rate, v128.load(g))));
    p += 16;
    g += 16;
  }
}

/** Adam (Kingma & Ba 2015, algorithm 1); the powers of beta1 and beta2 are kept by multiplication. */
function adam(plan: usize): void {
  const beta1 = load<f64>(plan, 72);
  const beta2 = load<f64>(plan, 80);
  const power1 = load<f64>(plan, 96) * beta1;
  const power2 = load<f64>(plan, 104) * beta2;
  store<f64>(plan, power1, 96);
  store<f64>(plan, power2, 104);
  const rate = f32x4.splat(<f32> load<f64>(plan, 64));
  const epsilon = f32x4.splat(<f32> load<f64>(plan, 88));
  const keep1 = f32x4.splat(<f32> beta1);
  const take1 = f32x4.splat(<f32> (1 - beta1));
  const keep2 = f32x4.splat(<f32> beta2);
  const take2 = f32x4.splat(<f32> (1 - beta2));
  const correct1 = f32x4.splat(<f32> (1 / (1 - power1)));
  const correct2 = f32x4.splat(<f32> (1 / (1 - power2)));
  let p = word(plan, 28);
  let g = word(plan, 32);
  let m = word(plan, 44);
  let v = word(plan, 48);
  const end = p + (word(plan, 36) << 2);
  while (p < end) {
    const gradient = v128.load(g);
    const first = f32x4.add(f32x4.mul(keep1, v128.load(m)), f32x4.mul(take1, gradient));
    const second = f32x4.add(
      f32x4.mul(keep2, v128.load(v)),
      f32x4.mul(take2, f32x4.mul(gradient, gradient)),
    );
    v128.store(m, first);
    v128.store(v, second);
    const divisor = f32x4.add(f32x4.sqrt(f32x4.mul(second, correct2)), epsilon);
    const step = f32x4.div(f32x4.mul(rate, f32x4.mul(first, correct1)), divisor);
    v128.store(p, f32x4.sub(v128.load(p), step));
    p += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}

/** g ← g + λ p: the gradient of the loss plus λ/2 ‖p‖². */
function decay(plan: usize, lambda: f64): void {
  const factor = f32x4.splat(<f32> lambda);
  let p = word(plan, 28);
  let g = word(plan, 32);
  const end = p + (word(plan, 36) << 2);
  while (p < end) {
    v128.store(g, f32x4.add(v128.load(g), f32x4.mul(factor, v128.load(p))));
    p += 16;
    g += 16;
  }
}

/** m ← μ m + g, p ← p − η m. */
function momentum(plan: usize): void {
  const rate = f32x4.splat(<f32> load<f64>(plan, 64));
  const keep = f32x4.splat(<f32> load<f64>(plan, 72));
  let p = word(plan, 28);
  let g = word(plan, 32);
  let m = word(plan, 44);
  const end = p + (word(plan, 36) << 2);
  while (p < end) {
    const velocity = f32x4.add(f32x4.mul(keep, v128.load(m)), v128.load(g));
    v128.store(m, velocity);
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(rate, velocity)));
    p += 16;
    g += 16;
    m += 16;
  }
}

/** p ← p − η g + the noise that the caller has written. */
function langevin(plan: usize): void {
  sgd(plan);
  addArray(word(plan, 52), word(plan, 28), word(plan, 36));
}

/** One update on the `count` rows listed at the plan's rows; returns the mean cross-entropy in nats before it. */
export function denseStep(plan: usize, count: usize): f64 {
  const loss = denseGradient(plan, count);
  update(plan);
  return loss;
}

export function update(plan: usize): void {
  const lambda = load<f64>(plan, 120);
  if (lambda > 0) decay(plan, lambda);
  const optimiser = word(plan, 40);
  if (optimiser == 1) adam(plan);
  else if (optimiser == 2) momentum(plan);
  else if (optimiser == 3) langevin(plan);
  else sgd(plan);
}

/** The last layer's outputs for the `count` rows listed at the plan's rows, row-major into its output rows. */
export function denseOutputs(plan: usize, count: usize): void {
  const blocks = (count + 7) >> 3;
  const rows = word(plan, 16);
  const last = word(rows, (count - 1) << 2);
  for (let i = count; i < blocks << 3; i++) store<u32>(rows + (i << 2), <u32> last);
  packForward(plan);
  gather(word(plan, 8), rows, word(plan, 4), word(plan, 24), blocks);
  forwardBlocks(plan, blocks);
  const layer = layerOf(plan, word(plan, 0) - 1);
  scatter(word(layer, 32), word(layer, 4), word(layer, 40), blocks);
}

/**
 * One update after `denseOutputs` on the same rows, for a loss taken elsewhere: its derivatives by the outputs are row-major at
 * `errors`, [count, units], and the gradient is their sum over the rows.
 */
export function denseStepFrom(plan: usize, errors: usize, count: usize): void {
  const layers = word(plan, 0);
  const blocks = (count + 7) >> 3;
  const layer = layerOf(plan, layers - 1);
  const units = word(layer, 4);
  const error = word(layer, 36);
  for (let row: usize = 0; row < blocks << 3; row++) {
    const to = error + (((row >> 3) * units) << 5) + ((row & 7) << 2);
    for (let u: usize = 0; u < units; u++) {
      store<f32>(to + (u << 5), row < count ? load<f32>(errors + ((row * units + u) << 2)) : 0);
    }
  }
  differentiate(layer, error, (blocks * units) << 3);
  packBackward(plan);
  backwardBlocks(plan, blocks);
  for (let k: usize = 0; k < layers; k++) layerGradient(layerOf(plan, k), blocks, 1);
  update(plan);
}

/** Packs the weights for `denseForward`; to be called once after they changed. */
export function denseForwardBegin(plan: usize): void {
  packForward(plan);
}

/** Activations of every layer for rows first … first + count of `data`, row-major into the layers' output rows. */
export function denseForward(plan: usize, data: usize, first: usize, count: usize): void {
  const most = word(plan, 56);
  for (let done: usize = 0; done < count; done += most) {
    forwardBatch(plan, data, first + done, min(most, count - done), done);
  }
}

/** A batch of a forward pass; its blocks of eight rows are written from row `done` on. */
function forwardBatch(plan: usize, data: usize, first: usize, count: usize, done: usize): void {
  const layers = word(plan, 0);
  const blocks = (count + 7) >> 3;
  const rows = word(plan, 16);
  for (let i: usize = 0; i < blocks << 3; i++) {
    store<u32>(rows + (i << 2), <u32> (first + min(i, count - 1)));
  }
  gather(data, rows, word(plan, 4), word(plan, 24), blocks);
  forwardBlocks(plan, blocks);
  for (let k: usize = 0; k < layers; k++) {
    const layer = layerOf(plan, k);
    const units = word(layer, 4);
    const out = word(layer, 32);
    if (word(layer, 8) == 4) softmax(out, units, blocks);
    else if (word(layer, 8) == 5) logisticArray(out, blocks << 3);
    scatter(out, units, word(layer, 40) + ((done * units) << 2), blocks);
  }
}
