import type { Analysis, StudyRows, TrialRow } from "@infoplane/core";
import { root } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { snapshotEpochs } from "../../../core/training/snapshots.ts";
import { reluCompresses } from "../../../plugins/analyses/relu_compresses.ts";
import { drawFigure } from "../../../reports/figures/mod.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";
import { claimFrom, plantedRows, reduceOf } from "./planted.ts";

const analysis = reluCompresses as unknown as Analysis<never>;
const EPOCHS = snapshotEpochs(1000);
const NETS = 12;
const RULERS = {
  stays: { estimator: "noise-bounds", setting: '{"alpha":0.1,"ruler":"fixed"}' },
  moves: { estimator: "binning", setting: '{"codebook":"layer-range","count":30}' },
} as const;
type Ruler = keyof typeof RULERS;
type Path = readonly number[];

const flat = (bits: number): Path => EPOCHS.map(() => bits);
/** Rises by `fit` until epoch 50, then falls by `fall`. */
const moved = (fit: number, fall: number, noise = 0, seed = 0): Path => {
  const stream = root(seed);
  return EPOCHS.map((epoch) =>
    5 + (epoch <= 50 ? fit * epoch / 50 : fit - fall * Math.min(1, Math.log2(epoch / 50) / 3)) + noise * stream.normal()
  );
};

/** Paths of the two hidden layers of a net, by arm and ruler; the output compresses always. */
function study(
  arms: { readonly [arm: string]: (replicate: number, ruler: Ruler) => readonly Path[] },
  rulers: readonly Ruler[] = ["stays", "moves"],
): StudyRows {
  const found = Object.entries(arms).map(([arm, hidden]) => {
    const role: TrialRow["role"] = arm === "main" ? "main" : arm === "linear" ? "control" : "variant";
    const parts = rulers.map((ruler) =>
      plantedRows(
        Array.from({ length: NETS }, (_, i) => {
          const ixt = [...hidden(i, ruler), moved(2, 1)];
          return { ixt, ity: ixt.map(() => flat(0.8)) };
        }),
        { epochs: EPOCHS, arm, ...RULERS[ruler] },
      )
    );
    return {
      ...parts[0],
      trials: parts[0].trials.map((trial) => ({ ...trial, role })),
      estimates: parts.flatMap(({ estimates }) => estimates),
    };
  });
  return {
    ...found[0],
    trials: found.flatMap(({ trials }) => trials),
    estimates: found.flatMap(({ estimates }) => estimates),
    problems: found.flatMap(({ problems }) => problems),
  };
}

const compresses = (replicate: number) => [flat(11.9), moved(2, 0.8 + 0.01 * replicate, 0.01, replicate)];
const stays = () => [flat(11.9), moved(2, 0)];

Deno.test("relu-compresses: layers that fall under both rulers support it, a layer at the ceiling is passed over, and linear nets fail", async () => {
  const { claims, tables, figures } = await reduceOf(
    analysis,
    study({ main: compresses, linear: stays, tanh: compresses }),
  );
  const claim = claims![0];
  assert.equal(claim.verdict, "supported");
  assert.deepEqual(claim.parts!.map(({ verdict }) => verdict), ["supported", "supported"]);
  assert.deepEqual(claim.controls!.map(({ verdict }) => verdict), ["contradicted"]);
  assert.match(claim.reason!, /every control fails the same rule/);
  for (const part of [...claim.parts!, ...claim.controls!, ...claim.settings]) {
    assert.equal(part.verdict, verdictAgain(part));
  }
  const cell = claim.sensitivity.find(({ label, delta }) =>
    delta === 0.25 && /noise-bounds.*main · every hidden layer · peak of the median of 5/.test(label)
  );
  assert.equal(cell!.verdict, "supported");

  const [verdicts, phases] = tables!;
  assert.deepEqual(
    verdicts.rows.filter(({ layers }) => layers === "every hidden layer").map((
      { arm, ruler, verdict },
    ) => [arm, ruler, verdict]),
    ["main", "linear", "tanh"].flatMap((arm) =>
      ["stays", "moves"].map((ruler) => [arm, ruler, arm === "linear" ? "contradicted" : "supported"])
    ),
  );
  // θ again: the worst hidden layer that is not at the ceiling.
  claim.parts!.forEach((part, p) =>
    part.counted!.forEach(({ replicate, low, high }) => {
      const layers = phases.rows.filter((row) =>
        row.arm === "main" && row.replicate === replicate && row.ceiling === false &&
        row.estimator === Object.values(RULERS)[p].estimator
      );
      assert.deepEqual(layers.map(({ layer }) => layer), [2]);
      const least = (c: string) => Math.min(...layers.map((row) => Math.min(Number(row.fit_bits), Number(row[c]))));
      assert.deepEqual([low, high], [least("loo_bits"), least("own_bits")]);
    })
  );
  for (const figure of figures!) assert.equal(drawFigure({ figure, rows: phases.rows }).empty, undefined);
});

Deno.test("relu-compresses: one ruler or one hidden layer without a fall contradicts it", async () => {
  const ruler = await claimFrom(analysis, study({ main: (i, ruler) => ruler === "stays" ? compresses(i) : stays() }));
  assert.deepEqual([ruler.verdict, ...ruler.parts!.map(({ verdict }) => verdict)], [
    "contradicted",
    "supported",
    "contradicted",
  ]);
  const layer = await claimFrom(analysis, study({ main: (i) => [moved(3, 0), compresses(i)[1]] }));
  assert.equal(layer.verdict, "contradicted");
  const last = layer.sensitivity.find(({ label, delta }) =>
    delta === 0.25 && /last hidden layer · peak of the median/.test(label)
  );
  assert.equal(last!.verdict, "supported");
});

Deno.test("relu-compresses: nets all at the ceiling, or a ruler that was not used, leave it undecided; a control that passes names no cause", async () => {
  const ceiling = await claimFrom(analysis, study({ main: () => [flat(11.9), flat(11.8)] }));
  assert.deepEqual([ceiling.verdict, ceiling.low, ceiling.high], ["undecided", null, null]);
  // Where inputs are a sample, H(X) is not known, and the estimator's ceiling stands for it.
  const sampled = study({ main: () => [flat(11.9), flat(11.8)] });
  const unknown = { ...sampled, problems: sampled.problems.map((problem) => ({ ...problem, hxBits: null })) };
  const ofSample = await claimFrom(analysis, unknown);
  assert.deepEqual([ofSample.verdict, ofSample.low, ofSample.high], ["undecided", null, null]);
  assert.match(ofSample.rule, /log₂ of the rows measured/);
  const half = await claimFrom(analysis, study({ main: compresses }, ["stays"]));
  assert.deepEqual([half.verdict, half.parts![1].reason], ["undecided", "not measured in this study"]);
  const control = await claimFrom(analysis, study({ main: compresses, linear: compresses }));
  assert.match(control.reason!, /no cause may be named as a control passes/);
});

Deno.test("relu-compresses: nets that fit and then wander do not support it, as seldom as stated", async () => {
  for (let seed = 0; seed < 5; seed++) {
    const noisy = (i: number) => [moved(2, 0, 0.2, 1000 * seed + i), moved(3, 0, 0.2, 1000 * seed + 500 + i)];
    const claim = await claimFrom(analysis, study({ main: noisy }));
    assert.notEqual(claim.verdict, "supported");
    assert.ok(claim.falseSupport!.rate <= 0.01);
  }
});
