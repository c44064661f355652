/**
 * Neighbours in the maximum norm, by a k-d tree.
 *
 * The tree halves its rows at the median of the widest column until a node holds at most `LEAF` of them. Nodes are numbered as in a
 * heap from 1, node i covers the places its ancestors' halving leaves it, and a row's place is where the halving put it. Distances and
 * the tests on boxes are single differences, which rounding leaves in order, so what is found does not depend on the tree:
 * exactly the rows a loop over all of them would find. Pointers are in bytes.
 */
const LEAF: usize = 8;

/**
 * A tree; offsets in bytes:
 *
 *   0 rows n · 4 columns d · 8 values, row-major [n, d] (f64) · 12 row at each place (u32) ·
 *   16 the values in order of places, rows of an even number of columns, the last 0 if d is odd (f64) ·
 *   20 box of each node: the least of each column, then the greatest, in such rows (f64)
 */
@inline
function word(tree: usize, offset: usize): usize {
  return load<u32>(tree + offset);
}

/** Bytes of a row whose columns are even in number. */
@inline
function rowBytes(tree: usize): usize {
  return (word(tree, 4) + 1) >> 1 << 4;
}

@inline
function boxOf(tree: usize, node: usize): usize {
  return word(tree, 20) + ((node * rowBytes(tree)) << 1);
}

/** Moves the row that belongs at `middle` there, smaller values of the column before it and greater ones behind (Hoare 1961). */
function select(tree: usize, column: usize, from: usize, to: usize, middle: usize): void {
  const d = word(tree, 4);
  const values = word(tree, 8) + (column << 3);
  const rows = word(tree, 12);
  let low = <i32> from;
  let high = <i32> to - 1;
  while (low < high) {
    const pivot = load<f64>(values + (<usize> load<u32>(rows + (<usize> ((low + high) >> 1) << 2)) * d << 3));
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<f64>(values + (<usize> load<u32>(rows + (<usize> i << 2)) * d << 3)) < pivot) i++;
      while (load<f64>(values + (<usize> load<u32>(rows + (<usize> j << 2)) * d << 3)) > pivot) j--;
      if (i <= j) {
        const row = load<u32>(rows + (<usize> i << 2));
        store<u32>(rows + (<usize> i << 2), load<u32>(rows + (<usize> j << 2)));
        store<u32>(rows + (<usize> j << 2), row);
        i++;
        j--;
      }
    }
    if (<i32> middle <= j) high = j;
    else if (<i32> middle >= i) low = i;
    else return;
  }
}

function buildNode(tree: usize, node: usize, from: usize, to: usize): void {
  const d = word(tree, 4);
  const values = word(tree, 8);
  const rows = word(tree, 12);
  const box = boxOf(tree, node);
  let widest: usize = 0;
  let extent = -1.0;
  for (let column: usize = 0; column < d; column++) {
    let least = Infinity;
    let most = -Infinity;
    for (let place = from; place < to; place++) {
      const value = load<f64>(values + ((<usize> load<u32>(rows + (place << 2)) * d + column) << 3));
      least = min(least, value);
      most = max(most, value);
    }
    store<f64>(box + (column << 3), least);
    store<f64>(box + rowBytes(tree) + (column << 3), most);
    if (most - least > extent) {
      extent = most - least;
      widest = column;
    }
  }
  if (to - from <= LEAF) return;
  const middle = (from + to) >> 1;
  select(tree, widest, from, to, middle);
  buildNode(tree, node << 1, from, middle);
  buildNode(tree, (node << 1) + 1, middle, to);
}

/** Fills rows, values in order of places, and boxes. */
export function neighboursBuild(tree: usize): void {
  const n = word(tree, 0);
  const bytes = word(tree, 4) << 3;
  const rows = word(tree, 12);
  for (let row: usize = 0; row < n; row++) store<u32>(rows + (row << 2), <u32> row);
  buildNode(tree, 1, 0, n);
  let to = word(tree, 16);
  for (let place: usize = 0; place < n; place++) {
    memory.copy(to, word(tree, 8) + <usize> load<u32>(rows + (place << 2)) * bytes, bytes);
    to += rowBytes(tree);
  }
}

@inline
function greater(pair: v128): f64 {
  return max(f64x2.extract_lane(pair, 0), f64x2.extract_lane(pair, 1));
}

/** The largest difference between two rows of `bytes`. */
@inline
function distance(a: usize, b: usize, bytes: usize): f64 {
  let most = f64x2.splat(0);
  for (const end = a + bytes; a < end; a += 16) {
    most = f64x2.pmax(most, f64x2.abs(f64x2.sub(v128.load(a), v128.load(b))));
    b += 16;
  }
  return greater(most);
}

/** The largest difference between two rows in `count` columns. */
function distanceIn(a: usize, b: usize, count: usize): f64 {
  let most = 0.0;
  for (const end = a + (count << 3); a < end; a += 8) {
    most = max(most, abs(load<f64>(a) - load<f64>(b)));
    b += 8;
  }
  return most;
}

/** The least distance any row in the box can have. */
@inline
function distanceToBox(point: usize, box: usize, bytes: usize): f64 {
  let most = f64x2.splat(0);
  for (const end = point + bytes; point < end; point += 16) {
    const value = v128.load(point);
    const below = f64x2.sub(v128.load(box), value);
    most = f64x2.pmax(most, f64x2.pmax(below, f64x2.sub(value, v128.load(box + bytes))));
    box += 16;
  }
  return greater(most);
}

/**
 * Offers the rows of a node to the k nearest of the row at `place`: k distances (f64) ascending, then k places (u32). Of rows equally
 * far the one with the lower number is nearer.
 */
