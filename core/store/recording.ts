import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { Context } from "../contracts/context.ts";
import type { OptionsSchema } from "../contracts/options.ts";
import { whyNewer } from "../contracts/newer.ts";
import { Problem } from "../contracts/problem.ts";
import { readOptions } from "../execution/options.ts";
import { sha256Of } from "./digest.ts";
import { readNpy } from "./npy.ts";
import { readNpz } from "./npz.ts";
import { type RecordingManifest, recordingSchema } from "./recording_schema.ts";
import { readSafetensors, type SafetensorData } from "./safetensors.ts";

/** Name of the manifest in a recording's folder. */
export const RECORDING = "infoplane-run.json";
const VERSION = 1;

/** An array of a file, row-major. */
export interface FileArray {
  /** Its values. */
  readonly data: SafetensorData;
  /** Extent of each axis. */
  readonly shape: readonly number[];
}

/** A folder in which another program recorded runs. */
export interface RunRecording {
  /** What the program says of them. */
  readonly manifest: RecordingManifest;
  /** SHA-256 of the manifest, which names that of every other file. */
  readonly sha256: string;
  /**
   * The one array of a file.
   *
   * @throws {Problem} If the file is missing, damaged, or holds more than one.
   */
  array(file: string): Promise<FileArray>;
  /**
   * A tensor of a run at an epoch, in the manifest's precision.
   *
   * @throws {Problem} If it is missing, damaged, wider than the precision or of another shape.
   */
  tensor(run: number, epoch: number, name: string, shape: readonly number[]): Promise<Float32Array | Float64Array>;
}

/**
 * Opens a recording: reads and checks its manifest, none of the files it names.
 *
 * @param folder Absolute, or relative to a data folder of `ctx`.
 * @throws {Problem} If there is no manifest that may be read, or it does not follow the schema.
 *
 * @example The message says where to put it
 * ```ts
 * import assert from "node:assert/strict";
 * await assert.rejects(openRecording("my-run", { data: ["/nowhere"] }), /as --data DIR names one: it is not in \/nowhere/);
 * ```
 */
export async function openRecording(folder: string, ctx: Pick<Context, "data">): Promise<RunRecording> {
  const { place, bytes } = await findManifest(folder, ctx.data);
  const manifest = readManifest(bytes, join(folder, RECORDING));
  const kept = new Map<string, Promise<ReadonlyMap<string, FileArray>>>();
  let latest: { readonly file: string; readonly arrays: Promise<ReadonlyMap<string, FileArray>> } | undefined;

  async function read(file: string): Promise<ReadonlyMap<string, FileArray>> {
    const shown = join(folder, file);
    const expected = manifest.sha256[file];
    if (expected === undefined) {
      throw new Problem(`Cannot read ${shown} as ${RECORDING} must name its SHA-256: it does not`);
    }
    const bytes = await readFile(join(place, file)).catch((error) => {
      const { code, message } = error as { code?: string; message: string };
      const found = code === "ENOENT" ? "there is none" : message;
      throw new Problem(`Cannot read ${shown}, which ${RECORDING} names: ${found}`, undefined, { cause: error });
    });
    const found = await sha256Of(bytes);
    if (found !== expected) {
      throw new Problem(
        `Cannot read ${shown} as its SHA-256 must be ${expected}: it is ${found}, so it is another file`,
      );
    }
    return arraysOf(new Uint8Array(bytes), shown);
  }

  /** Files that hold all epochs stay in memory, of the others the latest. */
  function arraysAt(file: string, wholeRun: boolean): Promise<ReadonlyMap<string, FileArray>> {
    if (latest?.file === file) return latest.arrays;
    const arrays = kept.get(file) ?? read(file);
    if (wholeRun) kept.set(file, arrays);
    else latest = { file, arrays };
    return arrays;
  }

  return {
    manifest,
    sha256: await sha256Of(bytes),
    async array(file) {
      const arrays = await read(file);
      if (arrays.size !== 1) {
        throw new Problem(`Cannot read ${join(folder, file)} as it must hold one array: it holds ${arrays.size}`);
      }
      return arrays.values().next().value!;
    },
    async tensor(run, epoch, name, shape) {
      const { epochs, files } = manifest.runs[run];
      const file = files.replace("{epoch}", String(epoch)).replace("{tensor}", () => name);
      const wholeRun = !files.includes("{epoch}");
      const arrays = await arraysAt(file, wholeRun);
      const refuse = (need: string, came: string): never => {
        throw new Problem(`Cannot read "${name}" in ${join(folder, file)} as ${need}: ${came}`);
      };
      const found = arrays.get(file.endsWith(".npy") ? "" : name);
      if (found === undefined) {
        const names = [...arrays.keys()].slice(0, 6).join(", ");
        return refuse("the file must hold it", `it holds ${arrays.size === 0 ? "nothing" : names}`);
      }
      const expected = wholeRun ? [epochs.length, ...shape] : shape;
      if (found.shape.length !== expected.length || found.shape.some((extent, axis) => extent !== expected[axis])) {
        refuse(`its shape must be [${expected.join(", ")}]`, `it is [${found.shape.join(", ")}]`);
      }
      const size = shape.reduce((a, b) => a * b, 1);
      const from = wholeRun ? epochs.indexOf(epoch) * size : 0;
      const data = found.data.slice(from, from + size);
      if (manifest.precision === "float64") return Float64Array.from(data);
      if (
        data instanceof Float64Array || data instanceof Int32Array || data instanceof Uint32Array || Array.isArray(data)
      ) {
        refuse('float32 must hold its values, or the manifest say "precision": "float64"', "its type is wider");
      }
      return Float32Array.from(data);
    },
  };
}

