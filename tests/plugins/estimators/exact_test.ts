import type { Estimate, LoadedDataset, Sample } from "@infoplane/core";
import { root, testContext } from "@infoplane/core/testing";
import fc from "fast-check";
import assert from "node:assert/strict";
import { readOptions } from "../../../core/execution/options.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { estimateSamples, measure } from "../../../core/measuring/measure.ts";
import { train } from "../../../core/training/trajectory.ts";
import { cnn } from "../../../plugins/architectures/cnn.ts";
import { exact } from "../../../plugins/estimators/exact.ts";
import { binnedInformation } from "../../oracles/binning_twin.ts";

type Measured = Extract<Estimate, { status: "measured" }>;

const { ctx } = testContext();

/** Layers one behind the other, each a function of the one before, of 2 bits a unit; p(y|x) is drawn. */
function chain(seed: number, n: number, widths: readonly number[]): Sample[] {
  const stream = root(seed);
  const pyx = Float64Array.from({ length: n }, () => stream.uniform()).reduce<number[]>(
    (all, p) => [...all, p, 1 - p],
    [],
  );
  const joint = { px: new Float64Array(n).fill(1 / n), pyx: Float64Array.from(pyx) };
  let before = Array.from({ length: n }, (_, row) => [row]);
  return widths.map((units, index) => {
    const images = new Map<string, number[]>();
    const rows = before.map((row) => {
      const name = row.join();
      // A tanh of 2 bits gives ±0.25 and ±0.75.
      if (!images.has(name)) images.set(name, Array.from({ length: units }, () => stream.integer(4) / 2 - 0.75));
      return images.get(name)!;
    });
    before = rows;
    return {
      layer: index + 1,
      meta: { n, units, activation: "tanh", exactJoint: true, classes: 2, quantisedBits: 2 },
      activations: { data: Float32Array.from(rows.flat()), shape: [n, units] },
      labels: new Uint8Array(n),
      joint,
    };
  });
}

async function measured(sample: Sample): Promise<Measured> {
  const estimate = await exact.estimate(sample, {}, ctx);
  assert.equal(estimate.status, "measured", JSON.stringify(estimate));
  return estimate as Measured;
}

Deno.test("a quantised layer that tells 16 inputs apart has exactly 4 bits, and a constant one none", async () => {
  const values = Array.from({ length: 16 }, (_, row) => [row & 3, row >> 2]).flat().map((level) => level / 2 - 0.75);
  const meta = { n: 16, units: 2, activation: "tanh", exactJoint: false, classes: 2, quantisedBits: 2 } as const;
  const labels = Uint8Array.from({ length: 16 }, (_, row) => row >> 3);
  const sample = { layer: 1, meta, activations: { data: Float32Array.from(values), shape: [16, 2] }, labels };
  const { ixt, ity, cells, alone, ceilingBits } = await measured(sample);
  assert.deepEqual([ixt!.bits, ity!.bits, cells, alone, ceilingBits], [4, 1, 16, 1, 4]);
  const flat = await measured({ ...sample, activations: { data: new Float32Array(32).fill(0.25), shape: [16, 2] } });
  assert.deepEqual([flat.ixt!.bits, flat.ity!.bits, flat.cells, flat.saturated], [0, 0, 1, 0]);
});

