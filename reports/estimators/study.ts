import { defineStudy, type JsonObject, type Measure, type Study } from "@infoplane/core";

/** Snapshots a decade: an estimator over all pairs of rows takes a quarter of a second for the layers of one. */
const FINE = { perDecade: 8 };
const MIDDLE = { perDecade: 5 };
const COARSE = { perDecade: 2 };
const FEW = { perDecade: 1 };

const settings = (estimator: string, ...options: JsonObject[]) => options.map((one) => ({ estimator, options: one }));

const bins: Measure[] = [
  ...settings(
    "binning",
    { count: 30, range: [-1, 1] },
    { count: 10, range: [-1, 1] },
    { count: 100, range: [-1, 1] },
    { width: 0.07 },
    { codebook: "layer-range" },
    { codebook: "equal-mass" },
    { codebook: "unique-values" },
  ),
].map((measure) => ({ ...measure, ...FINE }));

const noise: Measure[] = [
  ...settings(
    "noise-bounds",
    { variance: 0.1 },
    { variance: 0.001 },
    { alpha: 0.1, ruler: "fixed" },
    { alpha: 0.1, ruler: "moving" },
  ),
  ...settings("kt-difference", { variance: 0.1 }),
  ...settings("gaussian-noise", { variance: 0.1 }),
].map((measure) => ({ ...measure, ...MIDDLE }));

const others: Measure[] = [
  ...settings("noise-mixture", { variance: 0.1, draws: 1000 }),
  ...settings("renyi", { rows: 200 }),
  ...settings("ksg", { form: "mixed" }),
  ...settings("decoder", {}),
].map((measure) => ({ ...measure, ...COARSE }));

/** Measured of the layers as they are, too. */
const mapped: Measure[] = [
  ...settings("binning", { width: 0.07 }, { codebook: "layer-range" }, { codebook: "equal-mass" }),
  ...settings("binning", { codebook: "unique-values" }),
  ...settings("noise-bounds", { variance: 0.1 }, { alpha: 0.1, ruler: "moving" }),
  ...settings("gaussian-noise", { variance: 0.1 }),
  ...settings("renyi", { rows: 200 }),
  ...settings("ksg", { form: "mixed" }),
].flatMap((measure) =>
  (["rotation", "mixing", "monotone"] as const).map((transform) => ({ ...measure, transform, ...FEW }))
);

const study: Study = defineStudy({
  format: 1,
  id: "estimators",
  title: "Does the answer depend on how information is estimated?",
  description:
    "The nets of the information plane, each seen by every family of estimators and at every resolution; and the " +
    "same layers turned, mixed and bent by maps that change no information.",
  seed: 2018,
  base: {
    dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
    architecture: { id: "dense", options: { widths: [10, 7, 5, 4, 3], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 10_000 },
  },
  arms: { main: { title: "SGD, rate 0.1" } },
  replicates: 20,
  measure: [...bins, ...noise, ...others, ...mapped],
  analyses: [{ id: "estimator-choice" }, { id: "two-phases" }, { id: "not-invariant" }, { id: "information-plane" }],
  profiles: {
    smoke: { replicates: 2, "base.training.epochs": 4 },
    quick: { replicates: 6, "base.training.epochs": 3000 },
    full: {},
  },
});
export default study;
