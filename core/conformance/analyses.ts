/**
 * Checks of what every analysis promises: a pure `reduce`, tables that explain themselves, claims whose verdicts follow from their numbers,
 * figures that can be drawn and read; and the right answer where the answer was planted.
 *
 * @module
 */
import type { Analysis, AnalysisResult, MapRow, PlantedCase, StudyRows } from "../contracts/analysis.ts";
import type { Column, Row, Table } from "../contracts/rows.ts";
import type { Json } from "../contracts/tensor.ts";
import { PROTOCOL } from "../claims/protocol.ts";
import { readMapRows } from "../execution/checks.ts";
import { root } from "../random/mod.ts";
import { canonical } from "../store/canonical.ts";
import { checkTable } from "../store/table_checks.ts";
import { type Check, failed, type Outcome, outcomeOf, PASSED, skipped, type Subject } from "./check.ts";
import { elsewhen } from "./elsewhen.ts";
import { chosenRows, wrongFigure } from "./figures.ts";
import { firstDifference } from "./first_difference.ts";
import { OPTIONS_CHECK } from "./option_checks.ts";
import { ARMS, emptyStudies, EPOCHS, LAYERS, someStudy, threeBits, trainedView } from "./some_studies.ts";
import { wrongVerdict } from "./verdicts.ts";

type AnalysisCheck = Check<Analysis>;

/** Rows with the options to reduce them under. */
interface Case {
  readonly name: string;
  readonly rows: StudyRows;
  readonly options: unknown;
}

