import fc from "fast-check";
import assert from "node:assert/strict";
import { epochMean, logPath, logSnrPaths, type SeriesPath, snrCrossing } from "../../../core/claims/mod.ts";
import type { SeriesRow } from "../../../core/contracts/rows.ts";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";
import { crossingTwin } from "../../oracles/crossing_twin.ts";

const EPOCHS = snapshotEpochs(3000);
const path = (of: (epoch: number) => number): SeriesPath => ({ epochs: EPOCHS, values: EPOCHS.map(of) });
const falling = (at: number, slope = 1) => path((epoch) => -slope * Math.log10((epoch + 0.5) / (at + 0.5)));

Deno.test("snrCrossing() finds a planted crossing to well within the step between snapshots", () => {
  for (const at of [20, 37.5, 333, 1000]) {
    const { state, low, high, index } = snrCrossing(falling(at));
    assert.equal(state, "crossed");
    assert.equal(low, high);
    assert.ok(Math.abs(low / at - 1) < 0.03, `${low} for ${at}`);
    assert.ok(EPOCHS[index] >= low * (1 - 1e-12) && EPOCHS[index - 1] < low);
  }
});

Deno.test("snrCrossing() is not misled by dips of two snapshots, nor by noise that ends before twice its epoch", () => {
  const dips = falling(1000);
  const withDips = { epochs: EPOCHS, values: dips.values.map((value, i) => i % 40 < 2 && i > 20 ? -3 : value) };
  assert.ok(Math.abs(snrCrossing(withDips).low / 1000 - 1) < 0.1);
  const relapse = path((epoch) => epoch < 100 ? 1 : epoch < 190 ? -1 : epoch < 500 ? 1 : -1);
  const { low } = snrCrossing(relapse);
  assert.ok(low > 450 && low < 520, String(low));
});

Deno.test("snrCrossing() says what was not seen: censored, none, or noise from the start", () => {
  const late = snrCrossing(falling(2000));
  assert.deepEqual([late.state, late.high, late.index], ["censored", Infinity, -1]);
  assert.ok(Math.abs(late.low / 2000 - 1) < 0.05);
  assert.deepEqual(snrCrossing(path(() => 0.1)), { state: "none", low: 2985, high: Infinity, index: -1 });
  assert.deepEqual(snrCrossing(path(() => -0.1)), { state: "from the start", low: 0, high: 1, index: 0 });
  // The rule looks no further than twice epoch 0; after the top of the drift phase is the crossing meant.
  const drift = path((epoch) => epoch < 5 ? -1 : epoch < 200 ? 1 : -1);
  assert.equal(snrCrossing(drift).state, "from the start");
  const meant = snrCrossing(drift, { afterTop: true });
  assert.ok(meant.state === "crossed" && meant.low > 180 && meant.low < 210, JSON.stringify(meant));
});

Deno.test("snrCrossing() agrees with a twin that reads the definition word for word", () => {
  const seen = new Set<string>();
  const noisy = fc.array(fc.constantFrom(-2, -1, -0.5, 0, 0.5, 1, 2), { minLength: 5, maxLength: 40 });
  fc.assert(
    fc.property(noisy, fc.integer({ min: -40, max: 40 }), (values, shift) => {
      const epochs = EPOCHS.slice(0, values.length);
      const moved = values.map((value, i) => value + (shift - i) / 10);
      const { state, low } = snrCrossing({ epochs, values: moved });
      const twin = crossingTwin(epochs, moved);
      assert.equal(state, twin.state);
      assert.ok(Math.abs(low - twin.epoch) < 1e-9 * Math.max(1, twin.epoch), `${low}, twin ${twin.epoch}`);
      seen.add(state);
    }),
    { numRuns: 1000, seed: 3 },
  );
  assert.equal(seen.size, 4, [...seen].join());
});

Deno.test("epochMean() weighs by epochs, not by snapshots", () => {
  const one = path((epoch) => epoch <= 2000 ? 0 : 1);
  const [from, to] = [1000, 2985];
  const first = EPOCHS.find((epoch) => epoch > 2000)!;
  const before = EPOCHS[EPOCHS.indexOf(first) - 1];
  assert.ok(Math.abs(epochMean(one, from, to) - (to - before) / (to - from)) < 1e-12);
  assert.ok(Math.abs(epochMean(path(() => 3), 7.5, 8.25) - 3) < 1e-12);
  assert.ok(Number.isNaN(epochMean(one, 5000, 6000)));
});

Deno.test("logSnrPaths() takes the SNR at 512 of one layer, in powers of ten, without what has no logarithm", () => {
  const row = (epoch: number, value: number | null, more: Partial<SeriesRow> = {}): SeriesRow => ({
    ...{ trial: "t", arm: "main", axes: "{}", replicate: 0, epoch, layer: 2, quantity: "gradient_snr_512", unit: "1" },
    ...{ value, arithmetic: "portable", reason: null, ...more },
  });
  const series = [row(0, 100), row(1, 0), row(2, null), row(3, 0.1), row(0, 5, { quantity: "gradient_norm" })];
  const { epochs, values } = logSnrPaths({ series }, "main", 2).get("t")!;
  assert.deepEqual(epochs, [0, 3]);
  assert.ok(Math.abs(values[0] - 2) < 1e-15 && Math.abs(values[1] + 1) < 1e-15);
  assert.deepEqual(logPath({ epochs: [4], values: [-1] }), { epochs: [], values: [] });
});
