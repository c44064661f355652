import assert from "node:assert/strict";
import type { JsonObject } from "../../../core/contracts/tensor.ts";
import { costOf } from "../../../core/pipeline/costs.ts";
import { missesOf } from "../../../core/pipeline/misses.ts";
import type { Piece } from "../../../core/pipeline/pieces.ts";
import type { Entry } from "../../../core/store/store.ts";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";

const net = (changes: JsonObject = {}): JsonObject => ({
  kind: "trial",
  dataset: { id: "d", version: 1, options: {} },
  architecture: { id: "dense", version: 1, options: { widths: [4, 3] } },
  training: { batch: 512, rate: 0.1 },
  seed: 1,
  replicate: 0,
  arithmetic: { train: 1 },
  ...changes,
});
const measure = (version: number, options: JsonObject, more: JsonObject = {}): JsonObject => ({
  kind: "measure",
  trial: "t",
  estimator: { id: "binning", version, options },
  arithmetic: { forward: 1 },
  ...more,
});
const stored = (inputs: JsonObject, { extent = 100, bytes = 0, info = {} } = {}): Entry =>
  ({ kind: inputs.kind, inputs, extent, blobs: [{ bytes }], info }) as unknown as Entry;
const trial = {};
const piece = (inputs: JsonObject, found: unknown = { reason: "never stored" }, more: object = {}): Piece =>
  ({
    ...{ kind: inputs.kind, inputs, extent: 100, name: inputs.kind === "trial" ? "net" : "binning", found, trial },
    cell: { arm: "main", axes: "{}" },
    ...more,
  }) as unknown as Piece;

const there = { entry: {} };
const why = (wanted: JsonObject, kept: JsonObject[]) =>
  missesOf([piece(wanted)], kept.map((one) => stored(one)))[0].reason;

Deno.test("a miss says what the nearest stored result has otherwise: version, option, arithmetic, seed", () => {
  const wanted = measure(2, { count: 30 });
  assert.equal(why(wanted, [measure(1, { count: 30 })]), "stored with estimator.version 1, not 2");
  assert.equal(why(wanted, [measure(2, { count: 10 })]), "stored with estimator.options.count 10, not 30");
  assert.equal(why(wanted, [measure(2, { count: 30 }, { perDecade: 8 })]), "stored with perDecade 8, not unset");
  const raised = measure(2, { count: 30 }, { arithmetic: { forward: 2 } });
  assert.equal(why(raised, [wanted]), "stored with arithmetic.forward 1, not 2");
  assert.equal(why(net({ seed: 2 }), [net()]), "stored with seed 1, not 2");
});

Deno.test("the nearest of several is named; what differs in more than two things is no neighbour", () => {
  const wanted = measure(3, { count: 30, range: [-1, 1] });
  const [near, far] = [measure(2, { count: 30, range: [-1, 1] }), measure(1, { count: 10, range: [-1, 1] })];
  for (const kept of [[near, far], [far, near]]) {
    assert.match(why(wanted, kept), /^stored with estimator.version 2, not 3$/);
  }
  assert.equal(why(wanted, [far]), "stored with estimator.version 1, not 3; estimator.options.count 10, not 30");
  assert.equal(why(wanted, [measure(1, { count: 10, range: [0, 1] })]), "never stored");
  assert.equal(why(wanted, []), "never stored");
});

Deno.test("another replicate of the same net is no other net", () => {
  assert.equal(why(net({ replicate: 7 }), [net()]), "never stored, though others like it are");
});

Deno.test("misses are counted by arm, name and reason; what is stored is none, what waits for a net says so", () => {
  const other = {};
  const misses = missesOf([
    piece(net(), there),
    piece(measure(1, {}), there),
    piece(net(), { reason: "covers 3 epochs, not 100" }, { trial: other }),
    piece(measure(1, {}), { reason: "never stored" }, { trial: other }),
    piece(measure(2, {}), { reason: "never stored" }, { trial: other }),
    piece(measure(2, {}), { reason: 'its blob "value" is damaged' }),
  ], []);
  assert.deepEqual(misses.map(({ kind, arm, name, count, reason }) => [kind, arm, name, count, reason]), [
    ["trial", "main", "net", 1, "covers 3 epochs, not 100"],
    ["measure", "main", "measurements", 2, "their nets are missing"],
    ["measure", "main", "binning", 1, 'its blob "value" is damaged'],
  ]);
});

Deno.test("time goes with epochs of nets and snapshots of measurements, bytes with snapshots; both as like work took", () => {
  const [few, many] = [10, 100].map((epochs) => snapshotEpochs(epochs).length);
  const kept = [
    stored(net({ replicate: 1 }), { extent: 10, bytes: 10 * few, info: { seconds: 2 } }),
    stored(net({ replicate: 2 }), { extent: 10, bytes: 10 * few, info: { seconds: 4 } }),
    stored(measure(1, {}), { extent: 10, bytes: few, info: { seconds: few } }),
  ];
  assert.deepEqual(costOf([piece(net())], kept), { seconds: 30, bytes: 10 * many, unknown: [] });
  assert.deepEqual(costOf([piece(measure(2, {}))], kept), { seconds: many, bytes: many, unknown: [] });
  assert.deepEqual(costOf([], kept), { seconds: 0, bytes: 0, unknown: [] });
});

Deno.test("what no run has timed is named, not guessed", () => {
  const wide = net({ architecture: { id: "dense", version: 1, options: { widths: [99] } } });
  const untimed = stored(measure(1, {}), { bytes: 5 });
  const { seconds, bytes, unknown } = costOf([piece(wide), piece(measure(2, {}))], [
    stored(net(), { info: { seconds: 1 } }),
    untimed,
  ]);
  assert.deepEqual([seconds, unknown], [0, ["binning", "net"]]);
  assert.equal(bytes, 5);
});
