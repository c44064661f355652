import { type Choice, defineStudy, type Measure, type Study } from "@infoplane/core";
import { CNN_PRESETS } from "../../plugins/architectures/cnn.ts";
import { apart, THROUGH } from "../image_measures.ts";

/**
 * @param probes How many images of either split are measured.
 * @param steps How many steps the decoder is trained for.
 */
function measure(probes: number, steps: number): Measure[] {
  const measures: Measure[] = [
    ...apart({ estimator: "noise-bounds", options: { alpha: 0.1, ruler: "fixed" }, perDecade: 8 }),
    ...apart({ estimator: "noise-bounds", options: { alpha: 1, ruler: "fixed" }, perDecade: 8 }),
    ...apart({ estimator: "noise-bounds", options: { alpha: 0.1, ruler: "moving" }, perDecade: 8 }),
    ...apart({ estimator: "noise-bounds", options: { alpha: 1, ruler: "moving" }, perDecade: 8 }),
    ...apart({ estimator: "binning", options: { codebook: "layer-range" } }),
    ...apart({ estimator: "binning", options: { width: 0.07 } }),
    { ...THROUGH, projection: { onto: "pool", grid: 1 }, perDecade: 8 },
    { ...THROUGH, projection: { onto: "components", dimensions: 16 }, perDecade: 2 },
    { estimator: "decoder", options: { steps }, on: "test", perDecade: 2 },
  ];
  return measures.map((measure) => ({ ...measure, probes }));
}

/** @param examples How many examples the gradient of one of them is taken of. */
const analyses = (examples: number): Choice[] => [
  { id: "information-plane" },
  {
    id: "last-hidden-phases",
    options: {
      claims: [{ id: "cifar-cnn", arms: ["main"] }, { id: "cifar-widths", arms: ["main", "decreasing"] }],
      controls: ["random-labels", "linear"],
    },
  },
  { id: "gradient-snr", options: { examples } },
];

const study: Study = defineStudy({
  format: 1,
  id: "cifar-cnn",
  title: "Do the layers of a convolutional net compress on CIFAR-10, and does the order of its widths matter?",
  description:
    "A net whose layers grow wider and one whose layers grow narrower on the whole of CIFAR-10, measured on 2000 test and 2000 " +
    "training images; with random labels, which leave nothing to learn, and linear units, which cannot saturate.",
  seed: 2018,
  base: {
    dataset: { id: "cifar10", options: { normalisation: "standard" } },
    architecture: { id: "cnn", options: CNN_PRESETS.cifar10 },
    training: { optimiser: { id: "sgd", rate: 0.02, momentum: 0.9 }, batch: 128, epochs: 8 },
  },
  arms: {
    main: { title: "Widths 16-32-64, hidden 64" },
    decreasing: {
      role: "main",
      title: "Widths 32-16-8, hidden 8",
      architecture: { options: { filters: [32, 16, 8], hidden: [8] } },
    },
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
  },
  replicates: 5,
  measure: measure(2000, 500),
  analyses: analyses(4096),
  profiles: {
    smoke: {
      replicates: 1,
      "arms.random-labels.replicates": 1,
      "arms.linear.replicates": 1,
      "base.training.epochs": 1,
      "base.dataset.options": { normalisation: "standard", trainRows: 500, testRows: 250 },
    },
    quick: {
      replicates: 1,
      "arms.random-labels.replicates": 1,
      "arms.linear.replicates": 1,
      "base.training.epochs": 4,
      "base.dataset.options": { normalisation: "standard", trainRows: 4000, testRows: 1000 },
      measure: measure(1000, 200),
      analyses: analyses(1024),
    },
    full: {},
  },
});
export default study;
