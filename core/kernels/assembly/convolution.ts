/**
 * One training step of a net of convolutions, pools, sums and dense layers, and its forward pass.
 *
 * As in `dense.ts` the batch is cut into blocks of eight rows, one a lane: the value of channel c at place (y, x) in row r lies at
 * [r / 8][y][x][c][r mod 8]. So a window's row of kw places and C channels is one stretch of memory, and a convolution is the product
 * of `dense.ts` over kh stretches. A block goes all the way up and down the net before the next one starts, so that it stays in the
 * cache; dense layers keep all blocks and take their gradients at the end.
 *
 * The order of every sum is part of the arithmetic:
 * - a pre-activation is bias + Σ w h over ky, kx and channels in ascending order, zeros of the padding among them; an error likewise
 *   over the places that saw an input, from the last of the window to the first, zeros between strides among them;
 * - the gradient of a convolution sums a block's places in rows l and l + 4 in lane l, then (lane 0 + lane 2) + (lane 1 + lane 3), then
 *   the blocks in order, then divides by the batch; that of a dense layer is `dense.ts`'s;
 * - a mean sums ky and kx in ascending order and multiplies by one over their number; a largest value hands its error to the first.
 *
 * The plan begins as `dense.ts`'s does, up to 192, with input blocks at 24 and labels at 20 that the caller writes; its layers, 192 bytes each:
 *   0 inputs · 4 outputs, the channels of a convolution · 8 activation · 12 weights · 16 gradient · 20 forward panels ·
 *   24 backward panels · 28 input, 32 output and 36 error of the block at hand · 40 output rows, else 0 · 44 activation of the block
 *   at hand where the output is quantised, else 0 · 48 errors from later sums, else 0 · 52 slope (f32) · 56 levels, 0 if not quantised (f32) · 60 kind (0 dense, 1 convolution, 2 largest, 3 mean, 4 sum) · 64, 72, 80 first block of input,
 *   output and error · 68, 76, 84 bytes from one block to the next · 88 values of an output · 92 height, 96 width, 100 channels of the
 *   input · 104 height, 108 width of the output · 112, 116 extent and 120, 124 steps of the window · 128, 132 padding above and at
 *   the left · 136 padded input, else 0 · 140 its width · 144 spread errors, else 0 · 148 their width · 152 layer that a sum adds ·
 *   156 errors of the layer below, a layer, else 0 · 160 rows of pre-activations, else 0
 */
import {
  activate,
  addArray,
  addLanes,
  binaryLossLanes,
  BLOCKS_A_LOGARITHM,
  differentiate,
  foldProducts,
  layerGradient,
  multiply,
  pack,
  scatter,
  softmax,
  softmaxLossLanes,
  tileWidth,
  update,
  word,
} from "./dense";
import { logisticArray, quantiseArray } from "./activations";
import { layerSquares } from "./gradient_squares";

const LAYERS: usize = 192;
const LAYER_BYTES: usize = 192;
const DENSE: usize = 0;
const CONVOLUTION: usize = 1;
const LARGEST: usize = 2;
const MEAN: usize = 3;

@inline
function layerAt(plan: usize, k: usize): usize {
  return plan + LAYERS + k * LAYER_BYTES;
}

/** Panels of the weights turned by half a turn: for every place of the window from the last, and every output, the weights to a tile of inputs. */
function packTurned(panel: usize, weights: usize, places: usize, channels: usize, outputs: usize): void {
  for (let first: usize = 0; first < channels;) {
    const width = tileWidth(channels - first);
    for (let c: usize = 0; c < width; c++) {
      store<f32>(panel, 0);
      panel += 4;
    }
    for (let place = places; place > 0; place--) {
      for (let o: usize = 0; o < outputs; o++) {
        for (let c = first; c < first + width; c++) {
          store<f32>(panel, load<f32>(weights + ((((place - 1) * channels + c) * outputs + o) << 2)));
          panel += 4;
        }
      }
    }
    first += width;
  }
}

