import {
  type Analysis,
  type AnalysisResult,
  type Context,
  defineAnalysis,
  type MapRow,
  type PlantedCase,
  type StudyRows,
  type TrialView,
} from "@infoplane/core";
import { gradientSnr as snrOf } from "@infoplane/core/numerics";
import { shuffle } from "@infoplane/core/random";
import { plantedNets, plantedRows, plantedSeries } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({
  published: z.boolean().default(false).describe(
    "whether to add the ratio over the mini-batches of one shuffled epoch, as in the published figure",
  ),
  examples: z.int().min(512).optional().describe(
    "training examples looked at, drawn by the replicate; all unless told. From n of them no ratio is seen below √(512/n)",
  ),
});

type Options = z.infer<typeof options>;

/** The batch at which every net is compared. */
const BATCH = 512;
const BITS_PER_NAT = 1.4426950408889634;

/** Signal and noise of the gradient of every layer, measured from stored weights. */
export const gradientSnr: Analysis<Options> = defineAnalysis({
  id: "gradient-snr",
  title: "Gradient signal and noise",
  description:
    "When does the noise of a mini-batch's gradient exceed its mean, layer by layer? Mean and variance of the " +
    "gradients of single training examples at every snapshot, after Shwartz-Ziv and Tishby (arXiv:1703.00810).",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  map,
  reduce,
  planted,
});

async function map(trial: TrialView, options: Options, _prepared: unknown, ctx: Context): Promise<MapRow[]> {
  const rows: MapRow[] = [];
  const seen = examplesOf(trial, options, ctx);
  for (const [index, epoch] of trial.epochs.entries()) {
    rows.push(...gradientRows(trial, epoch, seen));
    if (options.published) rows.push(...publishedRows(trial, epoch, ctx.stream.child("published", epoch)));
    if (index % 8 === 7) await ctx.progress((index + 1) / trial.epochs.length);
    if (ctx.signal.aborted) throw ctx.signal.reason;
  }
  return rows;
}

/** The examples looked at; undefined for all. */
function examplesOf({ dataset }: TrialView, { examples }: Options, { stream }: Context): Uint32Array | undefined {
  const { train } = dataset.splits;
  if (examples === undefined || examples >= train.length) return undefined;
  return shuffle(train.slice(), stream.child("examples")).slice(0, examples).sort();
}

function gradientRows(trial: TrialView, epoch: number, seen?: Uint32Array): MapRow[] {
  return trial.gradients(epoch, seen).flatMap((gradients, index) => {
    const { meanNorm, variance, weightNorm, examples } = gradients;
    const { batch } = trial.training;
    const own = batch === "full" ? examples : Math.min(batch, examples);
    const layer = index + 1;
    const ratio = (quantity: string, b: number) =>
      ratioRow(epoch, layer, quantity, snrOf(gradients, b), "all examples have the same gradient");
    return [
      { epoch, layer, quantity: "gradient_norm", unit: "bits", value: meanNorm * BITS_PER_NAT },
      { epoch, layer, quantity: "gradient_sd", unit: "bits", value: Math.sqrt(variance) * BITS_PER_NAT },
      { epoch, layer, quantity: "weight_norm", unit: "1", value: weightNorm },
      ratio(`gradient_snr_${BATCH}`, BATCH),
      ...(own === BATCH ? [] : [ratio("gradient_snr_training_batch", own)]),
    ];
  });
}

function publishedRows(trial: TrialView, epoch: number, stream: Context["stream"]): MapRow[] {
  return trial.batchGradients(epoch, stream).map(({ batches, meanNorm, deviationNorm }, index) =>
    ratioRow(
      epoch,
      index + 1,
      "gradient_snr_published",
      meanNorm / deviationNorm,
      batches === 1 ? "the epoch is one batch" : "all batches have the same gradient",
    )
  );
}

/** A ratio, or why there is none: its denominator is 0. */
function ratioRow(epoch: number, layer: number, quantity: string, value: number, without: string): MapRow {
  return Number.isFinite(value)
    ? { epoch, layer, quantity, unit: "1", value }
    : { epoch, layer, quantity, unit: "1", value: null, reason: without };
}

function reduce({ series }: StudyRows, { examples }: Options): AnalysisResult {
  const quantity = `gradient_snr_${BATCH}`;
  const points = new Set(series.filter((row) => row.quantity === quantity).map(({ axes }) => axes));
  return {
    figures: [{
      id: "gradient-snr",
      title: "Signal and noise of the gradient, layer by layer",
      caption:
        `One line a net: the norm of the mean gradient over the noise of a mini-batch of ${BATCH} training examples, ` +
        "the weights and biases that lead into a layer as one vector. Above the line at 1 an update mostly follows the mean, below it " +
        `mostly noise. At another batch b every line moves by √(b/${BATCH}), whatever the net was trained with.` +
        (examples === undefined
          ? ""
          : ` The mean is that of ${examples} examples at the most: where it vanishes, from so ` +
            `many a ratio of about √(${BATCH}/${examples}) is seen.`),
      alt: `Signal-to-noise ratio of the gradient at batch ${BATCH} against epochs, a panel a layer, one line a net.`,
      table: "series",
      where: { quantity },
      marks: [
        { mark: "rule-y", values: [1], stroke: "muted" },
        { mark: "line", x: "epoch", y: "value", z: "trial", fx: "layer", stroke: "arm" },
      ],
      scales: {
        x: { label: "epoch", type: "log" },
        y: { label: `gradient SNR at batch ${BATCH}`, type: "log" },
        color: { scheme: "arm" },
      },
      ...(points.size > 1 ? { controls: [{ column: "axes", kind: "choice" }] } : {}),
    }],
  };
}

/** Two nets of two layers whose ratio falls below 1, or that have another ratio alone. */
function planted(): PlantedCase[] {
  const epochs = [0, 10, 100];
  const nets = plantedNets(2, () => ({ ixt: [], ity: [] }));
  const rows = (quantity: string) => ({
    ...plantedRows(nets, { epochs }),
    series: plantedSeries(quantity, nets.map(() => [[4, 2, 0.5], [3, 1, 0.2]]), { epochs, unit: "1" }),
  });
  return [
    {
      name: "two nets of two layers, at three snapshots",
      ...{ truth: "positive", rows: rows(`gradient_snr_${BATCH}`), drawn: { "gradient-snr": 12 } },
    },
    {
      name: "two nets of which the published ratio alone is known",
      ...{ truth: "null", rows: rows("gradient_snr_published"), drawn: { "gradient-snr": 0 } },
    },
  ];
}
