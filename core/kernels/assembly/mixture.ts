/**
 * Sums over a mixture of equal spherical Gaussians, one on each row of a layer.
 *
 * Rows stand in blocks of 64, unit by unit within a block, and are taken a tile at a time, 16 rows against 64: squared
 * distances, exponentials, weighted sums. Nothing of the size rows × rows is kept. Distances are sums of squared differences, so
 * equal rows are exactly 0 apart and a row's own Gaussian is exactly 1 at its centre. Differences of f32 are squared and summed
 * in f32, sixteen units at a time, all else in f64.
 *
 * Every row has a weight for each class, p(x) p(y|x); a block names the range of classes that occur in it, and sums run over
 * those. All sums have one order. Pointers are in bytes.
 */

/** Rows of a block. */
const LANES: usize = 64;
/** Rows of a tile on its left side. */
const TILE_ROWS: usize = 16;
const LANE_BYTES: usize = LANES << 3;
const LANE_BYTES_32: usize = LANES << 2;
/** Squares that are summed in f32: few enough that their rounding does not add up. */
const UNITS_AT_ONCE: usize = 16;
/** Units of one stretch of a tile, a multiple of those: 64 rows of them and 16 rows more, 20 kB, lie in the nearest cache. */
const UNITS_OF_A_STRETCH: usize = 64;

/**
 * The mixture; offsets in bytes:
 *
 *   0 classes C · 4 blocks · 8 units · 12 values, [blocks, units, 64] · 16 weights, [C, blocks, 64] (f64) ·
 *   20 first class of each block and the one after its last (two u32) · 24 room for three tiles
 *
 * Values are f64, or f32 where pairs are told so.
 */
@inline
function word(mixture: usize, offset: usize): usize {
  return load<u32>(mixture + offset);
}

// deno-fmt-ignore
const CONSTANTS: usize = memory.data<f64>([
  -240, -240, // 0: 2^x is taken as 2^−240 below, so that neither its fourth power nor a weight times that is subnormal
  6755399441055744, 6755399441055744, // 16: 1.5 · 2^52, adding it leaves a whole number in the low bits
  1, 1, // 32
  1.3250805750431027e-6, 1.3250805750431027e-6, // 48: 2^f ≈ 1 + f (… ) for |f| ≤ ½, interpolated at the nodes of Chebyshev
  1.530370025193406e-5, 1.530370025193406e-5, // 64
  1.5403475185848947e-4, 1.5403475185848947e-4, // 80
  1.3333478475345828e-3, 1.3333478475345828e-3, // 96
  9.618129135234632e-3, 9.618129135234632e-3, // 112
  5.5504109063244156e-2, 5.5504109063244156e-2, // 128
  0.2402265069588854, 0.2402265069588854, // 144
  0.6931471805568327, 0.6931471805568327, // 160
  960, 960, // 176
], 16);

@inline
function constant(offset: usize): v128 {
  return v128.load(CONSTANTS + offset);
}

/** 2^x of two lanes; at most 3e-12 off relatively, and 2^x − 1 at most 5e-12 of itself where x is near 0. */
@inline
function powersOfTwo(x: v128): v128 {
  const a = f64x2.pmax(x, constant(0));
  const m = f64x2.add(a, constant(16));
  const f = f64x2.sub(a, f64x2.sub(m, constant(16)));
  const f2 = f64x2.mul(f, f);
  const a76 = f64x2.add(f64x2.mul(f, constant(48)), constant(64));
  const a54 = f64x2.add(f64x2.mul(f, constant(80)), constant(96));
  const a32 = f64x2.add(f64x2.mul(f, constant(112)), constant(128));
  const a10 = f64x2.add(f64x2.mul(f, constant(144)), constant(160));
  const high = f64x2.add(f64x2.mul(a76, f2), a54);
  const low = f64x2.add(f64x2.mul(a32, f2), a10);
  const q = f64x2.add(f64x2.mul(high, f64x2.mul(f2, f2)), low);
  return i64x2.add(f64x2.add(constant(32), f64x2.mul(f, q)), i64x2.shl(m, 52));
}