function nearestIn(tree: usize, node: usize, from: usize, to: usize, place: usize, k: usize, found: usize): void {
  const bytes = rowBytes(tree);
  const points = word(tree, 16);
  const point = points + place * bytes;
  const last = found + ((k - 1) << 3);
  const places = found + (k << 3);
  if (to - from <= LEAF) {
    const rows = word(tree, 12);
    for (let other = from; other < to; other++) {
      if (other === place) continue;
      const apart = distance(point, points + other * bytes, bytes);
      if (apart > load<f64>(last)) continue;
      const row = load<u32>(rows + (other << 2));
      let i = k;
      while (i > 0) {
        const before = load<f64>(found + ((i - 1) << 3));
        const beforePlace = load<u32>(places + ((i - 1) << 2));
        if (apart > before || (apart === before && row > load<u32>(rows + (<usize> beforePlace << 2)))) break;
        if (i < k) {
          store<f64>(found + (i << 3), before);
          store<u32>(places + (i << 2), beforePlace);
        }
        i--;
      }
      if (i < k) {
        store<f64>(found + (i << 3), apart);
        store<u32>(places + (i << 2), <u32> other);
      }
    }
    return;
  }
  const middle = (from + to) >> 1;
  const left = node << 1;
  const toLeft = distanceToBox(point, boxOf(tree, left), bytes);
  const toRight = distanceToBox(point, boxOf(tree, left + 1), bytes);
  if (toLeft <= toRight) {
    if (toLeft <= load<f64>(last)) nearestIn(tree, left, from, middle, place, k, found);
    if (toRight <= load<f64>(last)) nearestIn(tree, left + 1, middle, to, place, k, found);
  } else {
    if (toRight <= load<f64>(last)) nearestIn(tree, left + 1, middle, to, place, k, found);
    if (toLeft <= load<f64>(last)) nearestIn(tree, left, from, middle, place, k, found);
  }
}

/**
 * For each row, the largest difference to any of its k nearest others, in the first `split` columns and in the rest.
 *
 * @param k 1 ≤ k < n.
 * @param found Room for k f64 and k u32.
 * @param first One f64 a row; 0 where there is no such column.
 * @param rest The same.
 */
export function neighboursNearest(
  tree: usize,
  k: usize,
  split: usize,
  found: usize,
  first: usize,
  rest: usize,
): void {
  const n = word(tree, 0);
  const d = word(tree, 4);
  const rows = word(tree, 12);
  const points = word(tree, 16);
  const bytes = rowBytes(tree);
  for (let place: usize = 0; place < n; place++) {
    for (let i: usize = 0; i < k; i++) {
      store<f64>(found + (i << 3), Infinity);
      store<u32>(found + (k << 3) + (i << 2), 0);
    }
    nearestIn(tree, 1, 0, n, place, k, found);
    const point = points + place * bytes;
    let before = 0.0;
    let behind = 0.0;
    for (let i: usize = 0; i < k; i++) {
      const other = points + <usize> load<u32>(found + (k << 3) + (i << 2)) * bytes;
      before = max(before, distanceIn(point, other, split));
      behind = max(behind, distanceIn(point + (split << 3), other + (split << 3), d - split));
    }
    const row = <usize> load<u32>(rows + (place << 2)) << 3;
    store<f64>(first + row, before);
    store<f64>(rest + row, behind);
  }
}

/** How many rows of a node lie within `radius` of `point`. */
function countIn(tree: usize, node: usize, from: usize, to: usize, point: usize, radius: f64): usize {
  const bytes = rowBytes(tree);
  let box = boxOf(tree, node);
  let near = f64x2.splat(-Infinity);
  let far = near;
  for (let at = point, end = point + bytes; at < end; at += 16) {
    const value = v128.load(at);
    const below = f64x2.sub(v128.load(box), value);
    const above = f64x2.sub(value, v128.load(box + bytes));
    near = f64x2.pmax(near, f64x2.pmax(below, above));
    far = f64x2.pmax(far, f64x2.pmax(f64x2.neg(below), f64x2.neg(above)));
    box += 16;
  }
  if (greater(near) > radius) return 0;
  if (greater(far) <= radius) return to - from;
  if (to - from > LEAF) {
    const middle = (from + to) >> 1;
    return countIn(tree, node << 1, from, middle, point, radius) +
      countIn(tree, (node << 1) + 1, middle, to, point, radius);
  }
  let count: usize = 0;
  let other = word(tree, 16) + from * bytes;
  for (let place = from; place < to; place++) {
    count += usize(distance(point, other, bytes) <= radius);
    other += bytes;
  }
  return count;
}

/**
 * For each row, how many others lie within its radius.
 *
 * @param radii One f64 a row, each ≥ 0.
 * @param open True if a row at the radius does not count.
 * @param counts One u32 a row.
 */
export function neighboursCount(tree: usize, radii: usize, open: bool, counts: usize): void {
  const n = word(tree, 0);
  const bytes = rowBytes(tree);
  const rows = word(tree, 12);
  let point = word(tree, 16);
  for (let place: usize = 0; place < n; place++) {
    const row = <usize> load<u32>(rows + (place << 2));
    const radius = load<f64>(radii + (row << 3));
    let count: usize = 0;
    if (!open) count = countIn(tree, 1, 0, n, point, radius) - 1;
    // The greatest number below the radius closes the interval.
    else if (radius > 0) count = countIn(tree, 1, 0, n, point, reinterpret<f64>(reinterpret<u64>(radius) - 1)) - 1;
    store<u32>(counts + (row << 2), <u32> count);
    point += bytes;
  }
}
