/** Distance of two rows: the largest difference in columns from…to. */
function apart(values: Float64Array, columns: number, a: number, b: number, from: number, to: number): number {
  let most = 0;
  for (let c = from; c < to; c++) most = Math.max(most, Math.abs(values[a * columns + c] - values[b * columns + c]));
  return most;
}

/** Sorts all others of each row by distance, then number, and sees how far the first k reach. */
export function reachTwin(
  values: Float64Array,
  columns: number,
  k: number,
  split: number,
): { first: number[]; rest: number[] } {
  const n = values.length / columns;
  const found: { first: number[]; rest: number[] } = { first: [], rest: [] };
  for (let i = 0; i < n; i++) {
    const others = Array.from({ length: n }, (_, j) => ({ j, d: apart(values, columns, i, j, 0, columns) }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.d - b.d || a.j - b.j)
      .slice(0, k);
    found.first.push(Math.max(...others.map(({ j }) => apart(values, columns, i, j, 0, split))));
    found.rest.push(Math.max(...others.map(({ j }) => apart(values, columns, i, j, split, columns))));
  }
  return found;
}

/** Looks at every pair of rows. */
export function countTwin(
  values: Float64Array,
  columns: number,
  radii: Float64Array,
  rule: "below" | "upTo",
): number[] {
  return Array.from(radii, (radius, i) => {
    let count = 0;
    for (let j = 0; j < radii.length; j++) {
      if (j === i) continue;
      const d = apart(values, columns, i, j, 0, columns);
      if (rule === "below" ? d < radius : d <= radius) count++;
    }
    return count;
  });
}
