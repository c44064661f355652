import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import { suggest } from "../execution/nearest.ts";
import { fromUser } from "../execution/paths.ts";
import { ARRAY_ENDINGS, type NumberArray, type NumberFile, readArrays } from "../store/arrays.ts";

/** A file, or one array of it, as the command line names it: `FILE` or `FILE#NAME`. */
interface Reference {
  /** As the user wrote it, without the name. */
  readonly file: string;
  /** Tensor of a file of several, or column of a table. */
  readonly name?: string;
}

/** One layer to measure and where it comes from. */
export interface LayerSource {
  readonly file: string;
  /** Name of the tensor or column; null where the file holds one array, or the whole table is the layer. */
  readonly tensor: string | null;
  /** From the digits in the file's name; null outside a folder of epochs. */
  readonly epoch: number | null;
  /** 1… within its epoch. */
  readonly layer: number;
  /** Shape [n, units], finite. */
  readonly activations: NumberArray;
}

/** What is known of the rows. */
export interface Rows {
  readonly n: number;
  readonly labels: Uint8Array;
  readonly classes: number;
  readonly joint?: { readonly px: Float64Array; readonly pyx: Float64Array };
  /** Shape [n, …features], finite. */
  readonly inputs?: NumberArray;
}

/**
 * Reads labels, p(y|x), or both, and inputs; the label of a row without one is its most probable class.
 *
 * @throws {Problem} If neither is given, a file cannot be read, or what it holds does not fit.
 */
export async function readRows(options: { labels?: string; pyx?: string; inputs?: string }): Promise<Rows> {
  const rows = await readClasses(options);
  return options.inputs === undefined ? rows : { ...rows, inputs: await readInputs(options.inputs, rows.n) };
}

async function readInputs(text: string, n: number): Promise<NumberArray> {
  const inputs = await readOne(text, "inputs");
  if (inputs.shape[0] !== n || inputs.data.length === 0) {
    throw new Problem(
      `Cannot estimate with ${text} as there must be ${n} inputs, one a row: the shape is [${inputs.shape}]`,
    );
  }
  checkFinite(inputs, text, "inputs", "feature");
  return inputs;
}

async function readClasses(options: { labels?: string; pyx?: string }): Promise<Rows> {
  if (options.labels === undefined && options.pyx === undefined) {
    throw new Problem("Cannot estimate as something must be known of the rows: give --labels, --pyx or both");
  }
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels);
  const most = labels ? labels.reduce((most, label) => Math.max(most, label), 0) + 1 : 1;
  if (options.pyx === undefined) return { n: labels!.length, labels: labels!, classes: Math.max(most, 2) };
  const pyx = await readOne(options.pyx, "p(y|x)");
  const [n, classes] = pyx.shape;
  if (pyx.shape.length !== 2 || n < 1 || n !== (labels?.length ?? n) || classes < Math.max(most, 2)) {
    throw new Problem(
      `Cannot estimate with ${options.pyx} as p(y|x) must be [${labels?.length ?? "n"}, >= ${Math.max(most, 2)}]: ` +
        `it is [${pyx.shape}]`,
    );
  }
  const data = Float64Array.from(pyx.data);
  const likeliest = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    const p = data.subarray(row * classes, (row + 1) * classes);
    const sum = p.reduce((a, b) => a + b, 0);
    if (!(Math.abs(sum - 1) < 1e-6) || p.some((value) => !(value >= 0))) {
      throw new Problem(
        `Cannot estimate with ${options.pyx} as p(y|x) must sum to 1: row ${row} is [${[...p].join(", ")}]`,
      );
    }
    likeliest[row] = p.indexOf(p.reduce((a, b) => Math.max(a, b)));
  }
  return { n, labels: labels ?? likeliest, classes, joint: { px: new Float64Array(n).fill(1 / n), pyx: data } };
}

/**
 * Reads the layers one after another, epoch by epoch: those of files in the order given, those of a file by name, digits in names
 * counting as numbers; of a folder every file of a known format, its epoch the last digits of its name.
 *
 * @param given `FILE`, `FILE#NAME`, `FOLDER` or `FOLDER#NAME`.
 * @param taken What is read as labels or p(y|x), which is no layer.
 * @throws {Problem} If a file cannot be read, or what it holds is no layer of these rows.
 */
export async function* readLayers(
  given: readonly string[],
  taken: readonly string[],
  { n }: Pick<Rows, "n">,
): AsyncGenerator<LayerSource> {
  const others = taken.map(reference);
  const files = given.map(reference).flatMap((source) => expand(source, others));
  files.sort((a, b) => (a.epoch ?? -1) - (b.epoch ?? -1));
  let read: { readonly file: string; readonly content: NumberFile } | undefined;
  let epoch: number | null = null;
  let layer = 0;
  for (const source of files) {
    if (read?.file !== source.file) read = { file: source.file, content: await contentOf(source) };
    if (source.epoch !== epoch) [epoch, layer] = [source.epoch, 0];
    const leftOut = others.flatMap(({ file, name }) => same(file, source.file) && name !== undefined ? [name] : []);
    for (const [tensor, activations] of layersIn(read.content, source, leftOut)) {
      layer++;
      const { file } = source;
      checkLayer(activations, tensor === null ? file : `${file}#${tensor}`, n);
      yield { file, tensor, epoch, layer, activations };
    }
  }
}

function reference(text: string): Reference {
  const hash = text.lastIndexOf("#");
  if (hash < 0 || existsSync(fromUser(text))) return { file: text };
  return { file: text.slice(0, hash), name: text.slice(hash + 1) };
}

function same(file: string, other: string): boolean {
  return fromUser(file) === fromUser(other);
}

