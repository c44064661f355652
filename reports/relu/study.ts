import { defineStudy, type JsonObject, type Study } from "@infoplane/core";

/** A measurement, as a profile may hold it too. */
type Setting = { estimator: string; options: JsonObject; perDecade?: number };

/** Bounds from pairs with noise relative to the layer and absolute, at so many snapshots a decade: they take longer than all else. */
const noise = (perDecade: number): Setting[] =>
  ([{ alpha: 0.1, ruler: "fixed" }, { alpha: 0.1, ruler: "moving" }, { variance: 0.1 }] as JsonObject[]).map((
    options,
  ) => ({
    ...{ estimator: "noise-bounds", options, perDecade },
  }));

const BINS: Setting[] = [
  { estimator: "binning", options: { codebook: "layer-range" } },
  { estimator: "binning", options: { width: 0.07 } },
];

const study: Study = defineStudy({
  format: 1,
  id: "relu",
  title: "Do layers compress when no unit saturates?",
  description:
    "Rectified, linear and residual nets beside tanh nets, each under rulers that stay and rulers that move: what the published " +
    "objection measured, and what the reply to it measured.",
  seed: 2018,
  base: {
    dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
    architecture: { id: "dense", options: { widths: [10, 7, 5, 4, 3], activation: "relu" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 10_000 },
  },
  arms: {
    main: { title: "ReLU" },
    tanh: { role: "variant", title: "tanh", architecture: { options: { activation: "tanh" } } },
    linear: { role: "control", title: "Linear", architecture: { options: { activation: "linear" } } },
    "relu-12": {
      role: "variant",
      title: "ReLU, five layers of 12",
      architecture: { options: { widths: [12, 12, 12, 12, 12] } },
    },
    residual: {
      role: "variant",
      title: "ReLU, five residual layers of 12",
      architecture: { options: { widths: [12, 12, 12, 12, 12], residual: true } },
    },
    "relu-2018": {
      role: "variant",
      title: "ReLU, batch 256, fan-out initialisation",
      architecture: { options: { initialisation: "fan-out" } },
      training: { batch: 256 },
    },
    "tanh-2018": {
      role: "variant",
      title: "tanh, batch 256, fan-out initialisation",
      architecture: { options: { activation: "tanh", initialisation: "fan-out" } },
      training: { batch: 256 },
    },
    "relu-adam": {
      role: "variant",
      title: "ReLU, Adam, rate 0.0004",
      training: { optimiser: { id: "adam", rate: 0.0004 } },
    },
  },
  replicates: 15,
  measure: [...noise(4), ...BINS],
  analyses: [{ id: "information-plane" }, { id: "relu-compresses" }, { id: "not-saturation" }],
  profiles: {
    smoke: { replicates: 2, "base.training.epochs": 10 },
    quick: { replicates: 5, "base.training.epochs": 3000, measure: [...noise(2).slice(0, 2), ...BINS] },
    full: {},
  },
});
export default study;