async function reduce({ item, ctx }: Subject<Analysis>, { name, rows, options }: Case): Promise<AnalysisResult> {
  await ctx.progress(0);
  try {
    return await item.reduce(rows, options, { ...ctx, stream: root(rows.study.seed).child("analysis", item.id) });
  } catch (error) {
    throw new Error(`on ${name}, ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What `prepare` makes of the data of small nets. */
async function prepare({ item, options, ctx }: Subject<Analysis>): Promise<Json> {
  if (!item.prepare) return null;
  return await item.prepare(threeBits(), options, { ...ctx, stream: root(0).child("conformance", "prepare") });
}

/** What `map` finds in a small net. */
async function mapOne({ item, options, ctx }: Subject<Analysis>, arm: string, replicate: number, prepared: Json) {
  using view = await trainedView(arm, replicate);
  const stream = root(0).child("conformance", "map", replicate);
  return await item.map!(view, options, prepared, { ...ctx, stream });
}

/** The study of small nets, with what `map` and `prepare` give. */
async function ordinary(subject: Subject<Analysis>): Promise<Case> {
  const { item, options } = subject;
  const prepared = await prepare(subject);
  const mapped = new Map<string, readonly MapRow[]>();
  for (const trial of item.map ? someStudy(new Map(), {}).trials : []) {
    await subject.ctx.progress(0);
    mapped.set(trial.trial, await mapOne(subject, trial.arm, trial.replicate, prepared));
  }
  const rows = someStudy(mapped, Object.fromEntries(ARMS.map((arm) => [arm, prepared])), item.arithmetic);
  return { name: "a study of small nets", rows, options };
}

async function empty(subject: Subject<Analysis>) {
  return emptyStudies({ main: await prepare(subject) });
}

function plantedCases({ item, options }: Subject<Analysis>): (Case & { readonly planted: PlantedCase })[] {
  return (item.planted?.() ?? []).map((planted) => {
    const read = planted.options === undefined
      ? { value: options }
      : item.options["~standard"].validate(planted.options);
    if (read instanceof Promise || read.issues !== undefined) {
      throw new RangeError(`the options of "${planted.name}" must fit: ${JSON.stringify(planted.options)}`);
    }
    return { name: planted.name, rows: planted.rows, options: read.value, planted };
  });
}

/** A case with what `reduce` makes of it. */
interface Reduced {
  readonly one: Case & { readonly planted?: PlantedCase };
  readonly result: AnalysisResult;
}

/** Results are looked at by many checks: each is made once for an analysis and its options. */
const known = new WeakMap<Analysis, Map<string, Promise<Reduced[]>>>();

function reduced(subject: Subject<Analysis>): Promise<Reduced[]> {
  const { item, options } = subject;
  const ofItem = known.get(item) ?? new Map<string, Promise<Reduced[]>>();
  known.set(item, ofItem);
  const name = JSON.stringify(options);
  const made = ofItem.get(name) ?? reduceAll(subject);
  ofItem.set(name, made);
  return made;
}

async function reduceAll(subject: Subject<Analysis>): Promise<Reduced[]> {
  const { options } = subject;
  const all: Reduced[] = [];
  for (const one of [await ordinary(subject), ...plantedCases(subject)]) {
    all.push({ one, result: await reduce(subject, one) });
  }
  for (const { name, rows } of await empty(subject)) {
    const one = { name, rows, options };
    const result = await reduce(subject, one).catch(() => undefined);
    // That it throws there is the matter of a check of its own.
    if (result !== undefined) all.push({ one, result });
  }
  return all;
}

/** A check of every result: of small nets, of what was planted, and of nothing. */
function ofEach(
  name: string,
  how: string,
  wrong: (
    result: AnalysisResult,
    one: Case,
    subject: Subject<Analysis>,
  ) => string | undefined | Promise<string | undefined>,
): AnalysisCheck {
  return {
    name,
    how: `${how} Of a study of small nets, of those in which answers are planted, and of studies of nothing.`,
    async run(subject) {
      for (const { one, result } of await reduced(subject)) {
        const why = await wrong(result, one, subject);
        if (why !== undefined) return failed(`on ${one.name}, ${why}`);
      }
      return PASSED;
    },
  };
}

const pure = ofEach(
  "gives the same result for the same rows, and leaves them as they were",
  "Rows that cannot be written to, reduced again on another day: the same JSON.",
  async (result, one, subject) => {
    const frozen = { ...one, rows: deeplyFrozen(structuredClone(one.rows)) };
    let again: AnalysisResult;
    try {
      again = await elsewhen(() => reduce(subject, frozen));
    } catch (error) {
      return `rows that cannot be written to make it throw: ${
        (error as Error).message.slice(`on ${one.name}, `.length)
      }`;
    }
    const unfit = whyNoJson(result);
    return unfit ?? firstDifference(result, again);
  },
);

function whyNoJson(result: AnalysisResult): string | undefined {
  try {
    canonical(JSON.parse(JSON.stringify(result)));
    return firstDifference(result, JSON.parse(JSON.stringify(result)));
  } catch (error) {
    return `its result must be JSON: ${(error as Error).message}`;
  }
}

function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) deeplyFrozen(part);
  return Object.freeze(value);
}

const order = ofEach(
  "does not depend on which net comes first",
  "The nets of each arm in reverse give the same claims and figures, and the same rows of tables in whatever order, within 1e-9.",
  async (result, one, subject) => {
    const other = await reduce(subject, { ...one, rows: netsReversed(one.rows) });
    return firstDifference(unordered(result), unordered(other), 1e-9);
  },
);

/** The same rows with the nets of each arm and point of the axes in reverse. */
function netsReversed(rows: StudyRows): StudyRows {
  const nameOf = ({ trial, arm, axes }: { trial: string; arm: string; axes: string }) =>
    JSON.stringify([trial, arm, axes]);
  const groups = Map.groupBy(rows.trials, ({ arm, axes }) => JSON.stringify([arm, axes]));
  const trials = [...groups.values()].flatMap((group) => group.toReversed());
  const place = new Map(trials.map((trial, i) => [nameOf(trial), i]));
  const sorted = <Of extends { trial: string; arm: string; axes: string }>(list: readonly Of[]) =>
    list.toSorted((a, b) => (place.get(nameOf(a)) ?? 0) - (place.get(nameOf(b)) ?? 0));
  const points = rows.points && { points: sorted(rows.points) };
  return { ...rows, trials, estimates: sorted(rows.estimates), series: sorted(rows.series), ...points };
}

/** A result with everything sorted whose order says nothing. */
function unordered({ tables = [], claims = [], figures = [] }: AnalysisResult): unknown {
  const name = (value: unknown) =>
    JSON.stringify(value, (_, part) => typeof part === "number" ? Number(part.toPrecision(6)) : part);
  const sorted = <Of>(list: readonly Of[]) => list.toSorted((a, b) => name(a) < name(b) ? -1 : 1);
  return {
    tables: tables.map((table) => ({ ...table, rows: sorted(table.rows) })),
    claims: claims.map((claim) => ({
      ...claim,
      settings: sorted(claim.settings),
      sensitivity: sorted(claim.sensitivity),
    })),
    figures,
  };
}

const tables = ofEach(
  "explains every column of its tables",
  "Cells fit their columns; each column says what a cell means, and its unit where it holds numbers, `bits` where its name ends in _bits.",
  ({ tables = [] }) => {
    for (const [i, table] of tables.entries()) {
      if (["trials", "estimates", "series", ...tables.slice(0, i).map(({ name }) => name)].includes(table.name)) {
        return `the name of table "${table.name}" is taken`;
      }
      const why = wrongTable(table);
      if (why !== undefined) return `table "${table.name}": ${why}`;
    }
    return undefined;
  },
);

function wrongTable(table: Table): string | undefined {
  if (typeof table.title !== "string" || table.title.trim() === "") return "it has no title";
  try {
    checkTable(table);
  } catch (error) {
    return (error as Error).message;
  }
  const units = table.columns.some(({ name }) => name === "unit");
  for (const column of table.columns) {
    const { name, text } = column;
    if (typeof text !== "string" || text.trim() === "") return `column "${name}" does not say what a cell means`;
    if (!units && lacksUnit(column)) return `column "${name}" of numbers has no unit: a pure number's is "1"`;
    if (name.endsWith("_bits") && column.unit !== "bits") {
      return `column "${name}" must be in bits: its unit is ${column.unit}`;
    }
  }
  return undefined;
}

function lacksUnit({ type, unit }: Column): boolean {
  return (type === "float64" || type === "int32") && (typeof unit !== "string" || unit.trim() === "");
}

const claims = ofEach(
  "gives the verdicts that its rules give",
  "Each claim has an id, a statement and a rule; median, interval and verdict are worked out again from its θ, its ends and δ.",
  ({ claims = [] }, { rows }) => {
    for (const [i, claim] of claims.entries()) {
      if (!/^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)?$/.test(claim.id)) {
        return `a claim must have an id in kebab-case: it is "${claim.id}"`;
      }
      if (claims.findIndex(({ id }) => id === claim.id) < i) return `two claims are called "${claim.id}"`;
      for (const part of ["statement", "rule"] as const) {
        if (typeof claim[part] !== "string" || claim[part].trim() === "") return `claim "${claim.id}" has no ${part}`;
      }
      if (claim.protocol !== PROTOCOL.version || claim.level !== 1 - PROTOCOL.alpha) {
        return `claim "${claim.id}" must name protocol ${PROTOCOL.version} and its level ${1 - PROTOCOL.alpha}`;
      }
      if (claim.provisional !== (rows.profile !== "full")) {
        return `claim "${claim.id}" of profile ${rows.profile} has provisional: ${claim.provisional}`;
      }
      const why = wrongVerdict(claim);
      if (why !== undefined) return `claim "${claim.id}": ${why}`;
    }
    return undefined;
  },
);

