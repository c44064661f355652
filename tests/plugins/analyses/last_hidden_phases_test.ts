import assert from "node:assert/strict";
import { checkItem } from "../../../core/conformance/mod.ts";
import { lastHiddenPhases } from "../../../plugins/analyses/last_hidden_phases.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";
import { claimFrom, plantedRows } from "./planted.ts";

const EPOCHS = Array.from({ length: 24 }, (_, epoch) => epoch);
const SETTING = { estimator: "noise-bounds", setting: '{"alpha":0.1,"ruler":"fixed"}' };

/** Up by one bit until epoch 8, down by `fall` from epoch 15 on; nets are a tenth of a bit apart. */
const nets = (fall: number, from = 4) =>
  Array.from({ length: 5 }, (_, net) => ({
    ixt: [
      EPOCHS.map(() => 9),
      EPOCHS.map((e) => from + net / 10 + Math.min(e, 8) / 8 - (e > 14 ? fall : 0)),
      EPOCHS.map(() => 3),
    ],
    ity: [1, 2, 2].map((bits) => EPOCHS.map(() => bits)),
  }));

Deno.test("θ is the fall of the last hidden layer from the other nets' peak, and the verdict follows from it", async () => {
  const claim = await claimFrom(
    lastHiddenPhases as never,
    plantedRows(nets(0.6), { epochs: EPOCHS, ...SETTING, hxBits: 11 }),
  );
  assert.equal(claim.id, "mnist-cnn");
  assert.equal(claim.verdict, "supported");
  assert.equal(verdictAgain(claim), "supported");
  for (const theta of claim.theta) assert.ok(Math.abs(theta! - 0.6) < 1e-9, String(theta));
  assert.ok(claim.falseSupport!.rate <= 0.05);
});

Deno.test("nets that stay contradict it; a peak at the ceiling is unknown", async () => {
  const of = (fall: number, from?: number) =>
    claimFrom(lastHiddenPhases as never, plantedRows(nets(fall, from), { epochs: EPOCHS, ...SETTING, hxBits: 10.97 }));
  assert.equal((await of(0)).verdict, "contradicted");
  const high = await of(0.6, 9.5);
  assert.equal(high.verdict, "undecided");
  assert.deepEqual(high.counted!.map(({ low, high }) => [low, high]), new Array(5).fill([null, null]));
});

Deno.test("a claim about widths needs both arms", async () => {
  const options = { claims: [{ id: "cifar-widths", arms: ["main", "decreasing"] }] };
  const main = plantedRows(nets(0.6), { epochs: EPOCHS, ...SETTING, hxBits: 11 });
  assert.equal(await claimFrom(lastHiddenPhases as never, main, options), undefined);
  const other = plantedRows(nets(0), { epochs: EPOCHS, ...SETTING, hxBits: 11, arm: "decreasing" });
  const both = {
    ...main,
    trials: [...main.trials, ...other.trials],
    estimates: [...main.estimates, ...other.estimates],
    problems: [...main.problems, ...other.problems],
  };
  const claim = await claimFrom(lastHiddenPhases as never, both, options);
  assert.equal(claim.verdict, "contradicted");
  assert.deepEqual(claim.parts!.map(({ verdict }) => verdict), ["supported", "contradicted"]);
  assert.match(claim.setting, /decreasing/);
});

Deno.test("last-hidden-phases keeps every promise that an analysis makes", async () => {
  const { value } = lastHiddenPhases.options["~standard"].validate({}) as { value: never };
  const report = await checkItem("analysis", lastHiddenPhases as never, value);
  assert.deepEqual(report.checks.filter(({ status }) => status === "failed"), []);
});
