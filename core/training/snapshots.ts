/** 10^(j/40) for j = 0…39; literals, because powers differ between engines. */
const DECADE: readonly number[] = [
  1.0,
  1.0592537251772889,
  1.1220184543019633,
  1.1885022274370185,
  1.2589254117941673,
  1.333521432163324,
  1.4125375446227544,
  1.4962356560944334,
  1.5848931924611134,
  1.6788040181225603,
  1.7782794100389228,
  1.8836490894898006,
  1.9952623149688795,
  2.113489039836647,
  2.2387211385683394,
  2.371373705661655,
  2.51188643150958,
  2.6607250597988097,
  2.8183829312644537,
  2.9853826189179595,
  3.1622776601683795,
  3.3496543915782766,
  3.5481338923357546,
  3.7583740428844417,
  3.9810717055349727,
  4.216965034285822,
  4.466835921509631,
  4.7315125896148045,
  5.011872336272723,
  5.3088444423098835,
  5.623413251903491,
  5.956621435290105,
  6.3095734448019325,
  6.683439175686146,
  7.0794578438413795,
  7.498942093324558,
  7.943282347242815,
  8.413951416451951,
  8.912509381337456,
  9.440608762859235,
];

/**
 * Epochs at which weights are kept: 0, 1, 2, … merged with round(10^(k/40)), so consecutive up to 17 and then 6 % apart.
 *
 * The grid is absolute: a shorter run's snapshots are the first of a longer run's. The last one is the last grid point that
 * is not beyond `epochs`.
 *
 * @param epochs Length of the run, an integer >= 0.
 * @param perDecade Points a decade, a divisor of 40: fewer make a coarser grid whose points are among those of the full one.
 * @throws {RangeError} If `epochs` is not such an integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(snapshotEpochs(5), [0, 1, 2, 3, 4, 5]);
 * assert.equal(snapshotEpochs(3000).at(-1), 2985);
 * assert.equal(snapshotEpochs(10_000).at(-1), 10_000);
 * ```
 */
export function snapshotEpochs(epochs: number, perDecade: number = DECADE.length): number[] {
  if (!Number.isSafeInteger(epochs) || epochs < 0) {
    throw new RangeError(`Cannot list snapshots as epochs must be an integer >= 0: it is ${epochs}`);
  }
  const grid = [0];
  for (let decade = 1; decade <= epochs; decade *= 10) {
    for (let j = 0; j < DECADE.length; j += DECADE.length / perDecade) {
      const factor = DECADE[j];
      const epoch = Math.round(decade * factor);
      if (epoch > epochs) return grid;
      if (epoch > grid[grid.length - 1]) grid.push(epoch);
    }
  }
  return grid;
}

/**
 * Of ascending epochs, the first at or after each point of a coarser grid.
 *
 * @param epochs Epochs at which there are snapshots, ascending.
 * @param last Where the grid ends.
 * @param perDecade Points a decade of the grid, a divisor of 40.
 *
 * @example Of a run whose snapshots lie off the grid
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(coarser([0, 7, 8, 20, 30], 30, 1), [0, 7, 20]);
 * ```
 */
export function coarser(epochs: readonly number[], last: number, perDecade: number): number[] {
  const kept = snapshotEpochs(last, perDecade).flatMap((point) => {
    const first = epochs.find((epoch) => epoch >= point);
    return first === undefined ? [] : [first];
  });
  return [...new Set(kept)];
}