function packUp(plan: usize): void {
  for (let k: usize = 0; k < word(plan, 0); k++) {
    const layer = layerAt(plan, k);
    if (word(layer, 60) > CONVOLUTION) continue;
    const inputs = word(layer, 0);
    const outputs = word(layer, 4);
    const weights = word(layer, 12);
    pack(word(layer, 20), weights, weights + ((inputs * outputs) << 2), inputs, outputs, outputs << 2, 4);
  }
}

function packDown(plan: usize): void {
  for (let k: usize = 0; k < word(plan, 0); k++) {
    const layer = layerAt(plan, k);
    if (!word(layer, 156)) continue;
    const inputs = word(layer, 0);
    const outputs = word(layer, 4);
    if (word(layer, 60) == DENSE) pack(word(layer, 24), word(layer, 12), 0, outputs, inputs, 4, outputs << 2);
    else if (word(layer, 60) == CONVOLUTION) {
      const places = word(layer, 112) * word(layer, 116);
      packTurned(word(layer, 24), word(layer, 12), places, word(layer, 100), outputs);
    }
  }
}

/** Puts the pointers of every layer to block b. */
function pointAt(plan: usize, b: usize): void {
  for (let k: usize = 0; k < word(plan, 0); k++) {
    const layer = layerAt(plan, k);
    store<u32>(layer, <u32> (word(layer, 64) + b * word(layer, 68)), 28);
    store<u32>(layer, <u32> (word(layer, 72) + b * word(layer, 76)), 32);
    store<u32>(layer, <u32> (word(layer, 80) + b * word(layer, 84)), 36);
  }
}

/**
 * out[y][x][o] = bias_o + Σ w h for the `width` outputs of one panel, at every place; the window's `runs` stretches of `run` bytes lie
 * `row` bytes apart, and it moves by `across` and `down` bytes.
 */
@inline
function convolveTile(
  width: usize,
  panel: usize,
  from: usize,
  runs: usize,
  run: usize,
  row: usize,
  across: usize,
  down: usize,
  out: usize,
  outStep: usize,
  wide: usize,
  high: usize,
): void {
  for (let y: usize = 0; y < high; y++) {
    let window = from;
    from += down;
    for (let x: usize = 0; x < wide; x++) {
      let p = panel;
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
      let start = window;
      for (let ky: usize = 0; ky < runs; ky++) {
        let h = start;
        const end = h + run;
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
        } while (h < end);
        start += row;
      }
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
      out += outStep;
      window += across;
    }
  }
}

/** The same for all outputs, a panel after the other. */
function convolve(
  panel: usize,
  inputs: usize,
  outputs: usize,
  from: usize,
  runs: usize,
  run: usize,
  row: usize,
  across: usize,
  down: usize,
  out: usize,
  wide: usize,
  high: usize,
): void {
  const step = outputs << 5;
  for (let left = outputs; left > 0;) {
    const width = tileWidth(left);
    if (width == 5) convolveTile(5, panel, from, runs, run, row, across, down, out, step, wide, high);
    else if (width == 4) convolveTile(4, panel, from, runs, run, row, across, down, out, step, wide, high);
    else if (width == 3) convolveTile(3, panel, from, runs, run, row, across, down, out, step, wide, high);
    else if (width == 2) convolveTile(2, panel, from, runs, run, row, across, down, out, step, wide, high);
    else convolveTile(1, panel, from, runs, run, row, across, down, out, step, wide, high);
    panel += (width * (inputs + 1)) << 2;
    out += width << 5;
    left -= width;
  }
}

/** Where the windows of a layer's block begin, with zeros around it if it has padding. */
@inline
function paddedInput(layer: usize): usize {
  const padded = word(layer, 136);
  return padded ? padded : word(layer, 28);
}

/** Bytes from one row of places to the next, of what the windows move over. */
@inline
function inputRow(layer: usize): usize {
  return ((word(layer, 136) ? word(layer, 140) : word(layer, 96)) * word(layer, 100)) << 5;
}

