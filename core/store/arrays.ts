import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { Problem } from "../contracts/problem.ts";
import { type NumberColumn, readCsv } from "./csv.ts";
import { readNpy } from "./npy.ts";
import { readNpz } from "./npz.ts";
import { readTable } from "./parquet.ts";
import { readSafetensors } from "./safetensors.ts";

/** Numbers with a shape, row-major; float32 stays float32. */
export interface NumberArray {
  /** The numbers; NaN where the file has it, or none. */
  readonly data: Float32Array | Float64Array;
  /** Extent of each axis. */
  readonly shape: readonly number[];
}

/** What a file of numbers holds: one array, arrays by name, or a table's columns by name. */
export type NumberFile =
  | { readonly kind: "array"; readonly array: NumberArray }
  | { readonly kind: "arrays"; readonly arrays: ReadonlyMap<string, NumberArray> }
  | { readonly kind: "table"; readonly columns: ReadonlyMap<string, NumberColumn> };

/** Reads the bytes of a file, by how its name ends. */
const READERS: { readonly [ending: string]: (bytes: Uint8Array, file: string) => NumberFile | Promise<NumberFile> } = {
  ".npy": (bytes, file) => ({ kind: "array", array: numbersOf(readNpy(bytes, file)) }),
  ".npz": (bytes, file) => arraysOf(readNpz(bytes, file)),
  ".safetensors": (bytes, file) => arraysOf(readSafetensors(bytes, file).tensors),
  ".parquet": async (bytes, file) => {
    const { columns, rows } = await readTable(bytes, file);
    return {
      kind: "table",
      columns: new Map(columns.map(({ name, type }): [string, NumberColumn] => {
        if (type === "string" || type === "json") return [name, { odd: `it is ${type}` }];
        return [name, Float64Array.from(rows, (row) => row[name] === null ? NaN : Number(row[name]))];
      })),
    };
  },
  ".csv": (bytes, file) => ({ kind: "table", columns: readCsv(bytes, file) }),
};

/** How names of files that {@link readArrays} reads may end. */
export const ARRAY_ENDINGS: readonly string[] = Object.keys(READERS);

/**
 * Reads a file of numbers: .npy, .npz, .safetensors, .parquet or .csv, as its name ends.
 *
 * @param path Where it lies.
 * @param file What to call it in a message: the path as the user gave it.
 * @throws {Problem} If there is no such file, its name ends otherwise, or its bytes are damaged or lie.
 */
export async function readArrays(path: string, file: string = path): Promise<NumberFile> {
  const read = READERS[extname(file).toLowerCase()];
  if (read === undefined) {
    throw new Problem(`Cannot read ${file} as its name must end in ${ARRAY_ENDINGS.join(", ")}`);
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const found = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
    throw new Problem(`Cannot read ${file}: ${found}`, undefined, { cause: error });
  }
  return await read(bytes, file);
}

function arraysOf(
  tensors: ReadonlyMap<string, { readonly data: ArrayLike<number>; readonly shape: readonly number[] }>,
): NumberFile {
  return { kind: "arrays", arrays: new Map([...tensors].map(([name, tensor]) => [name, numbersOf(tensor)])) };
}

function numbersOf({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }): NumberArray {
  return { data: data instanceof Float32Array ? data : Float64Array.from(data), shape };
}
