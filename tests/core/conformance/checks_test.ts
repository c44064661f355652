import assert from "node:assert/strict";
import { ESTIMATOR_CHECKS, type Outcome, reportOf, runCheck } from "../../../core/conformance/mod.ts";
import type { Estimate, Estimator, Quantity, Sample } from "../../../core/contracts/estimator.ts";
import { elsewhen } from "../../../core/conformance/elsewhen.ts";
import planted from "../../fixtures/plugins/planted_estimators.ts";

const plain = planted.estimators![0];

/** The plain estimator with some parts replaced, under one check. */
function outcome(name: string, parts: Partial<Estimator>): Promise<Outcome> {
  const check = ESTIMATOR_CHECKS.find((one) => one.name === name);
  assert.ok(check, `there is no check "${name}"`);
  return runCheck(check, { ...plain, ...parts }, {});
}

async function assertPasses(name: string, parts: Partial<Estimator>) {
  assert.deepEqual(await outcome(name, parts), { status: "passed" });
}

async function assertFails(name: string, parts: Partial<Estimator>, reason: RegExp) {
  const found = await outcome(name, parts);
  assert.equal(found.status, "failed");
  assert.match((found as { reason: string }).reason, reason);
}

const measured = (ixt: Quantity | null, ity: Quantity | null): Estimate => ({
  status: "measured",
  ixt,
  ity,
  ceilingBits: null,
  ...(ixt === null || ity === null ? { reason: "it is not looked at" } : {}),
});

/** What the sign of the first unit tells of the label: I(T;Y) of a 2×2 table, corrected by Miller and Madow, ± z standard errors. */
function signDecoder(z: number, extra = 0) {
  return ({ meta: { n, units, classes }, activations: { data }, labels, joint }: Sample): Estimate => {
    const table = new Map<string, number>();
    const add = (key: string, mass: number) => table.set(key, (table.get(key) ?? 0) + mass);
    for (let row = 0; row < n; row++) {
      for (let y = 0; y < classes; y++) {
        const mass = joint ? joint.px[row] * joint.pyx[row * classes + y] : labels[row] === y ? 1 / n : 0;
        if (mass === 0) continue;
        const t = data[row * units] > 0 ? "1" : "0";
        add(`t${t}`, mass);
        add(`y${y}`, mass);
        add(`${t}|${y}`, mass);
      }
    }
    let [mean, square] = [0, 0];
    for (const [key, mass] of table) {
      if (!key.includes("|")) continue;
      const [t, y] = key.split("|");
      const ratio = Math.log2(mass / table.get(`t${t}`)! / table.get(`y${y}`)!);
      mean += mass * ratio;
      square += mass * ratio * ratio;
    }
    const bits = mean - (joint ? 0 : (classes - 1) / (2 * n * Math.LN2)) + extra;
    const error = z * Math.sqrt(Math.max(0, square - mean * mean) / n);
    return measured(null, { bits, low: bits - error, high: bits + error });
  };
}

Deno.test("a lower bound on I(T;Y) holds on joints and on continuous laws; one that gives 0.3 bit more does not", async () => {
  const [name, claims] = ["never gives more than I(T;Y)", { decoderBound: "lower" }] as const;
  await assertPasses(name, { claims, estimate: signDecoder(0) });
  await assertFails(name, { claims, estimate: signDecoder(0, 0.3) }, /I\(T;Y\) is .* bits: it gives/);
  // On rows that are all distinct the plug-in estimate claims too much, which only the continuous laws show.
  await assertFails(name, { claims }, /on binormal rho=0.75, I\(T;Y\) is 0 bits: it gives 0.99|: it gives 1/);
});