async function findManifest(
  folder: string,
  data: readonly string[],
): Promise<{ place: string; bytes: Uint8Array<ArrayBuffer> }> {
  const places = isAbsolute(folder) ? [folder] : data.map((base) => join(base, folder));
  const missing: string[] = [];
  for (const place of places) {
    try {
      return { place, bytes: new Uint8Array(await readFile(join(place, RECORDING))) };
    } catch (error) {
      const { code, name, message } = error as { code?: string; name: string; message: string };
      if (code === "ENOENT" || code === "ENOTDIR") missing.push(dirname(place));
      else if (name !== "NotCapable") throw new Problem(`Cannot read ${join(place, RECORDING)}: ${message}`);
    }
  }
  const wanted = isAbsolute(folder) ? dirname(folder) : "DIR";
  const found = missing.length > 0 ? `it is not in ${missing.join(", ")}` : "it is in none";
  throw new Problem(
    `Cannot read ${join(folder, RECORDING)} as it must lie in a data folder, as --data ${wanted} names one: ${found}`,
  );
}

function readManifest(bytes: Uint8Array, shown: string): RecordingManifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Problem(`Cannot read ${shown} as it must be JSON: it is not`);
  }
  const version = Number(
    /^infoplane\.run-recording\/(\d+)$/.exec(String((value as { format?: unknown } | null)?.format))?.[1],
  );
  if (version > VERSION) throw new Problem(`Cannot read ${shown} as ${whyNewer(VERSION, version)}`);
  const schema = recordingSchema as unknown as OptionsSchema<unknown>;
  const manifest = readOptions(schema, value, shown) as unknown as RecordingManifest;
  for (const [r, { epochs, files, ...metrics }] of manifest.runs.entries()) {
    for (const [name, values] of Object.entries(metrics)) {
      if (values.length === epochs.length) continue;
      throw new Problem(
        `Cannot read ${shown} as ${name} of run ${r} must have a number for each of ${epochs.length} epochs: ` +
          `it has ${values.length}`,
      );
    }
    if (!/\.(npy|npz|safetensors)$/.test(files) || files.endsWith(".npy") !== files.includes("{tensor}")) {
      throw new Problem(
        `Cannot read ${shown} as files of run ${r} must be .npz, .safetensors, or .npy with {tensor}: they are "${files}"`,
      );
    }
  }
  return manifest;
}

/** Arrays by name; a .npy file has one, without a name. */
function arraysOf(bytes: Uint8Array, file: string): ReadonlyMap<string, FileArray> {
  if (file.endsWith(".npz")) return readNpz(bytes, file);
  if (file.endsWith(".safetensors")) return readSafetensors(bytes, file).tensors;
  return new Map([["", readNpy(bytes, file)]]);
}
