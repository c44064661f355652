import { defineStudy, type Study } from "@infoplane/core";

const study: Study = defineStudy({
  format: 1,
  id: "gradient-phases",
  title: "Does compression start where the gradients turn from signal to noise?",
  description:
    "Signal and noise of the gradient, the growth and the diffusion of the weights and the order in which layers settle, beside " +
    "the information plane of the same nets; with the full batch, which has no noise, and random labels, which have no rule.",
  seed: 2018,
  base: {
    dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
    architecture: { id: "dense", options: { widths: [10, 7, 5, 4, 3], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 10_000 },
  },
  arms: {
    main: { title: "Batch 512" },
    "full-batch": {
      role: "control",
      title: "Full batch, as many updates",
      training: { batch: "full", epochs: 70_000 },
    },
    "random-labels": {
      role: "control",
      title: "Random labels",
      dataset: { options: { labels: "random" } },
    },
    adam: { title: "Adam, rate 0.0004", training: { optimiser: { id: "adam", rate: 0.0004 } } },
    "batch-16": { title: "Batch 16", training: { batch: 16 } },
    "batch-64": { title: "Batch 64", training: { batch: 64 } },
    "batch-256": { title: "Batch 256", training: { batch: 256 } },
    "batch-1024": { title: "Batch 1024", training: { batch: 1024, epochs: 17_500 } },
  },
  replicates: 15,
  measure: [
    { estimator: "binning", options: { count: 30, range: [-1, 1] } },
    { estimator: "binning", options: { width: 0.07 } },
    { estimator: "noise-bounds", options: { variance: 0.1 }, perDecade: 5 },
  ],
  analyses: [
    { id: "information-plane" },
    { id: "gradient-snr" },
    { id: "drift-diffusion" },
    { id: "transition-timing" },
    { id: "transition-order" },
    { id: "weight-diffusion" },
  ],
  profiles: {
    smoke: {
      replicates: 2,
      "base.training.epochs": 20,
      "arms.full-batch.training.epochs": 20,
      "arms.batch-1024.training.epochs": 20,
    },
    quick: {
      replicates: 5,
      "base.training.epochs": 3000,
      "arms.full-batch.training.epochs": 21_000,
      "arms.batch-1024.training.epochs": 5250,
    },
    full: {},
  },
});
export default study;
