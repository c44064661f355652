/** A slow twin of the symmetric rule: real spherical harmonics at the vertices, the icosahedron's symmetries by search. */

/** A point on the unit sphere. */
export type Point = readonly [number, number, number];

const PHI = (1 + Math.sqrt(5)) / 2;

/** Vertex i carries input i. */
export const ICOSAHEDRON = onSphere([
  [0, 1, PHI],
  [1, PHI, 0],
  [0, 1, -PHI],
  [-1, PHI, 0],
  [PHI, 0, -1],
  [0, -1, PHI],
  [1, -PHI, 0],
  [-1, -PHI, 0],
  [-PHI, 0, -1],
  [0, -1, -PHI],
  [-PHI, 0, 1],
  [PHI, 0, 1],
]);

/** Six points. */
export const OCTAHEDRON = onSphere([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]);

/** Eight points. */
export const CUBE = onSphere(
  [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((z) => [x, y, z] as const))),
);

/** Real orthonormal spherical harmonics of degrees 0, 1 and 2. */
const HARMONICS: readonly (readonly ((r: Point) => number)[])[] = [
  [() => Math.sqrt(1 / (4 * Math.PI))],
  [0, 1, 2].map((axis) => (r: Point) => Math.sqrt(3 / (4 * Math.PI)) * r[axis]),
  [
    ([x, y]) => Math.sqrt(15 / (4 * Math.PI)) * x * y,
    ([, y, z]) => Math.sqrt(15 / (4 * Math.PI)) * y * z,
    ([x, , z]) => Math.sqrt(15 / (4 * Math.PI)) * z * x,
    ([x, y]) => Math.sqrt(15 / (16 * Math.PI)) * (x * x - y * y),
    ([, , z]) => Math.sqrt(5 / (16 * Math.PI)) * (3 * z * z - 1),
  ],
];

/** The points that are active in a pattern; the first is its highest bit. */
export function activePoints(points: readonly Point[], pattern: number): Point[] {
  const bits = pattern.toString(2).padStart(points.length, "0");
  return points.filter((_, i) => bits[i] === "1");
}

/** ‖a_l‖ for l = 0, 1, 2 with a_lm = (4π/n) Σ_i x_i Y_lm(r_i). */
export function powerSpectrum(points: readonly Point[], pattern: number): number[] {
  const active = activePoints(points, pattern);
  return HARMONICS.map((degree) =>
    Math.hypot(...degree.map((Y) => 4 * Math.PI / points.length * active.reduce((sum, r) => sum + Y(r), 0)))
  );
}

/** f_s = Σ_l N_l / (2l + 1) ‖a_l‖ with N = (2, 5, 4). */
export function stochasticTwin(points: readonly Point[], pattern: number): number {
  return powerSpectrum(points, pattern).reduce((sum, norm, l) => sum + [2, 5, 4][l] / (2 * l + 1) * norm, 0);
}

/** f_h = Σ x_i + |Σ x_i r_i|. */
export function hardTwin(points: readonly Point[], pattern: number): number {
  const active = activePoints(points, pattern);
  return active.length + Math.hypot(...[0, 1, 2].map((axis) => active.reduce((sum, r) => sum + r[axis], 0)));
}

/** One symmetry: point i goes to point `to[i]`. */
export interface Symmetry {
  /** Where each point goes. */
  readonly to: readonly number[];
  /** Without a reflection. */
  readonly proper: boolean;
}

/** Every permutation of the points that keeps all their angles. */
export function symmetries(points: readonly Point[]): Symmetry[] {
  const found: Symmetry[] = [];
  extend([]);
  return found;

  function extend(to: readonly number[]): void {
    const i = to.length;
    if (i === points.length) {
      found.push({ to, proper: handedness(to) === handedness(points.map((_, k) => k)) });
      return;
    }
    points.forEach((candidate, image) => {
      const keeps = to.every((other, k) => Math.abs(dot(points[k], points[i]) - dot(points[other], candidate)) < 1e-9);
      if (!to.includes(image) && keeps) extend([...to, image]);
    });
  }

  function handedness(to: readonly number[]): number {
    const [a, b, c] = to.map((k) => points[k]);
    return Math.sign(
      a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]),
    );
  }
}

/** The pattern after a symmetry of its points. */
export function moved(pattern: number, { to }: Symmetry): number {
  const last = to.length - 1;
  return to.reduce((image, target, i) => image | ((pattern >> (last - i)) & 1) << (last - target), 0);
}

/** Binary entropy in bits. */
export function h(p: number): number {
  return p > 0 && p < 1 ? -p * Math.log2(p) - (1 - p) * Math.log2(1 - p) : 0;
}

/** I(X;Y) in bits where p(y=1|x) = 1/(1 + exp(−γ(f − θ))) and every x is equally likely. */
export function information(f: readonly number[], theta: number, gamma: number): number {
  const p = f.map((value) => 1 / (1 + Math.exp(-gamma * (value - theta))));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);
  return h(mean(p)) - mean(p.map(h));
}

/** The midpoint of the widest gap between levels of f that splits the patterns within .03 of ½; the lower of two. */
export function gapThreshold(f: readonly number[]): number {
  const sorted = [...f].sort((a, b) => a - b);
  let [theta, widest] = [NaN, 1e-9];
  for (let k = 1; k < sorted.length; k++) {
    const gap = sorted[k] - sorted[k - 1];
    if (Math.abs(1 - k / sorted.length - 0.5) > 0.03 || gap <= widest + 1e-9) continue;
    [theta, widest] = [(sorted[k] + sorted[k - 1]) / 2, gap];
  }
  return theta;
}

/** The γ at which I(X;Y) reaches a target. */
export function steepness(f: readonly number[], theta: number, target: number): number {
  let [low, high] = [0, 1000];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (information(f, theta, middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function onSphere(points: readonly Point[]): readonly Point[] {
  return points.map((r) => r.map((x) => x / Math.hypot(...r)) as unknown as Point);
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