Deno.test("a lower bound on I(X;T), an upper one on I(T;Y): the wrong side is seen", async () => {
  const half = (sample: Sample): Estimate => {
    const found = plain.estimate(sample, {}, undefined!) as Extract<Estimate, { status: "measured" }>;
    return { ...found, ixt: sample.meta.exactJoint ? { bits: found.ixt!.bits / 2 } : null, reason: "rows are drawn" };
  };
  await assertPasses("never gives more than I(X;T)", { claims: { bound: "lower" }, estimate: half });
  await assertFails("never gives more than I(X;T)", { claims: { bound: "lower" } }, /on binormal rho=0.75/);
  await assertPasses("never gives less than I(T;Y)", { claims: { decoderBound: "upper" } });
  await assertFails(
    "never gives less than I(T;Y)",
    { claims: { decoderBound: "upper" }, estimate: () => measured(null, { bits: 0.4 }) },
    /I\(T;Y\) is 2 bits: it gives 0.4/,
  );
});

Deno.test("zero on independence: nothing is found in coins; a constant excess, and an I(X;T) of inputs, are seen", async () => {
  const [name, claims] = ["finds nothing where there is nothing", { zeroOnIndependence: true }] as const;
  await assertPasses(name, { claims, estimate: signDecoder(0) });
  await assertFails(
    name,
    { claims, estimate: signDecoder(0, 0.3) },
    /I\(T;Y\) is 0 bits, within 0.01 by chance: it gives 0.3/,
  );
  const withInputs = (bits: number) => (sample: Sample): Estimate =>
    measured(sample.inputs ? { bits } : null, { bits: 0 });
  await assertPasses(name, { claims, estimate: withInputs(0.1) });
  await assertFails(
    name,
    { claims, estimate: withInputs(0.4) },
    /I\(X;T\) is 0 bits, within 0.3125 by chance: it gives 0.4/,
  );
  await assertPasses(name, { claims, estimate: () => measured({ bits: 3 }, { bits: 0 }) });
});

Deno.test("intervals of 1.96 standard errors cover 95 % as claimed; a quarter of that does not; none is skipped", async () => {
  const [name, claims] = ["covers the truth as often as its intervals say", { intervalLevel: 0.95 }] as const;
  await assertPasses(name, { claims, estimate: signDecoder(1.96) });
  await assertFails(name, { claims, estimate: signDecoder(0.49) }, /must cover 38 of 40, 34 at least: \d+ do/);
  assert.deepEqual(await outcome(name, { claims }), {
    status: "skipped",
    reason: "it gives no interval on the samples at hand",
  });
  await assertFails(name, { claims: { intervalLevel: 95 } }, /must lie between 0 and 1: it is 95/);
});

Deno.test("intervals of an estimator's own draws cover their mean, whatever it is the mean of", async () => {
  const [name, claims] = ["covers what more draws would give as often as its intervals say", {
    intervalLevel: 0.95,
    intervalOf: "draws",
  }] as const;
  const draws = (z: number): Estimator["estimate"] => (_, __, { stream }) => {
    const bits = 7 + stream.normal();
    return measured(null, { bits, low: bits - z, high: bits + z });
  };
  await assertPasses(name, { claims, estimate: draws(1.96) });
  await assertFails(name, { claims, estimate: draws(0.5) }, /must cover 38 of 40, 34 at least: \d+ do/);
  assert.equal((await outcome("covers the truth as often as its intervals say", { claims })).status, "inapplicable");
});

Deno.test("ceilings: one bit more than the entropy of the inputs, or than log₂ of the rows, is seen", async () => {
  const more = (sample: Sample) => measured({ bits: Math.log2(sample.meta.n) + 0.01 }, { bits: 0 });
  for (const ceiling of ["entropy-of-inputs", "log2-rows"] as const) {
    const name = ceiling === "log2-rows"
      ? "never exceeds log₂ of the number of rows"
      : "never exceeds the entropy of the inputs";
    await assertPasses(name, { claims: { ceiling } });
    await assertFails(name, { claims: { ceiling }, estimate: more }, /bits: I\(X;T\) is given as/);
  }
});

