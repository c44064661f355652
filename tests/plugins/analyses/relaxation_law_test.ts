import type { Analysis, Claim, StudyRows } from "@infoplane/core";
import assert from "node:assert/strict";
import { root } from "../../../core/testing.ts";
import { relaxationLaw } from "../../../plugins/analyses/relaxation_law.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";
import { type PlantedNet, plantedRows, reduceOf } from "./planted.ts";

const analysis = relaxationLaw as unknown as Analysis<never>;
const LAST = 4000;
const EPOCHS = [0, ...Array.from({ length: 200 }, (_, i) => Math.round(20 * 1.0269 ** i))];
const PEAK = EPOCHS.findIndex((epoch) => epoch >= 60);

/** Epochs that a fall of so many nats takes. */
type Law = (nats: number) => number;

/**
 * Nets of five layers, each below the one before by ΔS of its own at the end, its path level until the peak and then falling in a
 * straight line until `law` of its |ΔS| later.
 */
function nets(n: number, law: Law, { scatter = 0.05, seed = 1, fall = (gap: number) => gap } = {}): PlantedNet[] {
  const stream = root(seed).child("planted");
  return Array.from({ length: n }, () => {
    let end = 12;
    const ixt = Array.from({ length: 5 }, () => {
      const gap = 0.5 + 2.5 * stream.uniform();
      end -= gap;
      const time = law(gap * Math.LN2) * Math.exp(scatter * stream.normal());
      const own = fall(gap);
      const level = end + own;
      // It counts as settled at nine tenths of its fall.
      const foot = EPOCHS[PEAK] + time / 0.9;
      return EPOCHS.map((epoch, i) => {
        if (i < PEAK) return level - 0.5;
        return epoch >= foot ? level - own : level - own * (epoch - EPOCHS[PEAK]) / (foot - EPOCHS[PEAK]);
      });
    });
    return { ixt, ity: ixt.map(() => EPOCHS.map(() => 0.5)) };
  });
}

const exponential: Law = (nats) => 25 * Math.exp(1.6 * nats);
const proportional: Law = (nats) => 300 * nats;
const square: Law = (nats) => 200 * nats * nats;

async function claims(planted: PlantedNet[]): Promise<{ law: Claim; superLinear: Claim; rows: StudyRows }> {
  const rows = plantedRows(planted, { epochs: EPOCHS, arm: "decreasing-5" });
  const { claims } = await reduceOf(analysis, rows);
  return { law: claims![0], superLinear: claims![1], rows };
}

Deno.test("times that are exponential in the entropy gap are found to be, and so super-linear", async () => {
  const { law, superLinear } = await claims(nets(15, exponential));
  assert.deepEqual([law.id, law.verdict, superLinear.verdict], ["relaxation-law", "supported", "supported"]);
  assert.ok(law.falseSupport!.rate <= 0.005, String(law.falseSupport!.rate));
  assert.ok(superLinear.falseSupport!.rate <= 0.005, String(superLinear.falseSupport!.rate));
  assert.match(law.falseSupport!.model, /15 nets .* Δt = .*\|ΔS\| to the power/);
});

Deno.test("times in proportion contradict the exponential and are not super-linear", async () => {
  const { law, superLinear } = await claims(nets(20, proportional));
  assert.deepEqual([law.verdict, superLinear.verdict === "supported"], ["contradicted", false]);
  assert.ok(Math.abs(superLinear.median! - 1) < 0.15, String(superLinear.median));
});

Deno.test("times by the square are super-linear and not exponential", async () => {
  const { law, superLinear } = await claims(nets(15, square));
  assert.deepEqual([law.verdict, superLinear.verdict], ["contradicted", "supported"]);
});

Deno.test("times that have nothing to do with the gap, or fall with it, do not support the exponential", async () => {
  const none = await claims(nets(15, () => 300, { scatter: 0.5 }));
  assert.equal(none.law.verdict, "undecided");
  const falling = await claims(nets(15, (nats) => 1500 * Math.exp(-1.5 * nats)));
  assert.notEqual(falling.law.verdict, "supported");
  assert.equal(falling.law.low, null);
});

