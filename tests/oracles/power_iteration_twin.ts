/**
 * Directions of largest variance, one after another: a vector is multiplied by the covariance until it moves no more, then what it
 * explains is taken out of the rows.
 */
export function twinComponents(
  rows: readonly (readonly number[])[],
  count: number,
  weights: readonly number[] = rows.map(() => 1),
): { readonly direction: number[]; readonly variance: number }[] {
  const whole = weights.reduce((a, b) => a + b);
  const mean = rows[0].map((_, c) => rows.reduce((sum, row, i) => sum + weights[i] * row[c], 0) / whole);
  let left = rows.map((row) => row.map((value, c) => value - mean[c]));
  return Array.from({ length: count }, () => {
    let direction = rows[0].map((_, c) => 1 / (c + 1.5));
    let variance = 0;
    for (let step = 0; step < 5000; step++) {
      const scores = left.map((row) => dot(row, direction));
      const next = direction.map((_, c) =>
        left.reduce((sum, row, i) => sum + weights[i] * scores[i] * row[c], 0) / whole
      );
      variance = Math.sqrt(dot(next, next));
      direction = next.map((value) => value / variance);
    }
    left = left.map((row) => {
      const score = dot(row, direction);
      return row.map((value, c) => value - score * direction[c]);
    });
    return { direction, variance };
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, c) => sum + value * b[c], 0);
}