Deno.test("invariances: units weighed by place or scale, and labels by their number, are seen", async () => {
  const sees = (what: (sample: Sample) => number) => (sample: Sample) => measured({ bits: 0 }, { bits: what(sample) });
  const claims = { invariances: ["row-order", "unit-order", "unit-scale", "relabelling"] } as const;
  const first = ({ activations: { data }, meta: { units } }: Sample) =>
    [...data].reduce((sum, value, i) => sum + (i % units === 0 ? value : 0), 0);
  const scale = ({ activations: { data } }: Sample) => [...data].reduce((sum, value) => sum + value * value, 0);
  const label = ({ labels }: Sample) => labels.reduce((sum, value) => sum + value, 0);
  await assertFails("does not depend on the order of units", { claims, estimate: sees(first) }, /I\(T;Y\) is .*, then/);
  await assertFails(
    "does not depend on the scale of a unit",
    { claims, estimate: sees(scale) },
    /I\(T;Y\) is .*, then/,
  );
  await assertFails(
    "does not depend on which number a label has",
    { claims, estimate: sees(label) },
    /I\(T;Y\) is .*, then/,
  );
  for (const estimate of [first, scale, label]) {
    await assertPasses("does not depend on the order of rows", { claims, estimate: sees(estimate) });
  }
});

Deno.test("whoever claims one answer whatever the stream may not draw from it; whoever does not may", async () => {
  const draws: Estimator["estimate"] = (_, __, { stream }) => measured({ bits: stream.uniform() }, { bits: 0 });
  await assertFails(
    "gives one answer whatever the stream",
    { claims: { deterministic: true }, estimate: draws },
    /then/,
  );
  await assertPasses("gives the same answer for the same stream, at any time", { claims: {}, estimate: draws });
  const random: Estimator["estimate"] = () => measured({ bits: Math.random() }, { bits: 0 });
  await assertFails("gives the same answer for the same stream, at any time", { claims: {}, estimate: random }, /then/);
});

Deno.test("estimateAll must give what estimate gives, and as many", async () => {
  const name = "gives together what it gives one by one";
  const all = (extra: number): Estimator["estimateAll"] => (samples, settings) =>
    samples.map((sample) =>
      settings.map(() => {
        const found = plain.estimate(sample, {}, undefined!) as Extract<Estimate, { status: "measured" }>;
        return { ...found, ixt: { bits: found.ixt!.bits + extra } };
      })
    );
  await assertPasses(name, { estimateAll: all(0) });
  await assertFails(name, { estimateAll: all(1e-6) }, /alone and together, I\(X;T\) is 3, then 3.000001/);
  await assertFails(name, { estimateAll: () => [] }, /must give 2 × 2 estimates: it gives 0 × 0/);
  assert.deepEqual(await outcome(name, {}), { status: "inapplicable", reason: "it has no estimateAll" });
});

Deno.test("answers that are not finite, out of order or unexplained are seen", async () => {
  const name = "gives finite answers, in order and with their reasons";
  const gives = (found: object) => ({
    estimate: () => ({ ...measured({ bits: 1 }, { bits: 0 }), ...found }) as Estimate,
  });
  await assertPasses(name, gives({}));
  await assertFails(name, gives({ ixt: { bits: 1, low: 2 } }), /I\(X;T\) must lie within its interval: 2, 1, 1/);
  await assertFails(name, gives({ ceilingBits: 0.5 }), /must not exceed its ceiling 0.5: it is 1/);
  await assertFails(name, gives({ ceilingBits: Infinity }), /the ceiling must be finite or null: it is Infinity/);
  await assertFails(name, gives({ saturated: 30 }), /saturated must be a fraction: it is 30/);
  await assertFails(name, gives({ cells: 0 }), /cells must be counted: they are 0/);
  await assertFails(name, gives({ ixt: { bits: NaN } }), /I\(X;T\) must be finite: it gives NaN/);
  await assertFails(name, gives({ ity: null }), /I\(T;Y\) is missing, and no reason is given/);
});

