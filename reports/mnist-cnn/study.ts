import { defineStudy, type Study } from "@infoplane/core";
import { CNN_PRESETS } from "../../plugins/architectures/cnn.ts";
import { apart, THROUGH } from "../image_measures.ts";

/** Bits per activation of the quantised arm. */
const BITS = 2;

const study: Study = defineStudy({
  format: 1,
  id: "mnist-cnn",
  title: "Do the layers of a rectified convolutional net compress on MNIST?",
  description:
    "Two convolutions and a hidden layer of rectifiers on the whole of MNIST, measured on 2000 test and 2000 training images; with " +
    "random labels, which leave nothing to learn, linear units, which cannot saturate, and a net that is itself quantised, whose " +
    "information needs no ruler.",
  seed: 2018,
  base: {
    dataset: { id: "mnist" },
    architecture: { id: "cnn", options: CNN_PRESETS.mnist },
    training: { optimiser: { id: "sgd", rate: 0.02, momentum: 0.9 }, batch: 128, epochs: 10 },
  },
  arms: {
    main: { title: "ReLU" },
    "random-labels": {
      role: "control",
      title: "Random labels",
      replicates: 3,
      dataset: { options: { labels: "random" } },
    },
    linear: {
      role: "control",
      title: "Linear units, mean pools",
      replicates: 3,
      architecture: { options: { activation: "linear", reduction: "mean" } },
    },
    quantised: {
      role: "variant",
      title: `tanh of ${BITS} bits, hidden 8`,
      replicates: 3,
      architecture: { options: { hidden: [8], activation: "tanh", quantisedBits: BITS } },
    },
  },
  replicates: 5,
  measure: [
    ...apart({ estimator: "noise-bounds", options: { alpha: 0.1, ruler: "fixed" } }),
    ...apart({ estimator: "noise-bounds", options: { alpha: 1, ruler: "fixed" } }),
    ...apart({ estimator: "noise-bounds", options: { alpha: 0.1, ruler: "moving" } }),
    ...apart({ estimator: "noise-bounds", options: { alpha: 1, ruler: "moving" } }),
    ...apart({ estimator: "binning", options: { codebook: "layer-range" } }),
    ...apart({ estimator: "binning", options: { width: 0.07 } }),
    { estimator: "exact", on: "test", probes: 2000 },
    { ...THROUGH, projection: { onto: "pool", grid: 1 }, perDecade: 8 },
    { ...THROUGH, projection: { onto: "components", dimensions: 16 }, perDecade: 2 },
    { estimator: "decoder", options: { steps: 500 }, on: "test", probes: 2000, perDecade: 2 },
  ],
  analyses: [
    { id: "information-plane" },
    { id: "last-hidden-phases", options: { controls: ["random-labels", "linear"] } },
    { id: "relu-compresses", options: { controls: ["linear"] } },
    { id: "gradient-snr", options: { examples: 4096 } },
  ],
  profiles: {
    smoke: {
      replicates: 1,
      "arms.random-labels.replicates": 1,
      "arms.linear.replicates": 1,
      "arms.quantised.replicates": 1,
      "base.training.epochs": 1,
      "base.dataset.options": { trainRows: 1000, testRows: 500 },
      "arms.random-labels.dataset.options": { labels: "random", trainRows: 1000, testRows: 500 },
    },
    quick: {
      replicates: 1,
      "arms.random-labels.replicates": 1,
      "arms.linear.replicates": 1,
      "arms.quantised.replicates": 1,
      "base.training.epochs": 2,
    },
    full: {},
  },
});
export default study;
