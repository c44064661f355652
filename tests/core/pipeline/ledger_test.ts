import assert from "node:assert/strict";
import { judgeNets, outcomeOf, type Rule } from "../../../core/claims/mod.ts";
import type { Bundle, Claim, ClaimResult, Verdict } from "../../../core/contracts/bundle.ts";
import type { ListedClaims } from "../../../core/contracts/ledger.ts";
import type { ProfileName } from "../../../core/contracts/study.ts";
import { type DigestedBundle, ledgerOf, NOTHING_LISTED } from "../../../core/pipeline/ledger.ts";
import { ledgerTable } from "../../../core/pipeline/ledger_table.ts";
import { ledgerSchema } from "../../../core/store/bundle_schema.ts";
import { canonical } from "../../../core/store/canonical.ts";
import { writeCsv } from "../../../core/store/csv.ts";
import { readTable, writeTable } from "../../../core/store/parquet.ts";
import { verdictAgain } from "../../oracles/verdict_twin.ts";

const RULE: Rule = { side: "above", delta: 0.5 };
const LISTED: ListedClaims = {
  listed: [
    { id: "rises", statement: "It rises.", apart: ["rises-fast"] },
    { id: "falls", statement: "It falls." },
    { id: "turns", statement: "It turns." },
  ],
  untestable: [{ statement: "It began.", reason: "It is history." }],
};

/** Nets whose θ lies about a middle. */
function result(setting: string, middle: number): ClaimResult {
  const nets = Array.from({ length: 12 }, (_, i) => outcomeOf(i, { low: middle + i / 100, high: middle + i / 100 }));
  return judgeNets(setting, "bits", nets, RULE);
}

function claim(id: string, middle: number, more: Partial<Claim> = {}): Claim {
  const about = { protocol: 1, rule: "L > .5", delta: 0.5, level: 0.999, arithmetic: "portable" } as const;
  return {
    ...about,
    ...result("main", middle),
    id,
    statement: `As tested, ${id}.`,
    settings: [result("adam", middle - 1)],
    sensitivity: [{ label: "30 bins", delta: 0.5, verdict: "supported" }],
    provisional: false,
    ...more,
  };
}

function bundle(study: string, profile: ProfileName, claims: readonly Claim[]): DigestedBundle {
  const told = claims.map((one) => ({ ...one, provisional: profile !== "full" }));
  return {
    bundle: { study: { id: study, title: `Of ${study}`, seed: 7 }, profile, claims: told } as unknown as Bundle,
    digest: study.length.toString(16).repeat(64).slice(0, 64),
  };
}

const verdictsOf = (bundles: readonly DigestedBundle[], id: string): readonly Verdict[] =>
  ledgerOf(bundles, LISTED).claims.find((claim) => claim.id === id)!.verdicts;

Deno.test("a ledger lists every claim in order, what is judged apart after its claim, what is not listed last", () => {
  const { claims, counts, untestable } = ledgerOf([
    bundle("a", "full", [claim("zz-own", 1), claim("falls", 0), claim("aa-own", 1), claim("rises-fast", 1)]),
  ], LISTED);
  assert.deepEqual(claims.map(({ id, listed, apartFrom }) => [id, listed, apartFrom]), [
    ["rises", true, undefined],
    ["rises-fast", true, "rises"],
    ["falls", true, undefined],
    ["turns", true, undefined],
    ["aa-own", false, undefined],
    ["zz-own", false, undefined],
  ]);
  assert.deepEqual(claims.map(({ statement }) => statement).slice(0, 4), [
    "It rises.",
    "As tested, rises-fast.",
    "It falls.",
    "It turns.",
  ]);
  assert.deepEqual(counts, {
    supported: 2,
    contradicted: 1,
    undecided: 0,
    differing: 0,
    untested: 2,
    provisional: 0,
  });
  assert.deepEqual(untestable, LISTED.untestable);
});