/** Copies the block into the middle of its padded form, whose border stays zero. */
function padInput(layer: usize): void {
  const channels = word(layer, 100);
  const bytes = (word(layer, 96) * channels) << 5;
  const row = inputRow(layer);
  let from = word(layer, 28);
  let to = word(layer, 136) + word(layer, 128) * row + ((word(layer, 132) * channels) << 5);
  for (let y: usize = 0; y < word(layer, 92); y++) {
    memory.copy(to, from, bytes);
    from += bytes;
    to += row;
  }
}

function convolveUp(layer: usize): void {
  if (word(layer, 136)) padInput(layer);
  const row = inputRow(layer);
  const channels = word(layer, 100);
  convolve(
    word(layer, 20),
    word(layer, 0),
    word(layer, 4),
    paddedInput(layer),
    word(layer, 112),
    (word(layer, 116) * channels) << 5,
    row,
    (word(layer, 124) * channels) << 5,
    word(layer, 120) * row,
    word(layer, 32),
    word(layer, 108),
    word(layer, 104),
  );
}

/**
 * Errors of the inputs: the errors of the outputs, laid out with their steps between them and zeros around, under the turned window.
 */
function convolveDown(layer: usize, error: usize): void {
  const outputs = word(layer, 4);
  const kh = word(layer, 112);
  const kw = word(layer, 116);
  const spread = word(layer, 144);
  const row = (word(layer, 148) * outputs) << 5;
  const place = outputs << 5;
  let from = word(layer, 36);
  let line = spread + (kh - 1 - word(layer, 128)) * row + (kw - 1 - word(layer, 132)) * place;
  for (let y: usize = 0; y < word(layer, 104); y++) {
    let to = line;
    for (let x: usize = 0; x < word(layer, 108); x++) {
      memory.copy(to, from, place);
      from += place;
      to += word(layer, 124) * place;
    }
    line += word(layer, 120) * row;
  }
  const channels = word(layer, 100);
  convolve(
    word(layer, 24),
    kh * kw * outputs,
    channels,
    spread,
    kh,
    kw * place,
    row,
    place,
    row,
    error,
    word(layer, 96),
    word(layer, 92),
  );
}

/** Adds the squares of four lanes to the f64 at `sums`, if there is one. */
@inline
function addSquares(a: v128, sums: usize): void {
  const low = f64x2.promote_low_f32x4(a);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(a, a, 2, 3, 2, 3));
  const squares = f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
  store<f64>(sums, load<f64>(sums) + (f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)));
}

/** What becomes of a sum over the places of a block: added to the gradient, or its lanes' squares added up. */
@inline
function finishSum(squares: bool, a: v128, target: usize): void {
  if (squares) addSquares(a, target);
  else store<f32>(target, load<f32>(target) + addLanes(a));
}