function contentOf({ file }: Reference): Promise<NumberFile> {
  return readArrays(fromUser(file), file);
}

/** The files of a folder with their epochs, or the file itself. */
function expand({ file, name }: Reference, others: readonly Reference[]): (Reference & { epoch: number | null })[] {
  if (!statSync(fromUser(file), { throwIfNoEntry: false })?.isDirectory()) return [{ file, name, epoch: null }];
  const found = readdirSync(fromUser(file))
    .filter((entry) => ARRAY_ENDINGS.includes(extname(entry).toLowerCase()))
    .map((entry) => join(file, entry))
    .filter((path) => !others.some((other) => same(other.file, path) && other.name === undefined))
    .sort(byName);
  if (found.length === 0) {
    throw new Problem(
      `Cannot estimate from ${file} as it must hold files that end in ${ARRAY_ENDINGS.join(", ")}: there is none`,
    );
  }
  return found.map((path) => {
    const digits = basename(path, extname(path)).match(/\d+/g)?.pop();
    if (digits === undefined || !Number.isSafeInteger(Number(digits))) {
      throw new Problem(`Cannot estimate from ${path} as digits in its name must tell the epoch: there are none`);
    }
    return { file: path, name, epoch: Number(digits) };
  });
}

/** By code units, but that digits count as numbers: h2 before h10. */
function byName(a: string, b: string): number {
  const [x, y] = [a, b].map((name) => name.replace(/\d+/g, (digits) => digits.padStart(20, "0")));
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The layers of a file: the one that is named, or all but those left out. */
function layersIn(content: NumberFile, { file, name }: Reference, leftOut: readonly string[]) {
  if (name !== undefined) return [[name, named(content, file, name)] as const];
  if (content.kind === "array") return [[null, content.array] as const];
  if (content.kind === "table") return [[null, tableOf(content, file, leftOut)] as const];
  const layers = [...content.arrays].filter(([tensor]) => !leftOut.includes(tensor)).sort(([a], [b]) => byName(a, b));
  if (layers.length === 0) throw new Problem(`Cannot estimate from ${file} as it must hold a tensor: there is none`);
  return layers;
}

function checkLayer({ data, shape }: NumberArray, where: string, n: number): void {
  if (shape.length !== 2 || shape[0] < 1 || shape[1] < 1) {
    throw new Problem(`Cannot estimate from ${where} as activations must be [n, units]: they are [${shape}]`);
  }
  if (shape[0] !== n) {
    throw new Problem(
      `Cannot estimate from ${where} as there must be a row for each of ${n} labels: the shape is [${shape}]`,
    );
  }
  checkFinite({ data, shape }, where, "activations", "unit");
}

function checkFinite({ data, shape }: NumberArray, where: string, what: string, column: string): void {
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return;
  const columns = data.length / shape[0];
  const at = `row ${Math.floor(odd / columns)}, ${column} ${odd % columns}`;
  throw new Problem(`Cannot estimate from ${where} as ${what} must be finite: ${at} is ${data[odd]}`);
}

async function readLabels(text: string): Promise<Uint8Array> {
  const { data, shape } = await readOne(text, "labels");
  if (data.length === 0 || shape.filter((size) => size !== 1).length > 1) {
    throw new Problem(`Cannot estimate with ${text} as there must be one label a row: the shape is [${shape}]`);
  }
  return Uint8Array.from(data, (label, row) => {
    if (!Number.isInteger(label) || label < 0 || label > 255) {
      throw new Problem(
        `Cannot estimate with ${text} as labels must be integers from 0 to 255: label ${row} is ${label}`,
      );
    }
    return label;
  });
}

/** The array that is named, or the only one there is. */
async function readOne(text: string, what: string): Promise<NumberArray> {
  const source = reference(text);
  const content = await contentOf(source);
  if (source.name !== undefined) return named(content, source.file, source.name);
  if (content.kind === "array") return content.array;
  if (content.kind === "table") return tableOf(content, source.file, []);
  const [only, ...rest] = content.arrays.values();
  if (only === undefined || rest.length > 0) {
    const names = [...content.arrays.keys()].map((name) => `"${name}"`).join(", ");
    throw new Problem(
      `Cannot read ${what} from ${text} as one of its tensors must be named, as ${text}#NAME: there are ${
        names || "none"
      }`,
    );
  }
  return only;
}

function named(content: NumberFile, file: string, name: string): NumberArray {
  if (content.kind === "array") {
    throw new Problem(`Cannot find "${name}" in ${file} as it holds one array without a name`);
  }
  if (content.kind === "table") {
    if (!content.columns.has(name)) {
      throw new Problem(`Cannot find column "${name}" in ${file}${suggest(name, [...content.columns.keys()])}`);
    }
    return tableOf({ ...content, columns: new Map([[name, content.columns.get(name)!]]) }, file, []);
  }
  const found = content.arrays.get(name);
  if (found === undefined) {
    throw new Problem(`Cannot find tensor "${name}" in ${file}${suggest(name, [...content.arrays.keys()])}`);
  }
  return found;
}

/** The columns of a table side by side. */
function tableOf(
  { columns }: Extract<NumberFile, { kind: "table" }>,
  file: string,
  leftOut: readonly string[],
): NumberArray {
  const numbers = [...columns].filter(([name]) => !leftOut.includes(name)).map(([name, column]) => {
    if (column instanceof Float64Array) return column;
    throw new Problem(`Cannot read ${file} as column "${name}" must be numbers: ${column.odd}`);
  });
  const shape = [numbers[0]?.length ?? 0, numbers.length];
  const data = new Float64Array(shape[0] * shape[1]);
  numbers.forEach((column, unit) => column.forEach((value, row) => data[row * shape[1] + unit] = value));
  return { data, shape };
}
