/**
 * The symmetric rule of Shwartz-Ziv and Tishby (arXiv:1703.00810, 2017): twelve binary inputs on the vertices of an
 * icosahedron, a label that no rotation changes.
 *
 * Everything about a pattern that rotations keep and this rule uses are four integers: its active inputs, and its pairs of
 * active inputs that are neighbours, second neighbours and antipodes. Norms are computed from them, so that the members of a
 * class are equal to the bit; summed over vertices in floating point the 64 classes would be 122 doubles.
 *
 * @module
 */

const GOLDEN = (1 + Math.sqrt(5)) / 2;

/** The vertices, before division by √(1 + φ²). */
const VERTICES: readonly (readonly [number, number, number])[] = [
  [0, 1, GOLDEN],
  [1, GOLDEN, 0],
  [0, 1, -GOLDEN],
  [-1, GOLDEN, 0],
  [GOLDEN, 0, -1],
  [0, -1, GOLDEN],
  [1, -GOLDEN, 0],
  [-1, -GOLDEN, 0],
  [-GOLDEN, 0, -1],
  [0, -1, -GOLDEN],
  [-GOLDEN, 0, 1],
  [GOLDEN, 0, 1],
];

/** Number of inputs. */
export const SYMMETRIC_RULE_INPUTS = 12;

/** Number of patterns, all equally likely. */
export const SYMMETRIC_RULE_PATTERNS = 4096;

/** What rotations of the icosahedron keep of a pattern. */
export interface PairCounts {
  /** Active inputs A. */
  readonly active: number;
  /** Unordered pairs of active inputs whose vertices are joined by an edge: r_i·r_j = 1/√5. */
  readonly neighbours: number;
  /** … two edges apart: r_i·r_j = −1/√5. */
  readonly seconds: number;
  /** … opposite each other: r_i·r_j = −1. */
  readonly antipodes: number;
}

/**
 * Input i of pattern n: x_i = (n >> (11 − i)) & 1.
 *
 * @param pattern In [0, 4096).
 */
export function patternBit(pattern: number, input: number): number {
  return (pattern >> (SYMMETRIC_RULE_INPUTS - 1 - input)) & 1;
}

/**
 * Counts the pairs of a pattern.
 *
 * @example The full pattern has the icosahedron's 30 edges and 6 axes
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(pairCounts(4095), { active: 12, neighbours: 30, seconds: 30, antipodes: 6 });
 * ```
 */
export function pairCounts(pattern: number): PairCounts {
  const counts = { active: 0, neighbours: 0, seconds: 0, antipodes: 0 };
  for (let i = 0; i < SYMMETRIC_RULE_INPUTS; i++) {
    if (patternBit(pattern, i) === 0) continue;
    counts.active++;
    for (let j = 0; j < i; j++) if (patternBit(pattern, j) === 1) counts[KINDS[i][j]]++;
  }
  return counts;
}

const KINDS = VERTICES.map((a) =>
  VERTICES.map((b): "neighbours" | "seconds" | "antipodes" => {
    const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    if (dot > 0) return "neighbours";
    return dot > -GOLDEN - 0.5 ? "seconds" : "antipodes";
  })
);

/** Σ_ij x_i x_j P_l(r_i·r_j) for l = 0, 1, 2; never below 0, as what should cancel does so exactly. */
function legendreSums({ active, neighbours, seconds, antipodes }: PairCounts): [number, number, number] {
  const first = active - 2 * antipodes + 2 * (neighbours - seconds) / Math.sqrt(5);
  const second = active + 2 * antipodes - 2 * (neighbours + seconds) / 5;
  return [active * active, first, second];
}

/**
 * Norms of the spherical-harmonic amplitudes of a pattern: ‖a_l‖ = (4π/12)·√((2l+1)/4π · Σ_ij x_i x_j P_l(r_i·r_j)), l = 0, 1, 2.
 *
 * @example One active input
 * ```ts
 * const [a0, a1, a2] = amplitudes(pairCounts(1));
 * console.assert(Math.abs(a1 - 0.5116634) < 1e-7);
 * ```
 */
export function amplitudes(counts: PairCounts): [number, number, number] {
  const sphere = 4 * Math.PI;
  return legendreSums(counts).map((sum, l) => sphere / 12 * Math.sqrt((2 * l + 1) / sphere * sum)) as [
    number,
    number,
    number,
  ];
}

/**
 * The statistic behind the stochastic rule: f_s = 2‖a_0‖ + (5/3)‖a_1‖ + (4/5)‖a_2‖.
 *
 * With p(y=1|x) = 1/(1 + exp(−12 (f_s − 5.89))) it matches the authors' own file to 1.5e-8.
 */
export function stochasticStatistic(counts: PairCounts): number {
  const [a0, a1, a2] = amplitudes(counts);
  return 2 * a0 + 5 / 3 * a1 + 4 / 5 * a2;
}

/**
 * A closed form of the labels in circulation: f_h = Σ x_i + |Σ x_i r_i|, 1 above 7.632. It gives all 4096 of them; it is not
 * known to be the authors'.
 */
export function hardStatistic(counts: PairCounts): number {
  return counts.active + Math.sqrt(legendreSums(counts)[1]);
}