/** Adds the square of a difference of two pairs of lanes. */
@inline
function addSquare(sum: v128, a: v128, b: v128): v128 {
  const difference = f64x2.sub(a, b);
  return f64x2.add(sum, f64x2.mul(difference, difference));
}

/** Adds the square of a difference of two fours of lanes. */
@inline
function addSquare32(sum: v128, a: v128, b: v128): v128 {
  const difference = f32x4.sub(a, b);
  return f32x4.add(sum, f32x4.mul(difference, difference));
}

/** Stores four f32 as f64, or adds them to what is there. */
@inline
function widen(at: usize, s: v128, add: bool): void {
  const low = f64x2.promote_low_f32x4(s);
  const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(s, s, 2, 3, 2, 3));
  v128.store(at, add ? f64x2.add(v128.load(at), low) : low);
  v128.store(at, add ? f64x2.add(v128.load(at, 16), high) : high, 16);
}

/**
 * As `distances`, from f32.
 *
 * Units are taken a stretch at a time, so that what all pairs of the tile need of both blocks is at hand in the nearest cache.
 */
function distances32(left: usize, right: usize, units: usize, tile: usize): void {
  const end = right + units * LANE_BYTES_32;
  let add = false;
  while (right < end) {
    const stop = min(end, right + UNITS_OF_A_STRETCH * LANE_BYTES_32);
    for (let i: usize = 0; i < TILE_ROWS; i += 2) {
      for (let j: usize = 0; j < LANES; j += 16) {
        addDistances32(left + (i << 2), right + (j << 2), stop, tile + i * LANE_BYTES + (j << 3), add);
      }
    }
    left += stop - right;
    right = stop;
    add = true;
  }
}

/** Squared distances of two rows from sixteen over the units whose values lie before `stop`, to `at`, or added to what is there. */
@inline
function addDistances32(a: usize, b: usize, stop: usize, at: usize, add: bool): void {
  while (b < stop) {
    const pause = min(stop, b + UNITS_AT_ONCE * LANE_BYTES_32);
    let s0 = f32x4.splat(0);
    let s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    for (; b < pause; b += LANE_BYTES_32) {
      const x = v128.load32_splat(a);
      const y = v128.load32_splat(a, 4);
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      s0 = addSquare32(s0, x, b0);
      s1 = addSquare32(s1, x, b1);
      s2 = addSquare32(s2, x, b2);
      s3 = addSquare32(s3, x, b3);
      t0 = addSquare32(t0, y, b0);
      t1 = addSquare32(t1, y, b1);
      t2 = addSquare32(t2, y, b2);
      t3 = addSquare32(t3, y, b3);
      a += LANE_BYTES_32;
    }
    widen(at, s0, add);
    widen(at + 32, s1, add);
    widen(at + 64, s2, add);
    widen(at + 96, s3, add);
    widen(at + 512, t0, add);
    widen(at + 544, t1, add);
    widen(at + 576, t2, add);
    widen(at + 608, t3, add);
    add = true;
  }
}

/** Squared distances of 16 rows from `left` on against the 64 rows of `right`, to `tile`, [16, 64]. */
function distances(left: usize, right: usize, units: usize, tile: usize): void {
  for (let i: usize = 0; i < TILE_ROWS; i += 2) {
    for (let j: usize = 0; j < LANE_BYTES; j += 64) {
      let a = left + (i << 3);
      let b = right + j;
      const end = b + units * LANE_BYTES;
      let s0 = f64x2.splat(0);
      let s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
      for (; b < end; b += LANE_BYTES) {
        const x = v128.load64_splat(a);
        const y = v128.load64_splat(a, 8);
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        const b2 = v128.load(b, 32);
        const b3 = v128.load(b, 48);
        s0 = addSquare(s0, x, b0);
        s1 = addSquare(s1, x, b1);
        s2 = addSquare(s2, x, b2);
        s3 = addSquare(s3, x, b3);
        t0 = addSquare(t0, y, b0);
        t1 = addSquare(t1, y, b1);
        t2 = addSquare(t2, y, b2);
        t3 = addSquare(t3, y, b3);
        a += LANE_BYTES;
      }
      const at = tile + i * LANE_BYTES + j;
      v128.store(at, s0);
      v128.store(at, s1, 16);
      v128.store(at, s2, 32);
      v128.store(at, s3, 48);
      v128.store(at, t0, 512);
      v128.store(at, t1, 528);
      v128.store(at, t2, 544);
      v128.store(at, t3, 560);
    }
  }
}