Deno.test("a quick test never stands where a full one is there, of the same study or another; alone it is provisional", () => {
  const full = bundle("b", "full", [claim("rises", 0)]);
  const quick = [bundle("a", "quick", [claim("rises", 1)]), bundle("b", "quick", [claim("rises", 1)])];
  assert.deepEqual(verdictsOf([...quick, full], "rises"), ["contradicted"]);
  const [rises] = ledgerOf([...quick, full], LISTED).claims;
  assert.deepEqual(rises.tests.map(({ study, profile, stands }) => [study, profile, stands]), [
    ["b", "full", true],
    ["a", "quick", false],
    ["b", "quick", false],
  ]);
  assert.equal(rises.provisional, false);
  const { claims: [alone], counts } = ledgerOf(quick, LISTED);
  assert.deepEqual([alone.verdicts, alone.provisional, counts.provisional], [["supported"], true, 1]);
});

Deno.test("verdicts of studies that differ are told side by side and never joined", () => {
  const bundles = [bundle("a", "full", [claim("rises", 1)]), bundle("b", "full", [claim("rises", 0)])];
  assert.deepEqual(verdictsOf(bundles, "rises"), ["supported", "contradicted"]);
  const { counts } = ledgerOf(bundles, LISTED);
  assert.deepEqual([counts.supported, counts.contradicted, counts.differing], [0, 0, 1]);
});

Deno.test("a ledger fits its schema, and is the same bytes in whatever order bundles come", () => {
  const bundles = [
    bundle("b", "quick", [claim("rises", 1)]),
    bundle("a", "full", [claim("falls", 1, { parts: [result("main", 1), result("other", 0)] })]),
    bundle("b", "full", [claim("rises", 0.45)]),
  ];
  const ledger = ledgerOf(bundles, LISTED);
  assert.equal(ledgerSchema.issue(JSON.parse(canonical(ledger))), undefined);
  assert.equal(canonical(ledgerOf(bundles.toReversed(), LISTED)), canonical(ledger));
  assert.deepEqual(ledger.bundles.map(({ study, profile }) => `${study} ${profile}`), ["a full", "b full", "b quick"]);
});

Deno.test("a study and profile that come twice are refused", () => {
  const one = bundle("a", "full", [claim("rises", 1)]);
  assert.throws(() => ledgerOf([one, one], NOTHING_LISTED), {
    message: "Cannot make a ledger as each study and profile must come once: a-full is there twice",
  });
});

Deno.test("the table has a row a claim and setting, and from any of them its verdict is reached again", async () => {
  const tested = claim("rises", 1, {
    parts: [result("main", 1), result("late", 2)],
    controls: [result("full batch", 0)],
    falseSupport: { rate: 0.01, draws: 100, model: "noise" },
  });
  const table = ledgerTable(ledgerOf([bundle("a", "full", [tested])], LISTED));
  const told = table.rows.map(({ id, role, setting, verdict }) => [id, role, setting, verdict]);
  assert.deepEqual(told, [
    ["rises", "claim", "main", "supported"],
    ["rises", "part", "main", "supported"],
    ["rises", "part", "late", "supported"],
    ["rises", "control", "full batch", "contradicted"],
    ["rises", "setting", "adam", "contradicted"],
    ["rises-fast", null, null, null],
    ["falls", null, null, null],
    ["turns", null, null, null],
  ]);
  for (const row of table.rows.slice(0, 5)) {
    const { counted, test } = row;
    const one = { ...row, counted: JSON.parse(String(counted)), test: JSON.parse(String(test)) };
    assert.equal(verdictAgain(one as unknown as ClaimResult), row.verdict, String(row.setting));
    assert.deepEqual(JSON.parse(String(row.theta)).length, 12);
  }
  assert.equal(table.rows[0].others, '[{"setting":"adam","verdict":"contradicted"}]');
  assert.deepEqual([table.rows[0].false_support_rate, table.rows[4].false_support_rate], [0.01, null]);
  assert.equal(writeCsv(table).trimEnd().split("\r\n").length, 9);
  assert.deepEqual((await readTable(writeTable(table), "claims.parquet")).rows, table.rows);
});