/** Σ over places of h_i δ_o, for `rows` ≤ 2 inputs of the window and `columns` ≤ 5 outputs, in the halves of the block from `first` to `end`. */
@inline
function gradientTile(
  squares: bool,
  first: usize,
  end: usize,
  rows: usize,
  columns: usize,
  h: usize,
  across: usize,
  down: usize,
  d: usize,
  place: usize,
  wide: usize,
  high: usize,
  target: usize,
  targetRow: usize,
): void {
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero;
  let b0 = zero, b1 = zero, b2 = zero, b3 = zero, b4 = zero;
  for (let y: usize = 0; y < high; y++) {
    let at = h;
    h += down;
    for (let x: usize = 0; x < wide; x++) {
      for (let half = first; half < end; half++) {
        const lanes = half << 4;
        const g = v128.load(at + lanes);
        const k = rows > 1 ? v128.load(at + lanes, 32) : zero;
        let e = v128.load(d + lanes);
        a0 = f32x4.add(a0, f32x4.mul(g, e));
        if (rows > 1) b0 = f32x4.add(b0, f32x4.mul(k, e));
        if (columns > 1) {
          e = v128.load(d + lanes, 32);
          a1 = f32x4.add(a1, f32x4.mul(g, e));
          if (rows > 1) b1 = f32x4.add(b1, f32x4.mul(k, e));
        }
        if (columns > 2) {
          e = v128.load(d + lanes, 64);
          a2 = f32x4.add(a2, f32x4.mul(g, e));
          if (rows > 1) b2 = f32x4.add(b2, f32x4.mul(k, e));
        }
        if (columns > 3) {
          e = v128.load(d + lanes, 96);
          a3 = f32x4.add(a3, f32x4.mul(g, e));
          if (rows > 1) b3 = f32x4.add(b3, f32x4.mul(k, e));
        }
        if (columns > 4) {
          e = v128.load(d + lanes, 128);
          a4 = f32x4.add(a4, f32x4.mul(g, e));
          if (rows > 1) b4 = f32x4.add(b4, f32x4.mul(k, e));
        }
      }
      at += across;
      d += place;
    }
  }
  const step: usize = squares ? 0 : 4;
  finishSum(squares, a0, target);
  if (columns > 1) finishSum(squares, a1, target + step);
  if (columns > 2) finishSum(squares, a2, target + 2 * step);
  if (columns > 3) finishSum(squares, a3, target + 3 * step);
  if (columns > 4) finishSum(squares, a4, target + 4 * step);
  if (rows > 1) {
    if (!squares) target += targetRow;
    finishSum(squares, b0, target);
    if (columns > 1) finishSum(squares, b1, target + step);
    if (columns > 2) finishSum(squares, b2, target + 2 * step);
    if (columns > 3) finishSum(squares, b3, target + 3 * step);
    if (columns > 4) finishSum(squares, b4, target + 4 * step);
  }
}

/** Two inputs of the window, or one, with all outputs. */
@inline
function gradientRows(
  squares: bool,
  first: usize,
  end: usize,
  rows: usize,
  h: usize,
  across: usize,
  down: usize,
  layer: usize,
  target: usize,
): void {
  const outputs = word(layer, 4);
  const place = outputs << 5;
  const wide = word(layer, 108);
  const high = word(layer, 104);
  const targetRow = outputs << 2;
  let d = word(layer, 36);
  for (let left = outputs; left > 0;) {
    const width = tileWidth(left);
    if (width == 5) gradientTile(squares, first, end, rows, 5, h, across, down, d, place, wide, high, target, targetRow);
    else if (width == 4) gradientTile(squares, first, end, rows, 4, h, across, down, d, place, wide, high, target, targetRow);
    else if (width == 3) gradientTile(squares, first, end, rows, 3, h, across, down, d, place, wide, high, target, targetRow);
    else if (width == 2) gradientTile(squares, first, end, rows, 2, h, across, down, d, place, wide, high, target, targetRow);
    else gradientTile(squares, first, end, rows, 1, h, across, down, d, place, wide, high, target, targetRow);
    d += width << 5;
    if (!squares) target += width << 2;
    left -= width;
  }
}

/** Σ over places of δ_o, a lane each: the biases' part. */
@inline
function gradientBias(squares: bool, first: usize, end: usize, layer: usize, target: usize): void {
  const outputs = word(layer, 4);
  const places = word(layer, 104) * word(layer, 108);
  for (let o: usize = 0; o < outputs; o++) {
    let sum = f32x4.splat(0);
    let d = word(layer, 36) + (o << 5);
    for (let i: usize = 0; i < places; i++) {
      for (let half = first; half < end; half++) sum = f32x4.add(sum, v128.load(d + (half << 4)));
      d += outputs << 5;
    }
    finishSum(squares, sum, squares ? target : target + (o << 2));
  }
}