Deno.test("refusals: a number where none is due, silence, and the engine's own stumbling are seen", async () => {
  const always = { estimate: () => measured({ bits: 0 }, { bits: 0 }) };
  for (
    const name of ["refuses a sample of no row", "refuses NaN", "refuses infinity", "refuses shapes that do not fit"]
  ) {
    await assertPasses(name, {});
    await assertFails(name, always, /it must refuse: it gives I\(X;T\) = 0, I\(T;Y\) = 0/);
    await assertFails(name, { supports: () => "" }, /its refusal must say why: it says ""/);
    const stumbles = { estimate: () => (undefined as unknown as { x: Estimate }).x };
    await assertFails(name, stumbles, /its refusal must say why: it says "Cannot read properties of undefined/);
    await assertPasses(name, { supports: () => "there must be ten units" });
  }
  const one = measured({ bits: 1 }, { bits: 0 });
  await assertFails(
    "finds nothing in a single row, or refuses it",
    { estimate: () => one },
    /I\(X;T\) must be 0: it gives 1/,
  );
  await assertFails("finds nothing in units that never move, or refuses them", { estimate: () => one }, /must be 0/);
  const nan = measured({ bits: NaN }, { bits: 0 });
  await assertFails("bears a unit that never moves among others", { estimate: () => nan }, /I\(X;T\) must be finite/);
});

Deno.test("a claim that the contract does not know is seen", async () => {
  const name = "claims what can be checked";
  await assertPasses(name, {});
  for (
    const [claims, reason] of [
      [{ exact: true }, /there is no claim "exact"/],
      [{ bound: "above" }, /there is no bound "above"/],
      [{ invariances: ["row-order", "rotation"] }, /there is no invariances "rotation"/],
    ] as const
  ) await assertFails(name, { claims: claims as Estimator["claims"] }, reason);
});

Deno.test("an estimator that refuses every sample is told so, and its other checks are skipped with its reason", async () => {
  const supports = () => "the net must be spherical";
  await assertFails(
    "tells something from nothing",
    { supports },
    /it measures none of the samples: the net must be spherical/,
  );
  assert.deepEqual(await outcome("is exact on finite joints", { supports }), {
    status: "skipped",
    reason: "the net must be spherical",
  });
});

Deno.test("an estimator that needs a thousand rows is given them", async () => {
  const supports: Estimator["supports"] = ({ n }) => n >= 1000 || "there must be a thousand rows";
  for (
    const name of [
      "tells something from nothing",
      "leaves the sample as it was",
      "gives the same answer for the same stream, at any time",
      "does not depend on the order of rows",
    ]
  ) await assertPasses(name, { supports });
  assert.deepEqual(await outcome("is exact on finite joints", { supports }), {
    status: "skipped",
    reason: "there must be a thousand rows",
  });
});

Deno.test("what an estimator throws is a failure in its own words", async () => {
  const estimate = () => {
    throw new Error("no luck today");
  };
  await assertFails("answers in bits", { estimate }, /it threw: no luck today/);
});

Deno.test("nothing run is no conformance", () => {
  assert.equal(reportOf([]).conforms, false);
  const report = reportOf([{ name: "a", status: "skipped", reason: "so" }, {
    name: "b",
    status: "inapplicable",
    reason: "no",
  }]);
  assert.deepEqual([report.conforms, report.summary], [false, "ran 0 of 1 applicable, skipped 1 because so"]);
});

Deno.test("elsewhen: every clock shows another day within, and is right again after, whatever happens", async () => {
  const before = [Date, performance.now];
  const tick = performance.now();
  const now = Date.now();
  await elsewhen(() => {
    assert.ok(Date.now() - now > 86_000_000 && new Date().getTime() - now > 86_000_000);
    assert.ok(performance.now() - tick > 86_000_000);
    assert.equal(new Date(0).getTime(), 0);
    return Promise.resolve();
  });
  await assert.rejects(elsewhen(() => Promise.reject(new Error("within"))), /within/);
  assert.deepEqual([Date, performance.now], before);
});

Deno.test("a setting that reads a reference it does not use is caught, and one that says that it uses it is not tried", async () => {
  const name = "reads no reference for settings that do not use it";
  const referring = ({ reference, ...sample }: Sample) =>
    reference ? measured({ bits: 0.25 }, { bits: 0 }) : plain.estimate(sample, {}, undefined!);
  await assertPasses(name, { mixesReferences: true });
  await assertFails(name, { mixesReferences: true, estimate: referring }, /then 0\.25 bits/);
  const uses = await outcome(name, { mixesReferences: true, usesReference: () => true });
  assert.deepEqual(uses, { status: "skipped", reason: "these options use the reference" });
  assert.equal((await outcome(name, {})).status, "inapplicable");
});
