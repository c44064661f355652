import { type Arm, defineStudy, type Study } from "@infoplane/core";

/** The first L hidden layers of each family. */
const FAMILIES = { decreasing: [10, 7, 5, 4, 3, 3], constant: [7, 7, 7, 7, 7, 7] };

const arms: { [name: string]: Arm } = Object.fromEntries(
  Object.entries(FAMILIES).flatMap(([family, widths]) =>
    widths.map((_, last): [string, Arm] => [`${family}-${last + 1}`, {
      role: "main",
      title: `${last + 1} hidden layer${last === 0 ? "" : "s"}, ${
        family === "constant" ? "width 7" : "decreasing widths"
      }`,
      architecture: { options: { widths: widths.slice(0, last + 1) } },
    }])
  ),
);

const study: Study = defineStudy({
  format: 1,
  id: "rate-per-depth",
  title: "Which learning rate suits a net of each depth?",
  description:
    "Nets of one to six hidden layers at four learning rates, judged by how soon they generalise and never by their information, " +
    "so that the study of hidden layers can compare each depth at its own best rate; other seeds than that study's.",
  seed: 1999,
  base: {
    dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
    architecture: { id: "dense", options: { widths: [10], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 10_000 },
  },
  arms,
  axes: [{ path: "training.optimiser.rate", values: [0.03, 0.1, 0.3, 1] }],
  replicates: 5,
  measure: [{ estimator: "binning", options: { count: 30, range: [-1, 1] }, perDecade: 1 }],
  analyses: [{ id: "rate-choice" }],
  profiles: {
    smoke: { replicates: 1, "base.training.epochs": 10 },
    quick: { replicates: 1, "base.training.epochs": 1000 },
    full: {},
  },
});
export default study;
