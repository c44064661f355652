import { defineStudy, type Study } from "@infoplane/core";

const study: Study = defineStudy({
  format: 1,
  id: "information-plane",
  title: "Do the layers of a deep net first fit, then compress?",
  description: "Fully connected tanh nets learn the symmetric rule; every layer of every net is followed through the " +
    "information plane, none averaged.",
  seed: 2018,
  base: {
    dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
    architecture: { id: "dense", options: { widths: [10, 7, 5, 4, 3], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 10_000 },
  },
  arms: {
    main: { title: "SGD, rate 0.1" },
    adam: {
      role: "variant",
      title: "Adam, rate 0.0004, as in the published code",
      replicates: 20,
      training: { optimiser: { id: "adam", rate: 0.0004 } },
    },
  },
  replicates: 100,
  measure: [
    { estimator: "binning", options: { count: 30, range: [-1, 1] } },
    { estimator: "binning", options: { width: 0.07 } },
    { estimator: "binning", options: { preset: "as-published" } },
  ],
  analyses: [
    { id: "information-plane" },
    { id: "dpi-chain" },
    { id: "two-phases" },
    { id: "compression-takes-longest" },
  ],
  profiles: {
    smoke: { replicates: 5, "arms.adam.replicates": 3, "base.training.epochs": 150 },
    quick: { replicates: 50, "base.training.epochs": 3000 },
    full: {},
  },
});
export default study;