const figures = ofEach(
  "gives figures that can be drawn, and read by those who do not see them",
  "Each has an id of its own, title, caption and alternative text; its marks or view are known, its table and columns are there.",
  ({ figures = [], tables = [] }) => {
    for (const [i, figure] of figures.entries()) {
      if (figures.findIndex(({ id }) => id === figure.id) < i) return `two figures are called "${figure.id}"`;
      const why = wrongFigure(figure, tables);
      if (why !== undefined) return `figure "${figure.id}": ${why}`;
    }
    return undefined;
  },
);

const nothing: AnalysisCheck = {
  name: "says why where there is nothing to say",
  how:
    "A study of no net, of nets that all diverged, and of nets that no estimator could measure: no claim is decided, and each says why.",
  async run(subject) {
    for (const { name, rows } of await empty(subject)) {
      const { claims = [] } = await reduce(subject, { name, rows, options: subject.options });
      for (const { id, verdict, reason } of claims) {
        if (verdict !== "undecided") return failed(`on ${name}, claim "${id}" is ${verdict}`);
        if (reason === undefined || reason.trim() === "") {
          return failed(`on ${name}, claim "${id}" does not say why it is undecided`);
        }
      }
    }
    return PASSED;
  },
};

function planted(truth: PlantedCase["truth"]): AnalysisCheck {
  return {
    name: truth === "positive" ? "finds what is planted" : "finds nothing where nothing is planted",
    how:
      `On the cases of the analysis whose truth is ${truth}: verdicts, rows of tables and rows that figures draw are those that it says.`,
    async run(subject): Promise<Outcome> {
      let tried = 0;
      for (const { one: { name, planted, rows }, result } of await reduced(subject)) {
        if (planted?.truth !== truth) continue;
        tried++;
        const why = wrongCase(planted) ?? missed(result, planted, rows);
        if (why !== undefined) return failed(`on ${name}, ${why}`);
      }
      return tried > 0 ? PASSED : skipped(`it has no planted case whose truth is "${truth}"`);
    },
  };
}

/** What is wrong with a case itself. */
function wrongCase({ truth, verdicts, found, drawn }: PlantedCase): string | undefined {
  if (verdicts === undefined && found === undefined && drawn === undefined) return "it must say what is to be found";
  const supported = Object.values(verdicts ?? {}).includes("supported");
  if (truth === "null" && supported) return "a verdict of a null case must not be supported";
  return truth === "positive" && verdicts !== undefined && !supported
    ? "a verdict of a positive case must be supported"
    : undefined;
}

