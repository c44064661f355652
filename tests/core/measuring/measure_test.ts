import type { Estimate, Estimator, NetDescription, Sample, Tensor } from "@infoplane/core";
import { testContext } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { measure } from "../../../core/measuring/measure.ts";
import { readOptions } from "../../../core/execution/options.ts";
import { noiseBounds } from "../../../plugins/estimators/noise_bounds.ts";
import { binning } from "../../../plugins/estimators/binning.ts";

const layer = { kind: "dense", bias: 0, weights: { distribution: "normal", sigma: 1 } } as const;
const net: NetDescription = {
  kind: "layers",
  inputShape: [1],
  layers: [{ ...layer, name: "hidden", units: 1, activation: "linear" }, {
    ...layer,
    name: "output",
    units: 2,
    activation: "softmax",
  }],
};
const dataset = {
  inputs: { data: Float32Array.of(1, 2, 3), shape: [3, 1] },
  labels: Uint8Array.of(0, 1, 1),
  classes: 2,
  splits: { train: Uint32Array.of(0, 2), test: Uint32Array.of(1) },
};
/** The hidden unit multiplies its input by the epoch. */
const snapshots = [1, 4, 9].map((epoch) => ({ epoch, parameters: Float32Array.of(epoch, 0, 1, -1, 0, 0) }));

interface Seen {
  readonly ruler: string;
  readonly layer: number;
  readonly values: readonly number[];
  readonly reference: readonly number[] | undefined;
  readonly own: boolean;
}

/** Measures with an estimator whose settings name their ruler, and tells what it was shown. */
async function seen(rulers: readonly string[], on: "all" | "train" = "all") {
  const shown: Seen[] = [];
  const values = (tensor: Tensor | undefined) => tensor && [...tensor.data];
  function estimate({ layer, activations, reference }: Sample, options: unknown): Estimate {
    const { ruler } = options as { ruler: string };
    const own = reference === activations;
    shown.push({ ruler, layer, values: values(activations)!, reference: values(reference), own });
    return { status: "measured", ixt: { bits: rulers.indexOf(ruler) }, ity: { bits: layer }, ceilingBits: null };
  }
  const estimator: Estimator = {
    ...binning as unknown as Estimator,
    estimateAll: undefined,
    usesReference: (options) => (options as { ruler: string }).ruler === "fixed",
    estimate,
  };
  const settings = rulers.map((ruler) => ({ ruler }));
  const kernels = await loadKernels();
  const found = await measure(net, dataset, snapshots, estimator, settings, { on }, kernels, testContext().ctx);
  return { shown: shown.filter(({ layer }) => layer === 1), found };
}

Deno.test("settings with a fixed ruler see the last snapshot's activations of the layer, the others do not", async () => {
  const { shown } = await seen(["moving", "fixed"]);
  assert.equal(shown.length, 6);
  for (const [i, epoch] of [1, 4, 9].entries()) {
    const [fixed, moving] = shown.slice(2 * i, 2 * i + 2);
    const values = [epoch, 2 * epoch, 3 * epoch];
    assert.deepEqual(fixed, { ruler: "fixed", layer: 1, values, reference: [9, 18, 27], own: epoch === 9 });
    assert.deepEqual(moving, { ruler: "moving", layer: 1, values, reference: undefined, own: false });
  }
});

Deno.test("the reference is of the rows that are measured", async () => {
  const { shown } = await seen(["fixed"], "train");
  assert.deepEqual(shown.map(({ reference }) => reference), [[9, 27], [9, 27], [9, 27]]);
});

Deno.test("what an estimator writes to the layer it refers to does not become the last snapshot", async () => {
  const estimator: Estimator = {
    ...binning as unknown as Estimator,
    estimateAll: undefined,
    usesReference: () => true,
    estimate({ activations, reference }: Sample): Estimate {
      if (reference !== activations) reference!.data[1] = 0;
      return { status: "measured", ixt: { bits: 1 }, ity: { bits: 1 }, ceilingBits: null };
    },
  };
  const kernels = await loadKernels();
  await assert.rejects(
    measure(net, dataset, snapshots, estimator, [{}], { on: "all" }, kernels, testContext().ctx),
    { name: "TypeError", message: /it wrote to activations of layer 1$/ },
  );
});

Deno.test("estimates stand in the order of the settings, whichever ruler they use", async () => {
  const { found } = await seen(["moving", "fixed", "none"]);
  assert.deepEqual(
    found.map((bySnapshot) => bySnapshot.map((layers) => layers.map((e) => "ixt" in e && [e.ixt!.bits, e.ity!.bits]))),
    [0, 1, 2].map((setting) => snapshots.map(() => [[setting, 1], [setting, 2]])),
  );
});

Deno.test("settings of both kinds come in one call to an estimator that mixes them, in their order", async () => {
  const calls: { settings: readonly unknown[]; reference: boolean }[] = [];
  const estimator: Estimator = {
    ...binning as unknown as Estimator,
    mixesReferences: true,
    usesReference: (options) => options === "fixed",
    estimateAll(samples, settings) {
      calls.push({ settings, reference: samples.every(({ reference }) => reference !== undefined) });
      return samples.map(() =>
        settings.map((_, i) => ({ status: "measured", ixt: { bits: i }, ity: { bits: 0 }, ceilingBits: null }))
      );
    },
  };
  const kernels = await loadKernels();
  const { ctx } = testContext();
  const found = (settings: unknown[]) =>
    measure(net, dataset, snapshots, estimator, settings, { on: "all" }, kernels, ctx);
  const [, fixed] = await found(["moving", "fixed", "moving"]);
  assert.deepEqual(calls, snapshots.map(() => ({ settings: ["moving", "fixed", "moving"], reference: true })));
  assert.deepEqual(fixed.map(([estimate]) => "ixt" in estimate && estimate.ixt!.bits), [1, 1, 1]);
  calls.length = 0;
  await found(["moving"]);
  assert.deepEqual(calls, snapshots.map(() => ({ settings: ["moving"], reference: false })));
});

Deno.test("pair bounds of rulers that stay and that move come to the same bytes together as alone", async () => {
  const settings = [[0.5, "fixed"], [0.5, "moving"], [2, "moving"], [2, "fixed"]].map(([alpha, ruler]) =>
    readOptions(noiseBounds.options, { alpha, ruler }, 'estimator "noise-bounds"')
  );
  const kernels = await loadKernels();
  const { ctx } = testContext();
  const found = (settings: unknown[]) =>
    measure(net, dataset, snapshots, noiseBounds as Estimator, settings, { on: "all" }, kernels, ctx);
  const alone = await Promise.all(settings.map(async (setting) => (await found([setting]))[0]));
  assert.deepEqual(await found(settings), alone);
  assert.notDeepEqual(alone[0][0], alone[1][0]);
});

Deno.test("an estimator without fixed rulers is measured as before", async () => {
  const setting = readOptions(binning.options, { width: 0.5 }, 'estimator "binning"');
  const kernels = await loadKernels();
  const { ctx } = testContext();
  const [found] = await measure(net, dataset, snapshots, binning as Estimator, [setting], { on: "all" }, kernels, ctx);
  assert.deepEqual(found.map(([{ status }]) => status), ["measured", "measured", "measured"]);
});