/** Adds a block's gradient of a convolution, or the squares of its rows' gradients. */
@inline
function convolutionSums(squares: bool, first: usize, end: usize, layer: usize, target: usize): void {
  const channels = word(layer, 100);
  const outputs = word(layer, 4);
  const stretch = word(layer, 116) * channels;
  const row = inputRow(layer);
  const across = (word(layer, 124) * channels) << 5;
  const down = word(layer, 120) * row;
  let start = paddedInput(layer);
  for (let ky: usize = 0; ky < word(layer, 112); ky++) {
    for (let j: usize = 0; j < stretch;) {
      const rows: usize = stretch - j > 1 ? 2 : 1;
      const h = start + (j << 5);
      if (rows == 2) gradientRows(squares, first, end, 2, h, across, down, layer, target);
      else gradientRows(squares, first, end, 1, h, across, down, layer, target);
      if (!squares) target += (rows * outputs) << 2;
      j += rows;
    }
    start += row;
  }
  gradientBias(squares, first, end, layer, target);
}

function addConvolutionGradient(layer: usize): void {
  convolutionSums(false, 0, 2, layer, word(layer, 16));
}

function addConvolutionSquares(layer: usize, sums: usize): void {
  convolutionSums(true, 0, 1, layer, sums);
  convolutionSums(true, 1, 2, layer, sums);
}

/** The places of one axis that a window at `at` sees: from … end. */
@inline
function windowStart(at: usize, step: usize, padding: usize): usize {
  const start = at * step;
  return start > padding ? start - padding : 0;
}

@inline
function windowEnd(at: usize, step: usize, padding: usize, extent: usize, size: usize): usize {
  return min(at * step + extent - padding, size);
}

/** The largest value, or the mean, of each window. */
function poolUp(layer: usize): void {
  const channels = word(layer, 100);
  const place = channels << 5;
  const row = word(layer, 96) * place;
  const from = word(layer, 28);
  const mean = word(layer, 60) == MEAN;
  let out = word(layer, 32);
  for (let y: usize = 0; y < word(layer, 104); y++) {
    const y0 = windowStart(y, word(layer, 120), word(layer, 128));
    const y1 = windowEnd(y, word(layer, 120), word(layer, 128), word(layer, 112), word(layer, 92));
    for (let x: usize = 0; x < word(layer, 108); x++) {
      const x0 = windowStart(x, word(layer, 124), word(layer, 132));
      const x1 = windowEnd(x, word(layer, 124), word(layer, 132), word(layer, 116), word(layer, 96));
      const share = f32x4.splat(<f32> 1 / <f32> ((y1 - y0) * (x1 - x0)));
      for (const end = out + place, corner = from + y0 * row + x0 * place - out; out < end; out += 16) {
        let result = mean ? f32x4.splat(0) : f32x4.splat(-Infinity);
        for (let v: usize = y0, line = corner + out; v < y1; v++, line += row) {
          for (let u: usize = x0, at = line; u < x1; u++, at += place) {
            const h = v128.load(at);
            result = mean ? f32x4.add(result, h) : f32x4.max(result, h);
          }
        }
        v128.store(out, mean ? f32x4.mul(result, share) : result);
      }
    }
  }
}

/** Hands the error of each window to the first of its largest values, or in equal shares to all. */
function poolDown(layer: usize, error: usize): void {
  const channels = word(layer, 100);
  const place = channels << 5;
  const row = word(layer, 96) * place;
  const from = word(layer, 28);
  const mean = word(layer, 60) == MEAN;
  memory.fill(error, 0, word(layer, 92) * row);
  let out = word(layer, 32);
  let d = word(layer, 36);
  for (let y: usize = 0; y < word(layer, 104); y++) {
    const y0 = windowStart(y, word(layer, 120), word(layer, 128));
    const y1 = windowEnd(y, word(layer, 120), word(layer, 128), word(layer, 112), word(layer, 92));
    for (let x: usize = 0; x < word(layer, 108); x++) {
      const x0 = windowStart(x, word(layer, 124), word(layer, 132));
      const x1 = windowEnd(x, word(layer, 124), word(layer, 132), word(layer, 116), word(layer, 96));
      const share = f32x4.splat(<f32> 1 / <f32> ((y1 - y0) * (x1 - x0)));
      const corner = y0 * row + x0 * place;
      for (let c: usize = 0; c < place; c += 16) {
        const top = v128.load(out + c);
        let given = v128.load(d + c);
        if (mean) given = f32x4.mul(given, share);
        for (let v: usize = y0, line = corner + c; v < y1; v++, line += row) {
          for (let u: usize = x0, at = line; u < x1; u++, at += place) {
            const before = v128.load(error + at);
            if (mean) v128.store(error + at, f32x4.add(before, given));
            else {
              const first = f32x4.eq(v128.load(from + at), top);
              v128.store(error + at, f32x4.add(before, v128.and(given, first)));
              given = v128.andnot(given, first);
            }
          }
        }
      }
      out += place;
      d += place;
    }
  }
}