/** The tile of 2^(−scale · distance), and that of its fourth power. */
function pairExponentials(tile: usize, scale: f64, first: usize, fourth: usize): void {
  const factor = f64x2.splat(-scale);
  const end = tile + TILE_ROWS * LANE_BYTES;
  for (; tile < end; tile += 16) {
    const e = powersOfTwo(f64x2.mul(v128.load(tile), factor));
    const square = f64x2.mul(e, e);
    v128.store(first, e);
    v128.store(fourth, f64x2.mul(square, square));
    first += 16;
    fourth += 16;
  }
}

@inline
function bothLanes(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

@inline
function addTo(at: usize, term: f64): void {
  store<f64>(at, load<f64>(at) + term);
}

/** Adds each row of the tile, weighed, to the sum of its left row. */
function sumLeft(tile: usize, weights: usize, sums: usize): void {
  const end = tile + TILE_ROWS * LANE_BYTES;
  for (; tile < end; tile += 4 * LANE_BYTES) {
    let s0 = f64x2.splat(0);
    let s1 = s0, s2 = s0, s3 = s0;
    for (let j: usize = 0; j < LANE_BYTES; j += 16) {
      const w = v128.load(weights + j);
      const at = tile + j;
      s0 = f64x2.add(s0, f64x2.mul(w, v128.load(at)));
      s1 = f64x2.add(s1, f64x2.mul(w, v128.load(at, 512)));
      s2 = f64x2.add(s2, f64x2.mul(w, v128.load(at, 1024)));
      s3 = f64x2.add(s3, f64x2.mul(w, v128.load(at, 1536)));
    }
    addTo(sums, bothLanes(s0));
    addTo(sums + 8, bothLanes(s1));
    addTo(sums + 16, bothLanes(s2));
    addTo(sums + 24, bothLanes(s3));
    sums += 32;
  }
}

/** Adds each column of the tile, weighed, to the sum of its right row. */
function sumRight(tile: usize, weights: usize, sums: usize): void {
  for (let i: usize = 0; i < TILE_ROWS; i += 8) {
    const w0 = v128.load64_splat(weights);
    const w1 = v128.load64_splat(weights, 8);
    const w2 = v128.load64_splat(weights, 16);
    const w3 = v128.load64_splat(weights, 24);
    const w4 = v128.load64_splat(weights, 32);
    const w5 = v128.load64_splat(weights, 40);
    const w6 = v128.load64_splat(weights, 48);
    const w7 = v128.load64_splat(weights, 56);
    for (let j: usize = 0; j < LANE_BYTES; j += 16) {
      const at = tile + j;
      let s = f64x2.mul(w0, v128.load(at));
      let t = f64x2.mul(w1, v128.load(at, 512));
      s = f64x2.add(s, f64x2.mul(w2, v128.load(at, 1024)));
      t = f64x2.add(t, f64x2.mul(w3, v128.load(at, 1536)));
      s = f64x2.add(s, f64x2.mul(w4, v128.load(at, 2048)));
      t = f64x2.add(t, f64x2.mul(w5, v128.load(at, 2560)));
      s = f64x2.add(s, f64x2.mul(w6, v128.load(at, 3072)));
      t = f64x2.add(t, f64x2.mul(w7, v128.load(at, 3584)));
      v128.store(sums + j, f64x2.add(v128.load(sums + j), f64x2.add(s, t)));
    }
    tile += 8 * LANE_BYTES;
    weights += 64;
  }
}

/**
 * Adds to the sums of all rows what pairs of the rows of block `left` with those of the same and of later blocks give:
 * S_y(i) = Σ_j w_y(j) e_ij with e_ij = 2^(−scale · d_ij), and the same with e_ij⁴. Within a block every pair is taken twice, so each
 * row also meets itself.
 *
 * @param single Values are f32.
 * @param scales `scaleCount` f64.
 * @param sums [scaleCount, 2, C, blocks, 64] f64: of e, then of e⁴.
 */
export function mixturePairs(
  mixture: usize,
  single: bool,
  scales: usize,
  scaleCount: usize,
  sums: usize,
  left: usize,
): void {
  const classes = word(mixture, 0);
  const blocks = word(mixture, 4);
  const units = word(mixture, 8);
  const values = word(mixture, 12);
  const weights = word(mixture, 16);
  const stride = blocks * LANE_BYTES;
  const ranges = word(mixture, 20);
  const apart = word(mixture, 24);
  const power1 = apart + TILE_ROWS * LANE_BYTES;
  const power4 = power1 + TILE_ROWS * LANE_BYTES;
  const kind = classes * stride;
  const leftFrom: usize = load<u32>(ranges + (left << 3));
  const leftTo: usize = load<u32>(ranges + (left << 3), 4);
  for (let right = left; right < blocks; right++) {
    const rightFrom: usize = load<u32>(ranges + (right << 3));
    const rightTo: usize = load<u32>(ranges + (right << 3), 4);
    const rightAt = right * LANE_BYTES;
    for (let i: usize = 0; i < LANES; i += TILE_ROWS) {
      const leftAt = left * LANE_BYTES + (i << 3);
      if (single) {
        const block = units * LANE_BYTES_32;
        distances32(values + left * block + (i << 2), values + right * block, units, apart);
      } else {
        const block = units * LANE_BYTES;
        distances(values + left * block + (i << 3), values + right * block, units, apart);
      }
      let to = sums;
      for (let s: usize = 0; s < scaleCount; s++) {
        pairExponentials(apart, load<f64>(scales + (s << 3)), power1, power4);
        for (let y = rightFrom; y < rightTo; y++) {
          const offset = y * stride;
          sumLeft(power1, weights + offset + rightAt, to + offset + leftAt);
          sumLeft(power4, weights + offset + rightAt, to + kind + offset + leftAt);
        }
        if (left !== right) {
          for (let y = leftFrom; y < leftTo; y++) {
            const offset = y * stride;
            sumRight(power1, weights + offset + leftAt, to + offset + rightAt);
            sumRight(power4, weights + offset + leftAt, to + kind + offset + rightAt);
          }
        }
        to += kind << 1;
      }
    }
  }
}

/** The tile of 2^(scale · (own − distance)), `own` of each left row; at most 2^960. */
function pointExponentials(tile: usize, own: usize, scale: f64, to: usize): void {
  const factor = f64x2.splat(scale);
  for (let i: usize = 0; i < TILE_ROWS; i++) {
    const reference = v128.load64_splat(own + (i << 3));
    const end = tile + LANE_BYTES;
    for (; tile < end; tile += 16) {
      const x = f64x2.mul(f64x2.sub(reference, v128.load(tile)), factor);
      v128.store(to, powersOfTwo(f64x2.pmin(x, constant(176))));
      to += 16;
    }
  }
}

/**
 * Adds to the sums of 64 points what all rows give: S_y(k) = Σ_j w_y(j) 2^(scale · (own_k − d_kj)).
 *
 * @param points [units, 64] f64, as a block of rows.
 * @param own [64] f64: what the point's distance from its own row is, summed over units in order.
 * @param sums [C, 64] f64.
 */
export function mixturePoints(
  mixture: usize,
  points: usize,
  own: usize,
  scale: f64,
  sums: usize,
): void {
  const blocks = word(mixture, 4);
  const units = word(mixture, 8);
  const values = word(mixture, 12);
  const weights = word(mixture, 16);
  const stride = blocks * LANE_BYTES;
  const ranges = word(mixture, 20);
  const apart = word(mixture, 24);
  const power = apart + TILE_ROWS * LANE_BYTES;
  for (let right: usize = 0; right < blocks; right++) {
    const from: usize = load<u32>(ranges + (right << 3));
    const to: usize = load<u32>(ranges + (right << 3), 4);
    for (let i: usize = 0; i < LANES; i += TILE_ROWS) {
      distances(points + (i << 3), values + right * units * LANE_BYTES, units, apart);
      pointExponentials(apart, own + (i << 3), scale, power);
      for (let y = from; y < to; y++) {
        sumLeft(power, weights + y * stride + right * LANE_BYTES, sums + y * LANE_BYTES + (i << 3));
      }
    }
  }
}
