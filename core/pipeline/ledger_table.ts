import type { ClaimResult } from "../contracts/bundle.ts";
import type { Ledger, LedgerTest } from "../contracts/ledger.ts";
import type { Column, Row, Table } from "../contracts/rows.ts";
import { canonical } from "../store/canonical.ts";

const text = (name: string, meaning: string): Column => ({ name, type: "string", unit: null, text: meaning });
const number = (name: string, meaning: string): Column => (
  { name, type: "float64", unit: null, text: meaning, nullable: true }
);
const whole = (name: string, meaning: string): Column => (
  { name, type: "int32", unit: "1", text: meaning, nullable: true }
);
const maybe = (column: Column): Column => ({ ...column, nullable: true });
const json = (name: string, meaning: string): Column => (
  { name, type: "json", unit: null, text: meaning, nullable: true }
);
const flag = (name: string, meaning: string): Column => ({ name, type: "boolean", unit: null, text: meaning });

/** Columns of the table of claims. Those of numbers have their unit in `unit`. */
const COLUMNS: readonly Column[] = [
  text("id", "The claim."),
  text("statement", "What is claimed, as the ledger lists it."),
  flag("listed", "True if the claim is on the ledger's list."),
  maybe(text("apart_from", "The claim it is judged apart from; null for most.")),
  maybe(text("study", "Study that tests it; null if none does yet, and all that follows with it.")),
  maybe(text("profile", "Profile of the study.")),
  flag("stands", "False if a surer profile tests the claim, or none does."),
  flag("provisional", "True for profiles other than full."),
  maybe(text(
    "role",
    "claim: what the verdict rests on; part: a statistic that must hold with others; control: an arm that must fail; " +
      "setting: another estimator, resolution or preset.",
  )),
  maybe(text("setting", "Estimator, resolution and arm of this row.")),
  whole("protocol", "Version of the protocol."),
  maybe(text("rule", "The statistic and the rule, in words.")),
  json("test", "The rule as data; null where the verdict follows from other verdicts."),
  number("delta", "Threshold δ, or the lower end of the interval that θ must lie in."),
  number("level", "Level of the interval that decides."),
  maybe(text("unit", "Unit of θ, its interval and δ.")),
  json("theta", "θ of each replicate in order; null for one that is censored or undefined."),
  json("counted", "What is known of θ of each net that counts: replicate, low, high; null for an infinite end."),
  number("median", "Median of θ."),
  number("low", "Lower end of the interval that decides; null if infinite or none."),
  number("high", "Upper end of the interval that decides; null if infinite or none."),
  maybe(text("interval", "How the interval came about.")),
  number("low95", "Lower end of the 95 % interval, which never decides."),
  number("high95", "Upper end of the 95 % interval, which never decides."),
  whole("planned", "Nets planned."),
  whole("failed", "Nets that failed."),
  whole("censored", "Nets whose θ is censored or undefined."),
  maybe(text("verdict", "supported, contradicted or undecided.")),
  maybe(text("reason", "Why there is no verdict, or what the reader must know.")),
  json("others", "Verdicts of the same rule under the other settings, in rows of role claim."),
  json("sensitivity", "Verdicts over resolution, δ, definition and preset, in rows of role claim."),
  number("false_support_rate", "How often the rule supports the claim on planted noise."),
  whole("false_support_draws", "Draws of that noise."),
  maybe(text("false_support_model", "What was planted.")),
  maybe(text("arithmetic", "Arithmetic of the rows the verdict rests on.")),
];

/** The ledger as a table: a row for each claim, test and setting, and one for each claim that is not tested yet. */
export function ledgerTable({ claims }: Ledger): Table {
  const rows = claims.flatMap(({ id, statement, listed, apartFrom = null, tests }): Row[] => {
    const about = { ...EMPTY, id, statement, listed, apart_from: apartFrom };
    return tests.length === 0 ? [about] : tests.flatMap((test) => rowsOf(test).map((row) => ({ ...about, ...row })));
  });
  return { name: "claims", title: "Claims by study and setting", columns: COLUMNS, rows };
}

const EMPTY: Row = Object.fromEntries(COLUMNS.map(({ name, type }) => [name, type === "boolean" ? false : null]));

function rowsOf({ study, profile, stands, claim }: LedgerTest): Row[] {
  const { protocol, rule, level, provisional, arithmetic, settings, parts = [], controls = [] } = claim;
  const about = { study, profile, stands, provisional, protocol, rule, level, arithmetic };
  const as = (role: string, results: readonly ClaimResult[]) =>
    results.map((result): Row => ({ ...about, role, ...resultCells(result, claim.delta) }));
  return [
    {
      ...as("claim", [claim])[0],
      others: canonical(settings.map(({ setting, verdict }) => ({ setting, verdict }))),
      sensitivity: canonical(claim.sensitivity),
      false_support_rate: claim.falseSupport?.rate ?? null,
      false_support_draws: claim.falseSupport?.draws ?? null,
      false_support_model: claim.falseSupport?.model ?? null,
    },
    ...as("part", parts),
    ...as("control", controls),
    ...as("setting", settings),
  ];
}

function resultCells(result: ClaimResult, delta: number): Row {
  const { setting, unit, median, low, high, interval, low95, high95, planned, failed, censored, verdict } = result;
  return {
    setting,
    unit,
    median,
    low,
    high,
    interval,
    planned,
    failed,
    censored,
    verdict,
    test: result.test ? canonical(result.test) : null,
    delta: result.test?.delta ?? delta,
    theta: canonical(result.theta),
    counted: result.counted ? canonical(result.counted) : null,
    low95: low95 ?? null,
    high95: high95 ?? null,
    reason: result.reason ?? null,
  };
}
