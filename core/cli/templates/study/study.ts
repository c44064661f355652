/**
 * Does weight decay make layers forget more of the input?
 *
 * @module
 */
import { defineStudy, type Study } from "@infoplane/core";

export type * from "@infoplane/core";

/** The study, as data; see the module. */
const study: Study = defineStudy({
  format: 1,
  id: "example-study",
  title: "Does weight decay make layers forget more of the input?",
  seed: 1,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [10, 7, 5, 4, 3], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 10_000 },
  },
  arms: {
    main: { title: "weight decay 0.0001", training: { optimiser: { id: "sgd", rate: 0.1, weightDecay: 0.0001 } } },
    control: { role: "control", title: "no weight decay" },
  },
  replicates: 20,
  measure: [{ estimator: "binning", options: { count: 30, range: [-1, 1] } }],
  analyses: [{ id: "information-plane" }, { id: "two-phases" }],
  profiles: {
    smoke: { replicates: 2, "base.training.epochs": 100 },
    quick: { replicates: 5, "base.training.epochs": 600 },
    full: {},
  },
});
export default study;
