import { type FileMetaData, parquetMetadata, parquetReadObjects, type SchemaElement } from "hyparquet";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { Problem } from "../contracts/problem.ts";
import type { Cell, Column, ColumnType, Row, Table } from "../contracts/rows.ts";
import { canonical } from "./canonical.ts";
import { checkTable } from "./table_checks.ts";

/** Rows of a group: large enough for dictionaries to pay, small enough to read a part of a long table. */
const GROUP_ROWS = 100_000;
/** Name under which the file says what its columns mean. */
const STORY = "infoplane.table";

/**
 * The bytes of a table as Parquet: the same bytes for the same table on any machine, as encoding and compression (Snappy)
 * are plain integer code of pinned packages.
 *
 * Repeated values are kept once (dictionary) where that halves a column. Title, units and meaning of the columns travel in
 * the file's metadata; json columns are text.
 *
 * @throws {TypeError | RangeError} If a cell does not fit its column: see {@link checkTable}.
 */
export function writeTable(table: Table): Uint8Array<ArrayBuffer> {
  checkTable(table);
  const { name, title, columns, rows } = table;
  const columnData = columns.map((column): ColumnSource => {
    const data = rows.map((row) => row[column.name]);
    return { name: column.name, data, encoding: encodingOf(column.type, data) };
  });
  const story = canonical({ name, title, columns: columns.map(plainColumn) });
  return new Uint8Array(parquetWriteBuffer({
    columnData,
    schema: [{ name: "root", num_children: columns.length }, ...columns.map(schemaOf)],
    rowGroupSize: GROUP_ROWS,
    kvMetadata: [{ key: STORY, value: story }],
    createdBy: "infoplane",
  }));
}

/**
 * Reads a Parquet file whole, and holds every cell against its column.
 *
 * Files of others are read too if their columns are flat texts, numbers or booleans: 64-bit integers become float64 where
 * all are safe, NaN becomes null.
 *
 * @param file What to call the bytes in a message, and the name of a table that does not say its own.
 * @throws {Problem} If the bytes are not such a file or a cell does not fit.
 */
export async function readTable(bytes: Uint8Array, file: string): Promise<Table> {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  try {
    const metadata = parquetMetadata(buffer, { geoparquet: false });
    const { name, title, columns, foreign } = storyOf(metadata, file);
    const objects = await parquetReadObjects({ file: buffer, metadata, parsers, geoparquet: false });
    const rows = objects.map((object) => {
      const row: { [column: string]: Cell } = {};
      for (const { name } of columns) {
        const cell = object[name] ?? null;
        row[name] = foreign ? plainCell(cell) : cell;
      }
      return row;
    });
    const table: Table = { name, title, columns, rows };
    checkTable(table);
    return table;
  } catch (error) {
    if (error instanceof Problem) throw error;
    const [found] = (error as Error).message.split("\n");
    throw new Problem(`Cannot read ${file} as it must be a Parquet table: ${found}`, undefined, { cause: error });
  }
}

// The default decoder would drop a byte order mark at the start of a text.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && canonical(JSON.parse(decoder.decode(bytes))),
};

/** A dictionary takes −0 for 0, so a column with one is written value by value. */
function encodingOf(type: ColumnType, data: readonly Cell[]): "PLAIN" | undefined {
  return type === "float64" && data.some((cell) => Object.is(cell, -0)) ? "PLAIN" : undefined;
}

function schemaOf({ name, type, nullable }: Column): SchemaElement {
  const repetition_type = nullable ? "OPTIONAL" : "REQUIRED";
  switch (type) {
    case "float64":
      return { name, type: "DOUBLE", repetition_type };
    case "int32":
      return { name, type: "INT32", repetition_type };
    case "boolean":
      return { name, type: "BOOLEAN", repetition_type };
    default:
      return { name, type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" }, repetition_type };
  }
}

/** A column without members that are absent, as JSON holds it. */
export function plainColumn({ name, type, unit, text, nullable }: Column): Column {
  return nullable ? { name, type, unit, text, nullable } : { name, type, unit, text };
}

type Story = Omit<Table, "rows"> & { readonly foreign: boolean };

function storyOf(metadata: FileMetaData, file: string): Story {
  const story = metadata.key_value_metadata?.find(({ key }) => key === STORY)?.value;
  const elements = metadata.schema.slice(1);
  if (story === undefined) {
    const [stem] = file.split(/[\\/]/).pop()!.toLowerCase().split(".");
    const columns = elements.map((element) => foreignColumn(element, file));
    return {
      name: stem.replace(/[^a-z0-9_-]/g, "_").replace(/^[_-]+/, "") || "table",
      title: stem,
      columns,
      foreign: true,
    };
  }
  const { name, title, columns } = JSON.parse(story) as Table;
  const told = columns.map((column) => column.name);
  const there = elements.map((element) => element.name);
  if (canonical(told) !== canonical(there)) {
    throw new Problem(`Cannot read ${file} as its columns must be ${told.join(", ")}: they are ${there.join(", ")}`);
  }
  return { name, title, columns, foreign: false };
}

function foreignColumn(
  { name, type, converted_type, logical_type, num_children, repetition_type }: SchemaElement,
  file: string,
): Column {
  const isText = converted_type === "UTF8" || logical_type?.type === "STRING";
  const isNumber = type === "DOUBLE" || type === "FLOAT" || type === "INT64";
  const found = isText
    ? "string"
    : converted_type === "JSON"
    ? "json"
    : type === "BOOLEAN"
    ? "boolean"
    : type === "INT32" && converted_type !== "DATE"
    ? "int32"
    : isNumber
    ? "float64"
    : undefined;
  if (!found || num_children || repetition_type === "REPEATED") {
    throw new Problem(
      `Cannot read ${file} as columns must be flat texts, numbers or booleans: "${name}" is ${
        converted_type ?? type ?? "nested"
      }`,
    );
  }
  return { name, type: found, unit: null, text: "", nullable: true };
}

function plainCell(cell: unknown): Cell {
  if (typeof cell === "bigint") return Number(cell);
  return typeof cell === "number" && Number.isNaN(cell) ? null : cell as Cell;
}

/** The rows of a table, as an array of values for each column. */
export function columnsOf({ columns, rows }: Table): { readonly [column: string]: readonly Cell[] } {
  return Object.fromEntries(columns.map(({ name }) => [name, rows.map((row: Row) => row[name])]));
}
