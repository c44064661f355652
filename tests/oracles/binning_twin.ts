/** A slow twin of the binning estimator: a Map of code strings, sums over probabilities, Math.log2. */

/** The cell of one activation of a unit, or null if it has none. */
export type Code = (t: number, unit: number) => number | null;

/** ⌊(t − low) / (high − low) · count⌋, the end in the last bin. */
export function countCode(count: number, [low, high]: readonly [number, number]): Code {
  return (t) => t >= low && t <= high ? Math.min(count - 1, Math.floor((t - low) / (high - low) * count)) : null;
}

/** ⌊t / width⌋. */
export function widthCode(width: number): Code {
  return (t) => Number.isFinite(t) ? Math.floor(t / width) : null;
}

/** The number of edges that t has passed, as numpy.digitize(t, edges) − 1. */
export function edgesCode(edges: readonly number[]): Code {
  return (t) => t >= edges[0] && t <= edges[edges.length - 1] ? edges.filter((edge) => edge <= t).length - 1 : null;
}

/** As `countCode`, from the least to the greatest value. */
export function layerRangeCode(values: ArrayLike<number>, count: number): Code {
  const all = Array.from(values);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return least === most ? () => 0 : countCode(count, [least, most]);
}

/** ⌊P(t′ < t) · count⌋ of each unit, the weights of lower values summed in ascending order of value, then of weight. */
export function equalMassCode(
  values: ArrayLike<number>,
  units: number,
  px: readonly number[],
  count: number,
): Code {
  const uniform = px.every((p) => p === px[0]);
  const total = [...px].sort((a, b) => a - b).reduce((sum, p) => sum + p, 0);
  return (t, unit) => {
    const rows = px.map((p, row) => ({ value: values[row * units + unit], p })).filter(({ value }) => value < t);
    if (uniform) return Math.floor(rows.length * count / px.length);
    let below = 0;
    for (const value of new Set(rows.map(({ value }) => value).sort((a, b) => a - b))) {
      const tied = rows.filter((row) => row.value === value).sort((a, b) => a.p - b.p);
      below += tied.reduce((sum, { p }) => sum + p, 0);
    }
    return Math.min(count - 1, Math.floor(below / total * count));
  };
}

/** The value itself, which as text is "0" for −0 too. */
export function uniqueCode(): Code {
  return (t) => t;
}

/** I(X;T_b) = H(T_b) and I(T_b;Y) = H(T_b) − Σ_y p(y) H(T_b|y), each from its definition. */
export function binnedInformation(
  values: ArrayLike<number>,
  units: number,
  code: Code,
  px: readonly number[],
  pyx: readonly (readonly number[])[],
): { ixt: number; ity: number; cells: number; alone: number } {
  const joint = new Map<string, number[]>();
  const rows = new Map<string, number>();
  px.forEach((p, row) => {
    const name = Array.from({ length: units }, (_, unit) => code(values[row * units + unit], unit)).join();
    const found = joint.get(name) ?? pyx[row].map(() => 0);
    joint.set(name, found.map((mass, y) => mass + p * pyx[row][y]));
    rows.set(name, (rows.get(name) ?? 0) + 1);
  });
  const entropy = (p: number[]) => p.reduce((sum, q) => sum - (q > 0 ? q * Math.log2(q) : 0), 0);
  const cells = [...joint.values()];
  const ixt = entropy(cells.map((masses) => masses.reduce((a, b) => a + b)));
  const given = pyx[0].map((_, y) => {
    const py = cells.reduce((sum, masses) => sum + masses[y], 0);
    return py > 0 ? py * entropy(cells.map((masses) => masses[y] / py)) : 0;
  });
  return {
    ixt,
    ity: ixt - given.reduce((a, b) => a + b),
    cells: cells.length,
    alone: [...rows.values()].filter((count) => count === 1).length / cells.length,
  };
}
