import { type Arm, defineStudy, type JsonObject, type Study } from "@infoplane/core";

/** The first L hidden layers of each family. */
const FAMILIES = { decreasing: [10, 7, 5, 4, 3, 3], constant: [7, 7, 7, 7, 7, 7] };

/**
 * Learning rate of each depth: the one of 0.03, 0.1, 0.3 and 1 at which nets of other seeds reach a test accuracy of 0.95 soonest, or,
 * where half of them never do, are the most accurate in the end; from table `rate-choice` of study `rate-per-depth`, full profile.
 */
export const RATES = { decreasing: [0.3, 0.1, 0.1, 0.03, 0.1, 0.3], constant: [0.1, 0.03, 0.03, 0.03, 0.03, 0.03] };

/** Epochs for which lower layers are trained before they are frozen. */
const BEFORE = 2000;

const rate = (rate: number) => ({ optimiser: { rate } });

const depths: { [name: string]: Arm } = Object.fromEntries(
  (["decreasing", "constant"] as const).flatMap((family) =>
    FAMILIES[family].map((_, last): [string, Arm] => [`${family}-${last + 1}`, {
      role: family === "decreasing" ? "main" : "variant",
      title: `${last + 1} hidden layer${last === 0 ? "" : "s"}, ${
        family === "constant" ? "width 7" : "decreasing widths"
      }`,
      architecture: { options: { widths: FAMILIES[family].slice(0, last + 1) } },
      training: rate(RATES[family][last]),
    }])
  ),
);

const five = FAMILIES.decreasing.slice(0, 5);
const fiveRate = RATES.decreasing[4];

const frozen: { [name: string]: Arm } = Object.fromEntries(
  [1, 2, 3, 4].flatMap((layers): [string, Arm][] => {
    const below = `the lower ${layers === 1 ? "layer" : `${layers} layers`}`;
    const arm = (frozen: { from: "random" } | { from: "trained"; epochs: number }) => ({
      architecture: { options: { widths: five, frozen: { layers, ...frozen } } },
      training: rate(fiveRate),
    });
    return [
      [`trained-below-${layers}`, {
        role: "variant",
        title: `Five hidden layers, ${below} trained before and frozen`,
        ...arm({ from: "trained", epochs: BEFORE }),
      }],
      [`random-below-${layers}`, {
        role: "control",
        title: `Five hidden layers, ${below} random and frozen`,
        ...arm({ from: "random" }),
      }],
    ];
  }),
);

/** Pair bounds stand beside in the full profile alone: in the others they would take longer than all else. */
const BINNING: { estimator: string; options: JsonObject }[] = [
  { estimator: "binning", options: { count: 30, range: [-1, 1] } },
  { estimator: "binning", options: { width: 0.07 } },
];

/** Those that no claim of this study compares. */
const BETWEEN = Object.keys(depths).filter((name) => !/-[15]$/.test(name));

const study: Study = defineStudy({
  format: 1,
  id: "hidden-layers",
  title: "What are the hidden layers good for?",
  description:
    "Nets of one to six hidden layers, each depth at the learning rate at which it generalises soonest; upper layers on lower " +
    "ones that were trained or left random; how long layers take to compress against how much, and how even their gradients are.",
  seed: 2018,
  base: {
    dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
    architecture: { id: "dense", options: { widths: five, activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: fiveRate }, batch: 512, epochs: 10_000 },
  },
  arms: {
    ...depths,
    ...frozen,
    "random-labels": {
      role: "control",
      title: "Five hidden layers, random labels",
      dataset: { options: { labels: "random" } },
    },
  },
  replicates: 15,
  measure: [...BINNING, { estimator: "noise-bounds", options: { variance: 0.1 }, perDecade: 2 }],
  analyses: [
    { id: "hidden-layers" },
    { id: "relaxation-law" },
    { id: "layers-help" },
    { id: "capacity-equalisation", options: { beside: ["constant-5"] } },
    { id: "gradient-snr" },
  ],
  profiles: {
    smoke: {
      replicates: 1,
      measure: BINNING,
      "base.training.epochs": 10,
      ...Object.fromEntries(
        [1, 2, 3, 4].map((layers) => [`arms.trained-below-${layers}.architecture.options.frozen.epochs`, 10]),
      ),
    },
    quick: {
      replicates: 5,
      measure: BINNING,
      "base.training.epochs": 3000,
      ...Object.fromEntries(BETWEEN.map((name) => [`arms.${name}.replicates`, 2])),
    },
    full: {},
  },
});
export default study;
