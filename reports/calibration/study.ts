import { type Arm, defineStudy, type Json, type JsonObject, type Study } from "@infoplane/core";

/** A law, named alike where X is drawn and where T is. */
function law(title: string, law: { readonly family: string } & { readonly [parameter: string]: number | string }): Arm {
  return { role: "main", title, dataset: { options: { law } }, architecture: { options: { law } } };
}

const arms: { readonly [name: string]: Arm } = {
  "pair-0": law("Normal X and T that are independent", { family: "binormal", rho: 0 }),
  "pair-1": law("Normal X and T of 1 bit", { family: "binormal", rho: 0.866025403784 }),
  "pair-2": law("Normal X and T of 2 bits", { family: "binormal", rho: 0.968245836552 }),
  "pair-4": law("Normal X and T of 4 bits", { family: "binormal", rho: 0.998044963917 }),
  "pair-8": law("Normal X and T of 8 bits", { family: "binormal", rho: 0.999992370576 }),
  "pairs16-1": law("16 + 16 dimensions, 1 bit", sixteen(0.288090)),
  "pairs16-2": law("16 + 16 dimensions, 2 bits", sixteen(0.398878)),
  "pairs16-4": law("16 + 16 dimensions, 4 bits", sixteen(0.541196)),
  "pairs16-8": law("16 + 16 dimensions, 8 bits", sixteen(0.707107)),
  "pair-asinh": law("The pair of 1 bit, tails pulled in", mapped("asinh")),
  "pair-half-cube": law("The pair of 1 bit, tails pushed out", mapped("half-cube")),
  "pair-wiggly": law("The pair of 1 bit, stretched by turns", mapped("wiggly")),
  "dense-2": law("2 + 2 normal variables that all see all", { family: "dense-gaussian", dimensions: 2 }),
  "dense-5": law("5 + 5 normal variables that all see all", { family: "dense-gaussian", dimensions: 5 }),
  "sparse-5": law("5 + 5 normal variables, two pairs of which tell something", {
    ...{ family: "sparse-gaussian", dimensions: 5, pairs: 2, rho: 0.8 },
  }),
  "student-2": law("Student, two degrees of freedom: heavy tails, no correlation", {
    ...{ family: "student", dimX: 2, dimT: 2, df: 2 },
  }),
  "uniform-narrow": law("T = X + U, U uniform on ±0.1", { family: "additive-uniform", epsilon: 0.1 }),
  "uniform-wide": law("T = X + U, U uniform on ±0.75", { family: "additive-uniform", epsilon: 0.75 }),
  "spiral": law("The narrow uniform law with X on a spiral", {
    ...{ family: "additive-uniform", epsilon: 0.1, curve: "spiral" },
  }),
  "label-coin": law("Normal T, labels that are coins", { family: "gaussian-mixture", distance: 0 }),
  "label-near": law("A normal cloud for each of two labels, 2 apart", { family: "gaussian-mixture", distance: 2 }),
  "label-far": law("A normal cloud for each of two labels, 20 apart", { family: "gaussian-mixture", distance: 20 }),
  "label-10d": law("Clouds 2 apart in ten dimensions", { family: "gaussian-mixture", distance: 2, dimensions: 10 }),
  "label-sign": law("Normal T, labelled by the sign of its partner", { family: "normal-sign", rho: 0.8 }),
  "label-overlap": law("Five uniform ranges that overlap", { family: "overlapping-uniforms", classes: 5 }),
  "label-arcs": law("Four arcs of a spiral, one label in ten wrong", {
    ...{ family: "curve-arcs", curve: "spiral", classes: 4, error: 0.1 },
  }),
};

function sixteen(rho: number) {
  return { family: "sparse-gaussian", dimensions: 16, pairs: 16, rho };
}

function mapped(map: string) {
  return { family: "binormal", rho: 0.866025403784, mapX: map, mapT: map };
}

const measure: { readonly estimator: string; readonly options: JsonObject }[] = [
  { estimator: "ksg", options: { form: 1 } },
  { estimator: "ksg", options: { form: 2 } },
  { estimator: "ksg", options: { form: "mixed" } },
  { estimator: "gaussian", options: {} },
  { estimator: "gaussian-mixture", options: {} },
  { estimator: "decoder", options: {} },
  { estimator: "infonce", options: { batch: 16 } },
  { estimator: "infonce", options: { batch: 64 } },
  { estimator: "nwj", options: { batch: 64 } },
  { estimator: "mine-dv", options: { batch: 64 } },
  { estimator: "smile", options: { batch: 64 } },
  { estimator: "binning", options: { codebook: "layer-range", count: 30 } },
  { estimator: "binning", options: { codebook: "layer-range", count: 30, correction: "grassberger" } },
  { estimator: "binning", options: { codebook: "equal-mass", count: 30 } },
  { estimator: "binning", options: { codebook: "equal-mass", count: 30, correction: "grassberger" } },
  { estimator: "noise-bounds", options: { alpha: 0.1, ruler: "moving" } },
  { estimator: "noise-mixture", options: { alpha: 0.1, ruler: "moving" } },
  { estimator: "renyi", options: { rows: 200 } },
];

const rising = [
  { family: "one pair", arms: ["pair-0", "pair-1", "pair-2", "pair-4", "pair-8"] },
  { family: "16 pairs", arms: ["pairs16-1", "pairs16-2", "pairs16-4", "pairs16-8"] },
];

function rows(values: number[]) {
  return [{ path: "dataset.options.rows", values }];
}

function some(names: string[]): Json {
  return Object.fromEntries(names.map((name) => [name, arms[name]])) as Json;
}

const study: Study = defineStudy({
  format: 1,
  id: "calibration",
  title: "How far is each estimator from a truth that is known?",
  description:
    "Layers drawn from laws of known mutual information, measured by every estimator: where an error is large here, " +
    "what the estimator says of a net is not to be believed there.",
  seed: 2018,
  base: {
    dataset: { id: "law" },
    architecture: { id: "law" },
    training: { optimiser: { id: "recorded" }, batch: "full", epochs: 0 },
  },
  arms,
  axes: rows([500, 2000]),
  replicates: 20,
  measure,
  analyses: [{ id: "calibration", options: { rising } }],
  profiles: {
    smoke: {
      replicates: 5,
      arms: some(["pair-0", "pair-1", "pair-8", "pairs16-2", "pairs16-8", "label-coin", "label-near"]),
      axes: rows([200]),
      measure: measure.filter(({ estimator, options: { batch } }) =>
        ["ksg", "gaussian", "binning"].includes(estimator) || batch === 16
      ),
    },
    quick: { replicates: 5, axes: rows([500]) },
    full: {},
  },
});
export default study;
