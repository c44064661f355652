/**
 * Eigenvalues of a symmetric matrix: Householder's reduction to a tridiagonal one, from the last row up, then implicit QL.
 *
 * Rows are reduced in panels (Dongarra, Hammarling and Sorensen 1989). Within a panel the matrix stays as it is and the products with it
 * are corrected by the pairs (v, w) of the rows reduced so far, A − Σ v wᵀ + w vᵀ; after the panel the pairs are subtracted at
 * once, four rows by four columns at a time. The upper triangle is room for whole blocks and never read. Pointers are in bytes.
 */

/** Rows of a panel. */
const PANEL: usize = 32;

/** A sum of squares that counts as 0, so that its inverse stays finite. */
const NOTHING: f64 = 1e-280;

/** A pair's four numbers of v, then of w. */
const PAIR: usize = 64;

/**
 * A reduction; offsets in bytes:
 *
 *   0 rows of the matrix in steps of four, S · 4 the matrix, [S, S] (f64) · 8 diagonal (f64) · 12 subdiagonal (f64) · 16 the vectors v of a
 *   panel, [PANEL, S] (f64) · 20 the vectors w · 24 both in blocks of four columns, [S / 4, PANEL] pairs
 */
@inline
function word(plan: usize, offset: usize): usize {
  return load<u32>(plan + offset);
}