/** Activations of all layers for the block at hand; the output's is left to the caller. */
function blockUp(plan: usize): void {
  for (let k: usize = 0; k < word(plan, 0); k++) {
    const layer = layerAt(plan, k);
    const kind = word(layer, 60);
    const output = word(layer, 32);
    const count = word(layer, 88) << 3;
    if (kind == DENSE) multiply(word(layer, 20), word(layer, 28), word(layer, 0), output, word(layer, 4), 1);
    else if (kind == CONVOLUTION) convolveUp(layer);
    else if (kind == LARGEST || kind == MEAN) poolUp(layer);
    else {
      memory.copy(output, word(layer, 28), count << 2);
      addArray(word(word(layer, 152), 32), output, count);
    }
    activate(layer, output, count);
    if (word(layer, 44)) quantise(layer, output, count);
  }
}

/** Keeps the activation, by which errors go down, and makes the output the middles of its cells. */
function quantise(layer: usize, output: usize, count: usize): void {
  const activation = word(layer, 44);
  memory.copy(activation, output, count << 2);
  quantiseArray(activation, output, count, word(layer, 8) == 1 ? -1 : 0, 1, load<f32>(layer, 56));
}

/** Errors of all layers for the block at hand from those of the last, and the gradients of convolutions. */
function blockDown(plan: usize, squares: usize): void {
  const layers = word(plan, 0);
  for (let k: usize = 0; k < layers; k++) {
    const layer = layerAt(plan, k);
    if (word(layer, 48)) memory.fill(word(layer, 48), 0, word(layer, 88) << 5);
  }
  for (let k = layers; k > 0; k--) {
    const layer = layerAt(plan, k - 1);
    const kind = word(layer, 60);
    const error = word(layer, 36);
    const count = word(layer, 88) << 3;
    if (k < layers) {
      if (word(layer, 48)) addArray(word(layer, 48), error, count);
      differentiate(layer, error, count);
    }
    if (kind == CONVOLUTION) {
      addConvolutionGradient(layer);
      if (squares) addConvolutionSquares(layer, squares + ((k - 1) << 3));
    }
    const below = word(layer, 156);
    if (!below) continue;
    const target = word(below, 36);
    if (kind == DENSE) multiply(word(layer, 24), error, word(layer, 4), target, word(layer, 0), 1);
    else if (kind == CONVOLUTION) convolveDown(layer, target);
    else if (kind == LARGEST || kind == MEAN) poolDown(layer, target);
    else {
      memory.copy(target, error, count << 2);
      addArray(error, word(word(layer, 152), 48), count);
    }
  }
}

/** Probabilities and errors of the output for block b, and its part of the loss. */
function blockLoss(plan: usize, b: usize, count: usize): void {
  const layer = layerAt(plan, word(plan, 0) - 1);
  const z = word(layer, 32);
  const error = word(layer, 36);
  const labels = word(plan, 20) + (b << 5);
  const classes = word(layer, 4);
  const lanes = i32x4.add(i32x4.splat(<i32> (b << 3)), i32x4(0, 1, 2, 3));
  const end = i32x4.splat(<i32> count);
  const low = i32x4.lt_s(lanes, end);
  const high = i32x4.lt_s(i32x4.add(lanes, i32x4.splat(4)), end);
  if (word(layer, 8) == 5) {
    binaryLossLanes(plan, z, error, v128.load(labels), low);
    binaryLossLanes(plan, z + 16, error + 16, v128.load(labels, 16), high);
  } else {
    softmaxLossLanes(plan, z, error, v128.load(labels), low, classes);
    softmaxLossLanes(plan, z + 16, error + 16, v128.load(labels, 16), high, classes);
  }
  if (b % BLOCKS_A_LOGARITHM == BLOCKS_A_LOGARITHM - 1) foldProducts(plan);
}

