import type { Analysis, ClaimResult, StudyRows } from "@infoplane/core";
import fc from "fast-check";
import assert from "node:assert/strict";
import { hiddenLayers } from "../../../plugins/analyses/hidden_layers.ts";
import { layersHelp } from "../../../plugins/analyses/layers_help.ts";
import { rateChoice } from "../../../plugins/analyses/rate_choice.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";
import { claimFrom, reduceOf } from "./planted.ts";
import { plantedArms, type SeriesNet } from "./planted_arms.ts";

const depth = hiddenLayers as unknown as Analysis<never>;
const help = layersHelp as unknown as Analysis<never>;
const choice = rateChoice as unknown as Analysis<never>;
const EPOCHS = [0, ...Array.from({ length: 41 }, (_, i) => Math.round(10 ** (i / 10)))];

/** A net whose accuracy passes .95 at an epoch. */
const passing = (epoch: number): SeriesNet => ({ test_accuracy: EPOCHS.map((at) => at >= epoch ? 0.96 : 0.8) });
const nets = (n: number, of: (i: number) => number) => Array.from({ length: n }, (_, i) => passing(of(i)));

/** A study of both families whose e* are given by family and depth. */
function depths(n: number, epochOf: (family: string, depth: number, i: number) => number): StudyRows {
  return plantedArms(
    EPOCHS,
    ["decreasing", "constant"].flatMap((family) =>
      [1, 3, 5].map((depth) =>
        [`${family}-${depth}`, { depth, nets: nets(n, (i) => epochOf(family, depth, i)) }] as const
      )
    ),
  );
}

/** θ of every replicate, slowly: the first snapshot of five in a row ≥ .95 in each of the two nets. */
function slowThetas({ series }: StudyRows, slow: string, fast: string, n: number): [number, number][] {
  const reached = (arm: string, replicate: number): [number, number] => {
    const path = series.filter((row) =>
      row.arm === arm && row.replicate === replicate && row.quantity === "test_accuracy"
    )
      .sort((a, b) => a.epoch - b.epoch);
    for (let i = 0; i + 5 <= path.length; i++) {
      if (path.slice(i, i + 5).every(({ value }) => value! >= 0.95)) return [path[i].epoch, path[i].epoch];
    }
    const open = path.findIndex((_, i) => path.slice(i).every(({ value }) => value! >= 0.95));
    return [open < 0 ? path.at(-1)!.epoch : path[open].epoch, Infinity];
  };
  return Array.from({ length: n }, (_, i) => {
    const [a, b] = [reached(slow, i), reached(fast, i)];
    return [Math.log2(a[0] / b[1]), Math.log2(a[1] / b[0])];
  });
}

function agrees({ counted }: ClaimResult, thetas: readonly [number, number][]): void {
  assert.equal(counted!.length, thetas.length);
  counted!.forEach(({ low, high }, i) => {
    for (const [found, twin] of [[low ?? -Infinity, thetas[i][0]], [high ?? Infinity, thetas[i][1]]]) {
      assert.ok(found === twin || Math.abs(found - twin) < 1e-12, `${found}, twin ${twin}`);
    }
  });
}

Deno.test("hidden-layers: nets of five layers that are four times as fast support it, in both families", async () => {
  const rows = depths(15, (_, depth, i) => (depth === 5 ? 250 : depth === 3 ? 500 : 1000) * (1 + (i % 3) / 10));
  const claim = await claimFrom(depth, rows);
  assert.deepEqual([claim.verdict, claim.parts!.length, claim.planned], ["supported", 2, 15]);
  assert.ok(Math.abs(claim.median! - 2) < 0.35);
  claim.parts!.forEach((part, i) => {
    const family = ["decreasing", "constant"][i];
    agrees(part, slowThetas(rows, `${family}-1`, `${family}-5`, 15));
    assert.equal(verdictAgain(part), part.verdict);
  });
  assert.equal(claim.settings.length, 2, "three layers stand beside");
  assert.ok(claim.falseSupport!.rate <= 0.001, String(claim.falseSupport!.rate));
});

