import type { AssociationArm } from "../../core/claims/association.ts";

/** Ranks by counting. */
const ranksOf = (values: readonly number[]) =>
  values.map((value) =>
    values.filter((other) => other < value).length + (values.filter((other) => other === value).length + 1) / 2
  );

/** Residuals of a regression on a constant and others, by normal equations and Gauss–Jordan elimination. */
function residuals(y: readonly number[], given: readonly (readonly number[])[]): number[] {
  const design = [y.map(() => 1), ...given];
  const rows = design.map((a) => [
    ...design.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0)),
    a.reduce((sum, value, i) => sum + value * y[i], 0),
  ]);
  rows.forEach((_, p) => {
    const pivot = rows[p][p];
    rows[p] = rows[p].map((value) => value / pivot);
    rows.forEach((row, r) => {
      if (r !== p) rows[r] = row.map((value, c) => value - row[p] * rows[p][c]);
    });
  });
  return y.map((value, i) => value - rows.reduce((sum, row, k) => sum + row[row.length - 1] * design[k][i], 0));
}

function orders(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

/** The association over all permutations, each regressed anew. */
export function associationTwin(arms: readonly AssociationArm[]) {
  const found = arms.map(({ x, y, given }) => {
    const ranked = given.map(ranksOf);
    return { x: residuals(ranksOf(x), ranked), y: residuals(ranksOf(y), ranked), given: ranked };
  });
  const norm = (side: "x" | "y") => Math.sqrt(found.flatMap((arm) => arm[side]).reduce((sum, v) => sum + v * v, 0));
  const [ofX, ofY] = [norm("x"), norm("y")];
  const unit = found.map(({ x, y, given }) => ({ x: x.map((v) => v / ofX), y: y.map((v) => v / ofY), given }));
  const correlation = (lists: readonly (readonly number[])[]) => {
    const all = lists.flat();
    const along = unit.flatMap(({ x }) => x).reduce((sum, v, i) => sum + v * all[i], 0);
    return along / Math.sqrt(all.reduce((sum, v) => sum + v * v, 0));
  };
  const every = orders(arms[0].x.map((_, i) => i));
  return {
    rho: correlation(unit.map(({ y }) => y)),
    /** Share of all orders whose correlation is as far from 0 as that of y − βx. */
    share(beta: number): number {
      const rest = unit.map(({ x, y }) => y.map((v, i) => v - beta * x[i]));
      const observed = Math.abs(correlation(rest));
      const far = every.filter((order) => {
        const permuted = rest.map((list, a) => residuals(order.map((i) => list[i]), unit[a].given));
        return Math.abs(correlation(permuted)) >= observed - 1e-9;
      });
      return far.length / every.length;
    },
  };
}