/**
 * The gradient of the mean cross-entropy over the `count` rows that the caller has written to the plan's input blocks, into the plan's
 * gradients. Returns the mean cross-entropy in nats.
 *
 * @param squares Where to add each layer's Σ ‖g_i‖² over the rows, an f64 a layer; 0 for nowhere.
 */
export function convolutionGradient(plan: usize, count: usize, squares: usize): f64 {
  const layers = word(plan, 0);
  const blocks = (count + 7) >> 3;
  store<f64>(plan, 0, 112);
  v128.store(plan, f64x2.splat(1), 128);
  v128.store(plan, f64x2.splat(1), 144);
  v128.store(plan, f64x2.splat(0), 160);
  v128.store(plan, f64x2.splat(0), 176);
  packUp(plan);
  packDown(plan);
  memory.fill(word(plan, 32), 0, word(plan, 36) << 2);
  for (let b: usize = 0; b < blocks; b++) {
    pointAt(plan, b);
    blockUp(plan);
    blockLoss(plan, b, count);
    blockDown(plan, squares);
  }
  foldProducts(plan);
  divideGradients(plan, <f32> count);
  pointAt(plan, 0);
  for (let k: usize = 0; k < layers; k++) {
    const layer = layerAt(plan, k);
    if (word(layer, 60) != DENSE) continue;
    layerGradient(layer, blocks, <f32> count);
    if (squares) store<f64>(squares + (k << 3), load<f64>(squares + (k << 3)) + layerSquares(layer, blocks));
  }
  const margins = f64x2.add(v128.load(plan, 160), v128.load(plan, 176));
  const margin = f64x2.extract_lane(margins, 0) + f64x2.extract_lane(margins, 1);
  return (load<f64>(plan, 112) - margin) / <f64> count;
}

/** Sums of convolutions become means; dense layers write theirs later. */
function divideGradients(plan: usize, batch: f32): void {
  const divisor = f32x4.splat(batch);
  let g = word(plan, 32);
  const end = g + (word(plan, 36) << 2);
  for (; g < end; g += 16) v128.store(g, f32x4.div(v128.load(g), divisor));
}

/** One update on the `count` rows in the plan's input blocks; returns the mean cross-entropy in nats before it. */
export function convolutionStep(plan: usize, count: usize): f64 {
  const loss = convolutionGradient(plan, count, 0);
  update(plan);
  return loss;
}

/** Packs the weights for `convolutionForward`; to be called once after they changed. */
export function convolutionForwardBegin(plan: usize): void {
  packUp(plan);
}

/** Outputs of the layers that have output rows, row-major into them, for the rows in the plan's input blocks. */
export function convolutionForward(plan: usize, count: usize): void {
  const layers = word(plan, 0);
  const blocks = (count + 7) >> 3;
  for (let b: usize = 0; b < blocks; b++) {
    pointAt(plan, b);
    blockUp(plan);
    for (let k: usize = 0; k < layers; k++) {
      const layer = layerAt(plan, k);
      const values = word(layer, 88);
      const output = word(layer, 32);
      const done = (b * values) << 5;
      if (word(layer, 160)) scatter(output, values, word(layer, 160) + done, 1);
      if (k == layers - 1) {
        if (word(layer, 8) == 4) softmax(output, values, 1);
        else if (word(layer, 8) == 5) logisticArray(output, 8);
      }
      if (word(layer, 40)) scatter(output, values, word(layer, 40) + done, 1);
    }
  }
}
