import { type Arm, defineStudy, type JsonObject, type Study } from "@infoplane/core";

/** Epochs that give each batch at least the 70,000 updates which batch 512 makes of 3277 rows in 10,000 epochs. */
const EPOCHS: readonly (readonly [number | "full", number])[] = [
  [16, 10_000],
  [64, 10_000],
  [256, 10_000],
  [1024, 17_500],
  ["full", 70_000],
];

/** Rows a net is trained on. */
const TRAIN_ROWS = 3277;

const fixed = EPOCHS.map(([batch, epochs]): [string, Arm] => [`batch-${batch}`, {
  role: "main",
  title: batch === "full" ? "Full batch" : `Batch ${batch}`,
  training: { batch, epochs },
}]);

/** The rate in proportion to the batch, 0.1 at batch 512. */
const scaled = EPOCHS.map(([batch, epochs]): [string, Arm] => {
  const rate = 0.1 * (batch === "full" ? TRAIN_ROWS : batch) / 512;
  return [`batch-${batch}-scaled`, {
    role: "variant",
    title: `${batch === "full" ? "Full batch" : `Batch ${batch}`}, rate ${Number(rate.toPrecision(2))}`,
    training: { batch, epochs, optimiser: { rate } },
  }];
});

/** A fifth of the patterns, 819 rows, with as many updates. */
const few = ([[16, 1346], [64, 5385], ["full", 70_000]] as const).map((
  [batch, epochs],
): [string, Arm] => [`few-${batch}`, {
  role: "variant",
  title: batch === "full" ? "Full batch of 819 rows" : `Batch ${batch} of 819 rows`,
  dataset: { options: { trainFraction: 0.2 } },
  training: { batch, epochs },
}]);

const arms: { [name: string]: Arm } = {
  ...Object.fromEntries(fixed),
  "batch-512": { role: "variant", title: "Batch 512", training: { batch: 512, epochs: 10_000 } },
  ...Object.fromEntries([...scaled, ...few]),
};

/** A share of each arm's epochs. */
const shorter = (share: number) =>
  Object.fromEntries(
    Object.entries(arms).map(([name, { training }]) => [
      `arms.${name}.training.epochs`,
      Math.max(10, Math.round((training?.epochs ?? 10_000) * share)),
    ]),
  );

/** Bounds from pairs stand beside in the full profile: in the others they would take longer than all else. */
const BINS: { estimator: string; options: JsonObject }[] = [
  { estimator: "binning", options: { count: 30, range: [-1, 1] } },
  { estimator: "binning", options: { width: 0.07 } },
];

const study: Study = defineStudy({
  format: 1,
  id: "batch-size",
  title: "What does the size of the mini-batch change?",
  description:
    "The same nets with batches of 16 rows to all of them, at one learning rate and at rates in proportion to the batch, compared " +
    "after equally many epochs and after equally many updates; and on a fifth of the data.",
  seed: 2018,
  base: {
    dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
    architecture: { id: "dense", options: { widths: [10, 7, 5, 4, 3], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 10_000 },
  },
  arms,
  replicates: 15,
  measure: [...BINS, { estimator: "noise-bounds", options: { variance: 0.1 }, perDecade: 5 }],
  analyses: [
    { id: "information-plane" },
    { id: "gradient-snr" },
    { id: "batch-size" },
    { id: "stochasticity-helps" },
  ],
  profiles: {
    smoke: { replicates: 2, measure: BINS, ...shorter(0.001) },
    quick: { replicates: 5, measure: BINS, ...shorter(0.3) },
    full: {},
  },
});
export default study;
