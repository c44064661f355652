/** Slow twins of the noise estimators: pair bounds as double sums, and the exact information of a mixture on a line by quadrature. */

/** Rows of activations with p(x) and p(y|x). */
export interface WeighedLayer {
  readonly rows: readonly (readonly number[])[];
  readonly px: readonly number[];
  readonly pyx: readonly (readonly number[])[];
}

/** −Σ_i w_i log₂ Σ_j w_j exp(−d_ij / 2s). */
function pairTerm(rows: WeighedLayer["rows"], w: readonly number[], s: number): number {
  return rows.reduce((total, a, i) => {
    if (w[i] === 0) return total;
    const sum = rows.reduce((sum, b, j) => {
      const d = a.reduce((d, t, unit) => d + (t - b[unit]) ** 2, 0);
      return sum + w[j] * (d === 0 ? 1 : Math.exp(-d / (2 * s)));
    }, 0);
    return total - w[i] * Math.log2(sum);
  }, 0);
}

function labelWeights({ px, pyx }: WeighedLayer): { py: number; given: number[] }[] {
  return pyx[0].map((_, y) => {
    const py = px.reduce((sum, p, x) => sum + p * pyx[x][y], 0);
    return { py, given: px.map((p, x) => py === 0 ? 0 : p * pyx[x][y] / py) };
  });
}

/** Upper (KL) and lower (Bhattacharyya) bounds in bits, of all rows and in the mean over labels. */
export function pairBoundsTwin(layer: WeighedLayer, variance: number) {
  const labels = labelWeights(layer);
  const mean = (s: number) => labels.reduce((sum, { py, given }) => sum + py * pairTerm(layer.rows, given, s), 0);
  return {
    upper: pairTerm(layer.rows, layer.px, variance),
    lower: pairTerm(layer.rows, layer.px, 4 * variance),
    upperGivenLabel: mean(variance),
    lowerGivenLabel: mean(4 * variance),
  };
}

/**
 * I(X;T+σZ) and I(T+σZ;Y) in bits of a layer of one unit: differential entropies by the trapezoid rule, which for a sum of Gaussians
 * in steps of σ/8 over ±12σ is exact to rounding.
 */
export function informationOnALine(layer: WeighedLayer, variance: number): { ixt: number; ity: number } {
  const sigma = Math.sqrt(variance);
  const centres = layer.rows.map(([t]) => t);
  const from = Math.min(...centres) - 12 * sigma;
  const to = Math.max(...centres) + 12 * sigma;
  const steps = Math.ceil((to - from) / (sigma / 8));
  const step = (to - from) / steps;
  const entropy = (w: readonly number[]) => {
    let h = 0;
    for (let k = 0; k <= steps; k++) {
      const t = from + k * step;
      const p = centres.reduce((p, c, i) => p + w[i] * Math.exp(-((t - c) ** 2) / (2 * variance)), 0) /
        Math.sqrt(2 * Math.PI * variance);
      if (p > 0) h -= step * p * Math.log2(p);
    }
    return h;
  };
  const all = entropy(layer.px);
  const given = labelWeights(layer).reduce((sum, { py, given }) => sum + (py > 0 ? py * entropy(given) : 0), 0);
  return { ixt: all - Math.log2(2 * Math.PI * Math.E * variance) / 2, ity: all - given };
}

/** Entropy in bits of the distinct rows, and what they tell of the label. */
export function distinctRows({ rows, px, pyx }: WeighedLayer): { ixt: number; ity: number } {
  const masses = new Map<string, number[]>();
  rows.forEach((row, x) => {
    const name = row.map((t) => t + 0).join();
    masses.set(name, pyx[x].map((p, y) => (masses.get(name)?.[y] ?? 0) + px[x] * p));
  });
  const entropy = (p: readonly number[]) => p.reduce((h, q) => h - (q > 0 ? q * Math.log2(q) : 0), 0);
  const cells = [...masses.values()];
  const pt = cells.map((cell) => cell.reduce((a, b) => a + b));
  const py = pyx[0].map((_, y) => cells.reduce((sum, cell) => sum + cell[y], 0));
  return { ixt: entropy(pt), ity: entropy(pt) + entropy(py) - entropy(cells.flat()) };
}