@inline
function laneSum(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Σ a_c b_c over `count` columns, an even number. */
function dot(a: usize, b: usize, count: usize): f64 {
  let even = f64x2.splat(0);
  let odd = even;
  const end = a + (count << 3);
  for (; a + 16 < end; a += 32) {
    even = f64x2.add(even, f64x2.mul(v128.load(a), v128.load(b)));
    odd = f64x2.add(odd, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
    b += 32;
  }
  if (a < end) even = f64x2.add(even, f64x2.mul(v128.load(a), v128.load(b)));
  return laneSum(f64x2.add(even, odd));
}

/** target −= x a + y b over `count` columns, an even number. */
@inline
function subtract(target: usize, a: usize, x: f64, b: usize, y: f64, count: usize): void {
  const xs = f64x2.splat(x);
  const ys = f64x2.splat(y);
  for (const end = target + (count << 3); target < end; target += 16) {
    const sum = f64x2.add(f64x2.mul(xs, v128.load(a)), f64x2.mul(ys, v128.load(b)));
    v128.store(target, f64x2.sub(v128.load(target), sum));
    a += 16;
    b += 16;
  }
}

/** p = A u for the first rows of the matrix, S of them a multiple of four, from its lower triangle. */
function multiply(matrix: usize, rowBytes: usize, rows: usize, u: usize, p: usize): void {
  memory.fill(p, 0, rows << 3);
  for (let r: usize = 0; r < rows; r += 4) {
    const row = matrix + r * rowBytes;
    let a0 = row;
    let a1 = row + rowBytes;
    let a2 = a1 + rowBytes;
    let a3 = a2 + rowBytes;
    const u0 = v128.load64_splat(u + (r << 3));
    const u1 = v128.load64_splat(u + (r << 3), 8);
    const u2 = v128.load64_splat(u + (r << 3), 16);
    const u3 = v128.load64_splat(u + (r << 3), 24);
    let s0 = f64x2.splat(0);
    let s1 = s0, s2 = s0, s3 = s0;
    let at = u;
    let to = p;
    for (const end = row + (r << 3); a0 < end; a0 += 16) {
      const x = v128.load(at);
      const m0 = v128.load(a0);
      const m1 = v128.load(a1);
      const m2 = v128.load(a2);
      const m3 = v128.load(a3);
      s0 = f64x2.add(s0, f64x2.mul(m0, x));
      s1 = f64x2.add(s1, f64x2.mul(m1, x));
      s2 = f64x2.add(s2, f64x2.mul(m2, x));
      s3 = f64x2.add(s3, f64x2.mul(m3, x));
      const low = f64x2.add(f64x2.mul(m0, u0), f64x2.mul(m1, u1));
      const high = f64x2.add(f64x2.mul(m2, u2), f64x2.mul(m3, u3));
      v128.store(to, f64x2.add(v128.load(to), f64x2.add(low, high)));
      a1 += 16;
      a2 += 16;
      a3 += 16;
      at += 16;
      to += 16;
    }
    store<f64>(to, laneSum(s0));
    store<f64>(to, laneSum(s1), 8);
    store<f64>(to, laneSum(s2), 16);
    store<f64>(to, laneSum(s3), 24);
    // The block on the diagonal, entry by entry.
    for (let i: usize = 0; i < 4; i++) {
      const entries = row + i * rowBytes + (r << 3);
      let sum = load<f64>(to + (i << 3));
      for (let j: usize = 0; j < i; j++) {
        const entry = load<f64>(entries + (j << 3));
        sum += entry * load<f64>(at + (j << 3));
        store<f64>(to + (j << 3), load<f64>(to + (j << 3)) + entry * load<f64>(at + (i << 3)));
      }
      store<f64>(to + (i << 3), sum + load<f64>(entries + (i << 3)) * load<f64>(at + (i << 3)));
    }
  }
}

/** Gathers the vectors of a panel into blocks of four columns. */
function pack(plan: usize, pairs: usize, rows: usize): void {
  const bytes = word(plan, 0) << 3;
  for (let k: usize = 0; k < pairs; k++) {
    const v = word(plan, 16) + k * bytes;
    const w = word(plan, 20) + k * bytes;
    let to = word(plan, 24) + k * PAIR;
    for (let c: usize = 0; c < rows << 3; c += 32) {
      v128.store(to, v128.load(v + c));
      v128.store(to, v128.load(v + c, 16), 16);
      v128.store(to, v128.load(w + c), 32);
      v128.store(to, v128.load(w + c, 16), 48);
      to += PANEL * PAIR;
    }
  }
}

/** A −= Σ v wᵀ + w vᵀ on and below the blocks of the diagonal. */
function update(plan: usize, pairs: usize, rows: usize): void {
  const rowBytes = word(plan, 0) << 3;
  const packed = word(plan, 24);
  const span = pairs * PAIR;
  for (let r: usize = 0; r < rows; r += 4) {
    const ofRow = packed + (r >> 2) * PANEL * PAIR;
    let entries = word(plan, 4) + r * rowBytes;
    for (let c: usize = 0; c <= r; c += 4) {
      let row = ofRow;
      let column = packed + (c >> 2) * PANEL * PAIR;
      let a = f64x2.splat(0);
      let b = a, d = a, e = a, f = a, g = a, h = a, i = a;
      for (const end = column + span; column < end; column += PAIR) {
        const v0 = v128.load(column);
        const v1 = v128.load(column, 16);
        const w0 = v128.load(column, 32);
        const w1 = v128.load(column, 48);
        let x = v128.load64_splat(row);
        let y = v128.load64_splat(row, 32);
        a = f64x2.add(a, f64x2.add(f64x2.mul(x, w0), f64x2.mul(y, v0)));
        b = f64x2.add(b, f64x2.add(f64x2.mul(x, w1), f64x2.mul(y, v1)));
        x = v128.load64_splat(row, 8);
        y = v128.load64_splat(row, 40);
        d = f64x2.add(d, f64x2.add(f64x2.mul(x, w0), f64x2.mul(y, v0)));
        e = f64x2.add(e, f64x2.add(f64x2.mul(x, w1), f64x2.mul(y, v1)));
        x = v128.load64_splat(row, 16);
        y = v128.load64_splat(row, 48);
        f = f64x2.add(f, f64x2.add(f64x2.mul(x, w0), f64x2.mul(y, v0)));
        g = f64x2.add(g, f64x2.add(f64x2.mul(x, w1), f64x2.mul(y, v1)));
        x = v128.load64_splat(row, 24);
        y = v128.load64_splat(row, 56);
        h = f64x2.add(h, f64x2.add(f64x2.mul(x, w0), f64x2.mul(y, v0)));
        i = f64x2.add(i, f64x2.add(f64x2.mul(x, w1), f64x2.mul(y, v1)));
        row += PAIR;
      }
      let to = entries;
      v128.store(to, f64x2.sub(v128.load(to), a));
      v128.store(to, f64x2.sub(v128.load(to, 16), b), 16);
      to += rowBytes;
      v128.store(to, f64x2.sub(v128.load(to), d));
      v128.store(to, f64x2.sub(v128.load(to, 16), e), 16);
      to += rowBytes;
      v128.store(to, f64x2.sub(v128.load(to), f));
      v128.store(to, f64x2.sub(v128.load(to, 16), g), 16);
      to += rowBytes;
      v128.store(to, f64x2.sub(v128.load(to), h));
      v128.store(to, f64x2.sub(v128.load(to, 16), i), 16);
      entries += 32;
    }
  }
}

/**
 * Reduces the last rows of the first `rows`, a panel of them or what is left.
 *
 * @returns How many rows are left to reduce.
 */
export function eigenvaluesReduce(plan: usize, rows: usize): usize {
  const stride = word(plan, 0);
  const bytes = stride << 3;
  const matrix = word(plan, 4);
  const vectors = word(plan, 16);
  const products = word(plan, 20);
  const pairs = min(PANEL, rows);
  for (let k: usize = 0; k < pairs; k++) {
    // Row i is left of its diagonal; its first i numbers are to become (0, …, 0, e).
    const i = rows - 1 - k;
    const row = matrix + i * bytes;
    const whole = (i + 4) & ~3;
    for (let j: usize = 0; j < k; j++) {
      const v = vectors + j * bytes;
      const w = products + j * bytes;
      subtract(row, w, load<f64>(v + (i << 3)), v, load<f64>(w + (i << 3)), whole);
    }
    store<f64>(word(plan, 8) + (i << 3), load<f64>(row + (i << 3)));
    const v = vectors + k * bytes;
    const w = products + k * bytes;
    memory.fill(v, 0, bytes);
    memory.fill(w, 0, bytes);
    if (i === 0) break;
    memory.copy(v, row, i << 3);
    const last = load<f64>(v + ((i - 1) << 3));
    store<f64>(v + ((i - 1) << 3), 0);
    const rest = dot(v, v, whole);
    let e = last;
    if (rest > NOTHING) {
      e = sqrt(last * last + rest);
      if (last > 0) e = -e;
      store<f64>(v + ((i - 1) << 3), last - e);
      const h = e * e - last * e;
      multiply(matrix, bytes, whole, v, w);
      // What lies at and behind column i belongs to rows reduced before.
      memory.fill(w + (i << 3), 0, (whole - i) << 3);
      for (let j: usize = 0; j < k; j++) {
        const vj = vectors + j * bytes;
        const wj = products + j * bytes;
        subtract(w, vj, dot(wj, v, whole), wj, dot(vj, v, whole), whole);
      }
      for (let c: usize = 0; c < i << 3; c += 8) store<f64>(w + c, load<f64>(w + c) / h);
      const along = 0.5 * dot(v, w, whole) / h;
      for (let c: usize = 0; c < i << 3; c += 8) store<f64>(w + c, load<f64>(w + c) - along * load<f64>(v + c));
    } else memory.fill(v, 0, i << 3);
    store<f64>(word(plan, 12) + ((i - 1) << 3), e);
  }
  const left = rows - pairs;
  if (left > 0) {
    const whole = (left + 3) & ~3;
    pack(plan, pairs, whole);
    update(plan, pairs, whole);
  }
  return left;
}

/**
 * Turns a tridiagonal matrix into its eigenvalues, in no order (implicit QL with Wilkinson's shift; Dubrulle, Martin and Wilkinson 1968).
 *
 * Couplings below 2^−53 of their neighbours, or 2^−60 of the largest row, are taken as 0.
 *
 * @param diagonal n f64, which become the eigenvalues.
 * @param couplings n f64, the subdiagonal and a 0.
 * @returns The first row that did not settle within 60 sweeps, or n.
 */
export function eigenvaluesTridiagonal(n: usize, diagonal: usize, couplings: usize): usize {
  let norm = 0.0;
  for (let i: usize = 0; i < n; i++) {
    norm = max(norm, abs(load<f64>(diagonal + (i << 3))) + abs(load<f64>(couplings + (i << 3))));
  }
  const negligible = norm * 8.673617379884035e-19;
  for (let l: usize = 0; l < n; l++) {
    for (let sweep = 0;; sweep++) {
      let m = l;
      for (; m + 1 < n; m++) {
        const e = abs(load<f64>(couplings + (m << 3)));
        const beside = abs(load<f64>(diagonal + (m << 3))) + abs(load<f64>(diagonal + (m << 3), 8));
        if (e <= negligible || e <= 1.1102230246251565e-16 * beside) break;
      }
      if (m === l) break;
      if (sweep === 60) return l;
      const first = load<f64>(diagonal + (l << 3));
      const e = load<f64>(couplings + (l << 3));
      const slope = (load<f64>(diagonal + (l << 3), 8) - first) / (2 * e);
      const root = sqrt(slope * slope + 1);
      let g = load<f64>(diagonal + (m << 3)) - first + e / (slope < 0 ? slope - root : slope + root);
      let sine = 1.0;
      let cosine = 1.0;
      let p = 0.0;
      let i = m;
      for (; i > l; i--) {
        const coupling = load<f64>(couplings + ((i - 1) << 3));
        const f = sine * coupling;
        const b = cosine * coupling;
        const r = sqrt(f * f + g * g);
        store<f64>(couplings + (i << 3), r);
        if (r === 0) {
          store<f64>(diagonal + (i << 3), load<f64>(diagonal + (i << 3)) - p);
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = load<f64>(diagonal + (i << 3)) - p;
        const turned = (load<f64>(diagonal + ((i - 1) << 3)) - g) * sine + 2 * cosine * b;
        p = sine * turned;
        store<f64>(diagonal + (i << 3), g + p);
        g = cosine * turned - b;
      }
      if (i === l) {
        store<f64>(diagonal + (l << 3), load<f64>(diagonal + (l << 3)) - p);
        store<f64>(couplings + (l << 3), g);
      }
      store<f64>(couplings + (m << 3), 0);
    }
  }
  return n;
}