Deno.test("θ follows from the table: the held-out densities of another fit, at the same points", async () => {
  const planted = nets(12, square, { scatter: 0.3 });
  const { law, rows } = await claims(planted);
  const { tables } = await reduceOf(analysis, rows);
  const points = tables!.find(({ name }) => name === "relaxations")!.rows
    .filter((row) => row.relaxation_epochs !== null)
    .map((row) => ({
      net: Number(row.replicate),
      x: Math.abs(Number(row.between_nats)),
      y: Math.log(Number(row.relaxation_epochs)),
    }));
  const lineOf = (of: typeof points, term: (x: number) => number, fixed?: number) => {
    const [mx, my] = [of.reduce((s, p) => s + term(p.x), 0) / of.length, of.reduce((s, p) => s + p.y, 0) / of.length];
    const slope = fixed ??
      of.reduce((s, p) => s + (term(p.x) - mx) * (p.y - my), 0) / of.reduce((s, p) => s + (term(p.x) - mx) ** 2, 0);
    const variance = of.reduce((s, p) => s + (p.y - my - slope * (term(p.x) - mx)) ** 2, 0) / (of.length - 2);
    return { variance, at: (x: number) => my + slope * (term(x) - mx) };
  };
  const density = (own: typeof points, { variance, at }: ReturnType<typeof lineOf>) =>
    own.reduce((s, p) => s - (p.y - at(p.x)) ** 2 / (2 * variance) - Math.log(2 * Math.PI * variance) / 2 - p.y, 0) /
    own.length;
  const found = Array.from({ length: 12 }, (_, net) => {
    const [own, others] = [points.filter((p) => p.net === net), points.filter((p) => p.net !== net)];
    // Tilts a hundred times finer than the analysis tries.
    const tilts = Array.from({ length: 4000 }, (_, i) => 1e-3 * 1.005 ** i);
    const lines = [
      lineOf(others, (x) => x * 0, 1),
      ...tilts.map((c) => lineOf(others, (x) => Math.log(1 + c * x), 1)),
      lineOf(others, Math.log, 1),
    ];
    const linear = lines.reduce((a, b) => b.variance < a.variance ? b : a);
    return {
      exponential: density(own, lineOf(others, (x) => x)),
      power: density(own, lineOf(others, Math.log)),
      linear: density(own, linear),
      points: own.length,
    };
  });
  const total = (law: "power" | "linear") => found.reduce((sum, net) => sum + net.points * net[law], 0);
  const strongest = total("power") > total("linear") ? "power" : "linear";
  law.counted!.forEach(({ low, high }, i) => {
    const { exponential, power, linear } = found[i];
    assert.ok(Math.abs(low! - (exponential - Math.max(power, linear))) < 2e-3);
    assert.ok(Math.abs(high! - (exponential - found[i][strongest])) < 2e-3);
  });
  assert.equal(verdictAgain(law), law.verdict);
});

Deno.test("layers that settle in the second half are censored, and the law is found in spite of them", async () => {
  const slow: Law = (nats) => 100 * Math.exp(1.6 * nats);
  const { law, superLinear, rows } = await claims(nets(15, slow, { scatter: 0.1 }));
  const { tables } = await reduceOf(analysis, rows);
  const censored = tables![0].rows.filter((row) => row.censored);
  assert.ok(
    censored.length > 5 && censored.every((row) => Number(row.settle_epoch) > LAST / 2 - 300),
    String(censored.length),
  );
  assert.equal(law.verdict, "supported");
  assert.equal(superLinear.high, null, "an exponent whose longest times are open is open above");
});

Deno.test("a layer that keeps what it holds, or stands at the ceiling, has no relaxation and says why", async () => {
  const planted = nets(6, proportional, { fall: (gap) => gap < 1 ? 0.1 : gap });
  const { rows } = await claims(planted);
  const { tables } = await reduceOf(analysis, rows);
  for (const row of tables![0].rows) {
    const gap = -Number(row.between_nats) / Math.LN2;
    assert.equal(row.reason, gap < 1 ? "c^own is below 0.25 bit" : null);
    assert.equal(row.relaxation_epochs === null, gap < 1);
  }
  const first = tables![0].rows[0];
  const end = (planted[0] as Extract<PlantedNet, { ixt: unknown }>).ixt[0].at(-1)!;
  assert.ok(
    Math.abs(Number(first.between_nats) - (end - 12) * Math.LN2) < 1e-9,
    "the layer before the first is the input",
  );
});

Deno.test("the exponential of the sum exceeds the sum of exponentials, which exceeds the largest", async () => {
  const { rows } = await claims(nets(6, proportional));
  const { tables } = await reduceOf(analysis, rows);
  const sums = tables!.find(({ name }) => name === "relaxation-sums")!;
  assert.equal(sums.rows.length, 6);
  for (const { exp_of_sum, sum_of_exp, largest_exp } of sums.rows) {
    assert.ok(Number(exp_of_sum) > Number(sum_of_exp) && Number(sum_of_exp) > Number(largest_exp));
  }
});

Deno.test("a layer that is greatest at its last snapshot has no relaxation, and says so", async () => {
  // One layer of each net still jumps up at the last snapshot, by more than counts as compression.
  const upward = EPOCHS.map((_, i) => i < EPOCHS.length - 5 ? 3 : 3 + (i - EPOCHS.length + 6) ** 2 / 10);
  const rising = nets(15, square).map((net): PlantedNet =>
    "ixt" in net ? { ...net, ixt: net.ixt!.map((path, k) => k === 2 ? upward : path) } : net
  );
  const rows = plantedRows(rising, { epochs: EPOCHS, arm: "decreasing-5" });
  const { tables, claims } = await reduceOf(analysis, rows);
  const relaxations = tables!.find(({ name }) => name === "relaxations")!.rows.filter(({ layer }) => layer === 3);
  assert.deepEqual(
    [...new Set(relaxations.map(({ reason, relaxation_epochs }) => `${reason}, ${relaxation_epochs}`))],
    ["it is greatest at the last snapshot: it does not fall, null"],
  );
  assert.ok(claims!.every(({ planned }) => planned === 15));
});