Deno.test("the data processing inequality holds from layer to layer, on both sides", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 60 }), async (seed, n) => {
      let [ixt, ity] = [Infinity, Infinity];
      for (const sample of chain(seed, n, [3, 2, 2, 1])) {
        const found = await measured(sample);
        assert.ok(found.ixt!.bits <= ixt + 1e-12 && found.ity!.bits <= ity + 1e-12);
        assert.ok(found.ity!.bits <= found.ixt!.bits + 1e-12 && found.ixt!.bits <= found.ceilingBits! + 1e-12);
        [ixt, ity] = [found.ixt!.bits, found.ity!.bits];
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("it is the entropy of whole rows, as the slow twin has it with each value its own code", async () => {
  for (const sample of chain(4, 50, [2, 1])) {
    const pyx = Array.from({ length: 50 }, (_, row) => [...sample.joint!.pyx.subarray(2 * row, 2 * row + 2)]);
    const twin = binnedInformation(
      sample.activations.data as Float32Array,
      sample.meta.units,
      (value) => value,
      [...sample.joint!.px],
      pyx,
    );
    const { ixt, ity, cells, alone } = await measured(sample);
    assert.ok(Math.abs(ixt!.bits - twin.ixt) < 1e-12 && Math.abs(ity!.bits - twin.ity) < 1e-12);
    assert.deepEqual([cells, alone], [twin.cells, twin.alone]);
  }
});

Deno.test("layers that are not quantised are skipped; more values than the bits allow, or NaN, fail", async () => {
  const [sample] = chain(1, 10, [2]);
  const { quantisedBits: _, ...meta } = sample.meta;
  const [[skipped]] = await estimateSamples(
    exact as Parameters<typeof estimateSamples>[0],
    [{ ...sample, meta }],
    [{}],
    ctx,
  );
  assert.equal(skipped.status, "skipped");
  assert.match(skipped.reason!, /the layer is not quantised/);
  const data = Float32Array.from({ length: 20 }, (_, i) => i % 5 / 20);
  assert.deepEqual(await exact.estimate({ ...sample, activations: { data, shape: [10, 2] } }, {}, ctx), {
    status: "failed",
    reason: "activations of 2 bits must take at most 4 values: layer 1 takes 5",
  });
  data.fill(0.25)[7] = NaN;
  assert.deepEqual(await exact.estimate({ ...sample, activations: { data, shape: [10, 2] } }, {}, ctx), {
    status: "failed",
    reason: "activations must be finite: layer 1, row 3, unit 1 is NaN",
  });
});

/** 256 black and white images of 4 × 4, no two alike, with exact p(y|x) that rises with what is white above the diagonal. */
function images(): LoadedDataset {
  const n = 256;
  const data = Uint8Array.from({ length: n * 16 }, (_, i) => (Math.floor(i / 16) * 40503 >> (i % 16)) & 1);
  const p = Array.from({ length: n }, (_, row) => {
    const white = data.subarray(row * 16, (row + 1) * 16).filter((_, at) => at % 4 > at >> 2).reduce(
      (a, b) => a + b,
      0,
    );
    return 1 / (1 + Math.exp(6 - 2 * white));
  });
  const rows = Uint32Array.from({ length: n }, (_, row) => row);
  return {
    inputs: { data, shape: [n, 4, 4, 1], scale: 2, offset: -1 },
    labels: Uint8Array.from(p, (one) => one > 0.5 ? 1 : 0),
    classes: 2,
    splits: { train: rows, test: rows.subarray(0, 1) },
    joint: { px: new Float64Array(n).fill(1 / n), pyx: Float64Array.from(p.flatMap((one) => [1 - one, one])) },
  };
}

for (
  const [reduction, measuredAre] of [["max", [true, true, true, true]], ["mean", [false, false, true, true]]] as const
) {
  Deno.test(`hidden layers and pools by ${reduction} of a quantised convolutional net keep data processing while it learns`, async () => {
    const options = { activation: "tanh", quantisedBits: 2, reduction, filters: [3, 2], hidden: [2, 2] };
    const read = readOptions(cnn.options, options, 'architecture "cnn"') as unknown as Parameters<typeof cnn.build>[2];
    const net = cnn.build([4, 4, 1], 2, read);
    const dataset = images();
    const kernels = await loadKernels();
    const training = { optimiser: { id: "adam", rate: 0.01 }, batch: 32, epochs: 30 } as const;
    const { snapshots } = await train(net, dataset, training, kernels, ctx);
    assert.ok(snapshots.at(-1)!.trainLossBits! < 0.6 * snapshots[0].trainLossBits!);
    const [found] = await measure(net, dataset, snapshots, exact as never, [{}], { on: "all" }, kernels, ctx);
    let top = 0;
    for (const layers of found) {
      assert.deepEqual(layers.map(({ status }) => status === "measured"), [...measuredAre, false]);
      assert.match((layers.at(-1) as { reason: string }).reason, /the layer is not quantised/);
      let [ixt, ity] = [8, Infinity];
      for (const layer of layers.filter((one): one is Measured => one.status === "measured")) {
        assert.ok(layer.ixt!.bits <= ixt + 1e-12 && layer.ity!.bits <= ity + 1e-12);
        assert.ok(layer.ixt!.bits <= layer.ceilingBits! + 1e-12 && layer.saturated !== undefined);
        [ixt, ity] = [layer.ixt!.bits, layer.ity!.bits];
      }
      top = ixt;
    }
    // 2 units of 2 bits hold at most half of what 256 images have.
    assert.ok(top > 0 && top <= 4, `${top}`);
  });
}

Deno.test("it has no options", () => {
  assert.deepEqual(readOptions(exact.options, {}, 'estimator "exact"'), {});
  assert.throws(() => readOptions(exact.options, { count: 3 }, 'estimator "exact"'), /count/);
});
