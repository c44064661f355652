import { defineStudy, type Study } from "@infoplane/core";

const path = "my-run";

/** A study of nets that another program trained: `--data` names the folder that `my-run` lies in. */
const study: Study = defineStudy({
  format: 1,
  id: "my-run",
  title: "What do two nets of PyTorch learn of the parity of three bits?",
  seed: 1,
  base: {
    dataset: { id: "recorded", options: { path } },
    architecture: { id: "recorded", options: { path } },
    training: { optimiser: { id: "recorded" }, batch: "full", epochs: 100 },
  },
  replicates: 2,
  measure: [{ estimator: "binning", options: { count: 30, range: [-1, 1] } }],
  analyses: [{ id: "information-plane" }],
  profiles: { smoke: { "base.training.epochs": 20 }, quick: {}, full: {} },
});
export default study;
