import { type Context, defineEstimator, type Estimator, type Sample } from "@infoplane/core";
import { type Kernels, loadKernels } from "@infoplane/core/kernels";
import { decoderBound, firstOdd, type RealRows, realRows, rowsAt, saturatedFraction } from "@infoplane/core/numerics";
import {
  createDenseEngine,
  denseNet,
  endlessBatches,
  holdOut,
  initialParameters,
  reluNet,
  softmaxPrediction,
  standardised,
  stopEarly,
} from "@infoplane/core/training";
import { z } from "zod";

const LEAST_ROWS = 20;

const options = z.strictObject({
  widths: z.array(z.number().int().min(1).max(1024)).max(4).default([64]).describe(
    "units of the decoder's hidden layers",
  ),
  batch: z.number().int().min(1).max(4096).default(128).describe(
    "rows of a step; all rows trained on, if they are fewer",
  ),
  steps: z.number().int().min(1).max(100_000).default(2000).describe("the most; training ends early on rows held out"),
  rate: z.number().positive().max(1).default(0.003).describe("learning rate of Adam"),
});

type Setting = {
  readonly widths: readonly number[];
  readonly batch: number;
  readonly steps: number;
  readonly rate: number;
};

/** H(Y) less the cross-entropy of a net that was taught to tell the label from the layer, on rows it has not seen. */
export const decoder: Estimator<Setting> = defineEstimator({
  id: "decoder",
  title: "Variational decoder",
  description:
    "Lower bound on I(T;Y) in expectation: H(Y) less the held-out cross-entropy of a small net from T to the label, trained on " +
    "three fifths of the rows, stopped by a fifth, read off the last fifth (Barber and Agakov 2003; Alemi et al., ICLR 2017). With " +
    "p(y|x) the rows read are weighed by it, those trained on have the labels dealt. The interval is two standard errors of the bound.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: { decoderBound: "lower", zeroOnIndependence: true },
  supports: ({ n }) => n >= LEAST_ROWS || `a fifth of the rows is held out, which takes ${LEAST_ROWS}: there are ${n}`,
  passes: () => 0,
  async estimate(sample, setting, ctx) {
    const { activations, joint, layer, meta } = sample;
    const odd = firstOdd(activations.data, meta.units);
    if (odd) {
      const at = `layer ${layer}, row ${odd.row}, unit ${odd.column}`;
      return { status: "failed", reason: `activations must be finite: ${at} is ${odd.value}` };
    }
    if (joint?.px.some((p) => p !== joint.px[0])) {
      return { status: "skipped", reason: "rows of unequal probability: a decoder is taught rows alike" };
    }
    const found = await decode(await loadKernels(), sample, realRows(activations, "T"), setting, ctx);
    const { bits, standardErrorBits, steps, heldOut } = found;
    return {
      status: "measured",
      ixt: null,
      ity: { bits, low: bits - 2 * standardErrorBits, high: bits + 2 * standardErrorBits },
      ceilingBits: null,
      saturated: saturatedFraction(activations.data, meta.activation),
      diagnostics: { heldOut, standardErrorBits, steps },
      reason: "no I(X;T): the decoder looks at T and Y",
    };
  },
});

async function decode(kernels: Kernels, sample: Sample, t: RealRows, setting: Setting, ctx: Context) {
  const { labels, joint, meta: { classes } } = sample;
  const { widths, rate, steps } = setting;
  const { train, validation, test } = holdOut(t.n, ctx.stream.child("split"));
  const batch = Math.min(setting.batch, train.length);
  const net = reluNet(t.columns, widths, classes, "softmax");
  const engine = createDenseEngine(kernels, denseNet(net), {
    optimiser: { id: "adam", rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    maxBatch: batch,
  });
  const rows = standardised(t, train);
  engine.setData(rows.values, labels);
  engine.setParameters(initialParameters(net, ctx.stream.child("weights")));
  const batches = endlessBatches(train, batch, ctx.stream.child("batches"));
  const boundOn = (part: Uint32Array) => {
    const layers = engine.forward(Float32Array.from(rowsAt(rows, part).values));
    return decoderBound(labels, joint, part, softmaxPrediction(layers[widths.length], classes).cost);
  };
  let kept: Float32Array;
  const made = await stopEarly(
    {
      step: () => engine.step(batches.next().value),
      validate: () => -boundOn(validation).bits,
      keep: () => kept = engine.parameters(),
      restore: () => engine.setParameters(kept),
    },
    steps,
    ctx,
  );
  return { ...boundOn(test), steps: made, heldOut: test.length };
}
