import type { Bundle } from "../contracts/bundle.ts";
import type { Row, Table } from "../contracts/rows.ts";
import type { Expectation, NumericExpectation } from "./expected.ts";
import { isThinned } from "./published.ts";

/** How far a number of rows that are not portable may be off, unless told otherwise: bits, or a share. */
export const TOLERANCE = 0.01;

/** True if every row behind a bundle has the same bytes on any machine. */
export function isPortableBundle({ arithmetic, claims }: Pick<Bundle, "arithmetic" | "claims">): boolean {
  return !("tfjs" in arithmetic) && !Object.values(arithmetic).some((one) => one === "pinned" || one === "host") &&
    claims.every((claim) => claim.arithmetic === "portable");
}

/**
 * What a bundle gave, in the form it is expected next time; of a thinned bundle, what the whole one gave, as far as it says.
 *
 * @param tables Its `estimates` and `series`; read only where rows are not portable.
 */
export function expectationOf(bundle: Bundle, digest: string, tables: readonly Table[]): Expectation {
  const { thinned, files, claims, counts, plugins } = bundle;
  const portable = isPortableBundle(bundle);
  const whole = files.filter(({ table }) => !thinned || !isThinned(table));
  const isExact = (name: string | undefined) => portable || isPortableTable(tables.find((one) => one.name === name));
  const digests = whole.filter(({ table }) => isExact(table)).map(({ path, sha256 }) => [path, sha256]);
  const others = whole.filter(({ table }) => !isExact(table)).map(({ path, sha256 }) => [path, sha256]);
  const own = { "bundle.json": thinned?.of ?? digest };
  return {
    exact: { ...(portable ? own : {}), ...Object.fromEntries(digests), ...closedForms(bundle) },
    numeric: portable ? {} : numericOf(finalValues(tables)),
    statistical: Object.fromEntries(
      claims.flatMap(({ id, median, low, high, interval }) =>
        median === null || interval === "none" ? [] : [[id, { median, low, high }]]
      ),
    ),
    qualitative: Object.fromEntries(claims.map(({ id, verdict }) => [id, verdict])),
    info: {
      ...(portable ? {} : own),
      ...Object.fromEntries(others),
      ...Object.fromEntries(Object.entries(counts)),
      ...Object.fromEntries(plugins.map(({ id, version }) => [`plugin ${id}`, version])),
    },
    ...(thinned ? { partial: true } : {}),
  };
}

function isPortableTable(table: Table | undefined): boolean {
  if (!table?.columns.some(({ name }) => name === "arithmetic")) return false;
  return table.rows.every(({ arithmetic }) => arithmetic === "portable");
}

/** Numbers known without measuring: of the dataset of each arm, and of layers drawn from laws. */
function closedForms({ problems }: Bundle): { [name: string]: number } {
  const named: [string, number | null | undefined][] = problems.flatMap(
    ({ arm, hxBits, hyBits, ixyBits, bayesAccuracy, layers }) => [
      [`${arm}: H(X) bits`, hxBits] as [string, number | null],
      [`${arm}: H(Y) bits`, hyBits] as [string, number | null],
      [`${arm}: I(X;Y) bits`, ixyBits] as [string, number | null],
      [`${arm}: accuracy of the best guess`, bayesAccuracy] as [string, number | null],
      ...layers.flatMap(({ name, ixtBits, ityBits }): [string, number | undefined][] => [
        [`${arm}: I(X;T) bits of layer ${name}`, ixtBits],
        [`${arm}: I(T;Y) bits of layer ${name}`, ityBits],
      ]),
    ],
  );
  return Object.fromEntries(named.flatMap(([name, value]) => typeof value === "number" ? [[name, value]] : []));
}

/** Numbers of nets at their last snapshot, by name of the quantity and by replicate. */
export type FinalValues = ReadonlyMap<string, ReadonlyMap<number, number | null>>;

/** The last value of every quantity of every net, of rows that are not portable. */
export function finalValues(tables: readonly Table[]): FinalValues {
  const last = new Map<string, Map<number, { epoch: number; value: number | null }>>();
  const note = (name: string, { replicate, epoch }: Row, value: number | null) => {
    const nets = last.get(name) ?? new Map();
    last.set(name, nets);
    if ((nets.get(replicate)?.epoch ?? -1) <= (epoch as number)) nets.set(replicate, { epoch, value });
  };
  for (const { name, rows } of tables) {
    for (const row of rows) {
      if (row.arithmetic === undefined || row.arithmetic === "portable") continue;
      const place = `${row.arm}${row.axes === "{}" ? "" : ` ${row.axes}`}`;
      const layer = row.layer === null ? "" : ` of layer ${row.layer}`;
      if (name === "series") note(`${place}: ${row.quantity}${layer}`, row, row.value as number | null);
      if (name !== "estimates") continue;
      const setting = `${row.estimator} ${row.setting} on ${row.probe}`;
      for (const column of ["ixt_bits", "ity_bits"]) {
        note(`${place}: ${setting}: ${column}${layer}`, row, row[column] as number | null);
      }
    }
  }
  return new Map([...last].map(([name, nets]) => [
    name,
    new Map([...nets].map(([replicate, { value }]) => [replicate, value])),
  ]));
}

function numericOf(values: FinalValues): { [name: string]: NumericExpectation } {
  return Object.fromEntries(
    [...values].sort(([a], [b]) => a < b ? -1 : 1).map(([name, nets]) => [name, {
      value: medianOf([...nets.values()]),
      absolute: TOLERANCE,
      relative: 0,
    }]),
  );
}

/** The median of those that are numbers; null if none is. */
function medianOf(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
