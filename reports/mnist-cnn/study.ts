import { defineStudy, type Study } from "@infoplane/core";

const study: Study = defineStudy({
  format: 1,
  id: "mnist-cnn",
  title: "Do the layers of a convolutional net compress on MNIST?",
  description: "A rectified convolutional net on the whole of MNIST.",
  seed: 2018,
  base: {
    dataset: { id: "mnist" },
    architecture: { id: "cnn" },
    training: { optimiser: { id: "sgd", rate: 0.05, momentum: 0.9 }, batch: 128, epochs: 10 },
  },
  replicates: 5,
  measure: [{ estimator: "binning", options: { codebook: "layer-range" }, on: "test" }],
  analyses: [{ id: "information-plane" }],
  profiles: {
    smoke: { replicates: 1, "base.training.epochs": 1 },
    quick: { replicates: 1, "base.training.epochs": 2 },
    full: {},
  },
});
export default study;