Deno.test("hidden-layers: depth that does nothing contradicts it, and so does one family alone", async () => {
  assert.equal((await claimFrom(depth, depths(15, (_, __, i) => 500 + 100 * (i % 4)))).verdict, "contradicted");
  const one = await claimFrom(depth, depths(15, (family, depth) => family === "constant" || depth < 5 ? 800 : 100));
  assert.equal(one.verdict, "contradicted");
  assert.match(one.setting, /constant/);
});

Deno.test("hidden-layers: shallow nets that never get there support it if deep ones were fast enough, deep ones never", async () => {
  const slow = await claimFrom(depth, depths(15, (_, depth) => depth === 5 ? 1000 : 1e9));
  assert.deepEqual([slow.verdict, slow.high, slow.censored], ["supported", null, 15]);
  const late = await claimFrom(depth, depths(15, (_, depth) => depth === 5 ? 3000 : 1e9), { delta: 2 });
  assert.equal(late.verdict, "undecided");
  const never = await claimFrom(depth, depths(15, (_, depth) => depth === 5 ? 1e9 : 1000));
  assert.deepEqual([never.verdict, never.low], ["contradicted", null]);
  assert.equal((await claimFrom(depth, depths(15, () => 1e9))).verdict, "undecided");
});

Deno.test("hidden-layers: θ and verdict agree with a slow twin, and none of 60 planted nulls supports it", async () => {
  let supported = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { minLength: 15, maxLength: 15 }), async (steps) => {
      const rows = depths(15, (_, depth, i) => 100 * 1.12 ** steps[i][depth === 5 ? 1 : 0]);
      const claim = await claimFrom(depth, rows);
      agrees(claim, slowThetas(rows, "decreasing-1", "decreasing-5", 15));
      assert.equal(verdictAgain(claim), claim.verdict);
      if (claim.verdict === "supported") supported++;
    }),
    { numRuns: 60, seed: 3 },
  );
  assert.equal(supported, 0);
});

Deno.test("hidden-layers: the table holds e* of every net, from which θ follows, and says why there is none", async () => {
  const rows = depths(6, (_, depth, i) => i === 0 && depth === 1 ? 1e9 : 100 * depth);
  const { tables } = await reduceOf(depth, rows);
  const [table] = tables!;
  assert.equal(table.rows.length, 36);
  const first = table.rows.find(({ arm, replicate }) => arm === "decreasing-1" && replicate === 0)!;
  assert.deepEqual([first.epoch, first.not_before, first.reason], [
    null,
    10_000,
    "the target is not reached for long enough",
  ]);
  const deep = table.rows.find(({ arm, replicate }) => arm === "constant-5" && replicate === 3)!;
  assert.deepEqual([deep.epoch, deep.hidden_layers, deep.median_epoch], [501, 5, 501]);
});

/** Both arms of four depths of frozen layers. */
function frozen(
  n: number,
  trained: (i: number, k: number) => number,
  random: (i: number, k: number) => number,
): StudyRows {
  return plantedArms(
    EPOCHS,
    [1, 2, 3, 4].flatMap((k) => [
      [`trained-below-${k}`, { depth: 5, nets: nets(n, (i) => trained(i, k)) }] as const,
      [`random-below-${k}`, { depth: 5, nets: nets(n, (i) => random(i, k)) }] as const,
    ]),
  );
}

Deno.test("layers-help: upper layers twice as fast at every depth support it, at all depths but one they do not", async () => {
  const yes = await claimFrom(help, frozen(15, (i) => 200 + 20 * (i % 3), (i) => 450 + 20 * (i % 3)));
  assert.equal(yes.verdict, "supported");
  assert.ok(yes.falseSupport!.rate <= 0.001);
  const no = await claimFrom(help, frozen(15, (_, k) => k === 3 ? 500 : 100, () => 500));
  assert.equal(no.verdict, "contradicted");
  assert.deepEqual(no.settings.map(({ verdict }) => verdict), ["supported", "supported", "contradicted", "supported"]);
});