/** What a result lacks of what was planted. */
function missed(result: AnalysisResult, planted: PlantedCase, rows: StudyRows): string | undefined {
  const { claims = [], tables = [], figures = [] } = result;
  for (const [id, verdict] of Object.entries(planted.verdicts ?? {})) {
    const claim = claims.find((one) => one.id === id);
    if (claim === undefined) return `there must be a claim "${id}": there is none`;
    if (claim.verdict === verdict) continue;
    const why = claim.reason === undefined ? "" : `, as ${claim.reason}`;
    return `"${id}" must be ${verdict}: it is ${claim.verdict}${why}, θ in [${claim.low ?? "−∞"}, ${
      claim.high ?? "∞"
    }]`;
  }
  for (const [name, wanted] of Object.entries(planted.found ?? {})) {
    const table = tables.find((one) => one.name === name);
    if (table === undefined) return `there must be a table "${name}": there is none`;
    const lacking = wanted.find((cells) => !table.rows.some((row) => holds(row, cells)));
    if (lacking !== undefined) return `table "${name}" must have a row with ${JSON.stringify(lacking)}: it has none`;
  }
  for (const [id, count] of Object.entries(planted.drawn ?? {})) {
    const figure = figures.find((one) => one.id === id);
    const standard: Record<string, readonly Row[]> = {
      trials: rows.trials,
      estimates: rows.estimates,
      series: rows.series,
    };
    const all = figure && (standard[figure.table] ?? tables.find(({ name }) => name === figure.table)?.rows ?? []);
    const drawn = all ? chosenRows(all, figure?.where).length : 0;
    if (drawn !== count) return `figure "${id}" must draw ${count} rows: it draws ${drawn}`;
  }
  return undefined;
}

function holds(row: Row, cells: Row): boolean {
  return Object.entries(cells).every(([column, cell]) =>
    typeof cell === "number" && typeof row[column] === "number"
      ? Math.abs(row[column] - cell) <= 1e-9 * Math.max(1, Math.abs(cell))
      : row[column] === cell
  );
}

const maps: AnalysisCheck = {
  name: "maps a net to the same rows again, of its own snapshots and layers",
  how:
    `A net of ${LAYERS} layers trained for ${EPOCHS.length} snapshots, mapped twice, the second time on another day: the same rows, each with ` +
    "epoch, layer or null, if any a row of the dataset, quantity in snake_case, unit, and a finite value or the reason why there is none.",
  inapplicable: ({ map }) => map === undefined ? "it does not look into nets" : undefined,
  async run(subject) {
    const prepared = await prepare(subject);
    const rows = readMapRows(await mapOne(subject, "main", 0, prepared), subject.item.id);
    const examples = threeBits().labels.length;
    for (const row of rows) {
      const { epoch, layer, row: example = 0, quantity, unit, value, reason } = row;
      const said = JSON.stringify(row);
      if (!EPOCHS.includes(epoch)) return failed(`an epoch must be that of a snapshot: a row is ${said}`);
      if (layer !== null && !(layer >= 1 && layer <= LAYERS)) {
        return failed(`layers are 1 to ${LAYERS}, or null: a row is ${said}`);
      }
      if (example >= examples) return failed(`rows of the dataset are 0 to ${examples - 1}: a row is ${said}`);
      if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(quantity)) {
        return failed(`a quantity is in snake_case: a row is ${said}`);
      }
      if (unit.trim() === "") return failed(`a row must have a unit, that of a pure number is "1": it is ${said}`);
      if (value === null && !reason) return failed(`a row without a value must say why: it is ${said}`);
    }
    const again = await elsewhen(() => mapOne(subject, "main", 0, prepared));
    const where = firstDifference(rows, again);
    return outcomeOf(where && `of its rows ${where}`);
  },
};

const prepares: AnalysisCheck = {
  name: "prepares the same again for the same data",
  how: "Eight patterns of three bits, prepared twice, the second time on another day: the same JSON.",
  inapplicable: ({ prepare }) => prepare === undefined ? "it prepares nothing" : undefined,
  async run(subject) {
    const one = await prepare(subject);
    canonical(one);
    const where = firstDifference(one, await elsewhen(() => prepare(subject)));
    return outcomeOf(where && `of what is prepared ${where}`);
  },
};

/** Every check of an analysis, in the order they are run. */
export const ANALYSIS_CHECKS: readonly AnalysisCheck[] = [
  OPTIONS_CHECK as AnalysisCheck,
  pure,
  order,
  tables,
  claims,
  figures,
  nothing,
  planted("positive"),
  planted("null"),
  maps,
  prepares,
];