Deno.test("layers-help: lower layers that make no difference contradict it, random ones that never get there support it", async () => {
  const same = frozen(15, (i) => 100 * 1.3 ** (i % 5), (i) => 100 * 1.3 ** ((i + 2) % 5));
  assert.notEqual((await claimFrom(help, same)).verdict, "supported");
  assert.equal((await claimFrom(help, frozen(15, () => 300, () => 300))).verdict, "contradicted");
  const never = await claimFrom(help, frozen(15, () => 1000, () => 1e9));
  assert.deepEqual([never.verdict, never.high], ["supported", null]);
});

Deno.test("layers-help: θ is the least over depths and agrees with a slow twin", async () => {
  const rows = frozen(15, (i, k) => 100 * 1.2 ** ((7 * i + k) % 11), (i, k) => 150 * 1.2 ** ((3 * i + 5 * k) % 13));
  const claim = await claimFrom(help, rows);
  const pairs = [1, 2, 3, 4].map((k) => slowThetas(rows, `random-below-${k}`, `trained-below-${k}`, 15));
  agrees(
    claim,
    Array.from({ length: 15 }, (_, i) => [
      Math.min(...pairs.map((pair) => pair[i][0])),
      Math.min(...pairs.map((pair) => pair[i][1])),
    ]),
  );
  assert.equal(verdictAgain(claim), claim.verdict);
  claim.settings.forEach((setting, k) => agrees(setting, pairs[k]));
});

Deno.test("layers-help: a net that diverged or failed does so for its replicate", async () => {
  const planted = (outcome: "diverged" | "failed") => {
    const arms = [1, 2, 3, 4].flatMap((k) => [
      [`trained-below-${k}`, { depth: 5, nets: nets(15, () => 100) }] as const,
      [`random-below-${k}`, {
        depth: 5,
        nets: nets(15, () => 1000).map((net, i): SeriesNet => i === 2 && k === 4 ? { outcome } : net),
      }] as const,
    ]);
    return plantedArms(EPOCHS, arms);
  };
  const diverged = await claimFrom(help, planted("diverged"));
  assert.deepEqual([diverged.verdict, diverged.censored], ["supported", 1]);
  assert.match(diverged.reason!, /1 of 15 nets diverged/);
  const failed = await claimFrom(help, planted("failed"));
  assert.deepEqual([failed.verdict, failed.failed], ["undecided", 1]);
});

Deno.test("layers-help: a study without such arms has neither claim nor table", async () => {
  assert.deepEqual(await reduceOf(help, depths(5, () => 100)), {});
});

Deno.test("rate-choice: the least median epoch is chosen; nets that never get there are last, and accuracy decides among them", async () => {
  const at = (rate: number) => JSON.stringify({ "training.optimiser.rate": rate });
  const arm = (rate: number, epochs: number[]) => ({ depth: 2, axes: at(rate), nets: epochs.map(passing) });
  const rows = plantedArms(EPOCHS, [
    ["a-1", arm(0.1, [500, 900, 1000])],
    ["a-1", arm(0.3, [100, 300, 1e9])],
    ["a-1", arm(1, [10, 1e9, 1e9])],
    ["b-2", arm(0.1, [1e9, 1e9, 1e9])],
    ["b-2", { ...arm(0.3, []), nets: [1, 2, 3].map(() => ({ test_accuracy: EPOCHS.map(() => 0.9) })) }],
  ]);
  const { tables } = await reduceOf(choice, rows);
  assert.deepEqual(
    tables![0].rows.map(({ arm, rate, median_epoch, reached, chosen }) => [arm, rate, median_epoch, reached, chosen]),
    [
      ["a-1", 0.1, 1000, 3, false],
      ["a-1", 0.3, 316, 2, true],
      ["a-1", 1, null, 1, false],
      ["b-2", 0.1, null, 0, false],
      ["b-2", 0.3, null, 0, true],
    ],
  );
});
