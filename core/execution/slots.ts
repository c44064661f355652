import { fromFileUrl, toFileUrl } from "./paths.ts";
import type { PluginSource, Rights } from "../contracts/plugin.ts";
import { EXIT, MissingData, Problem } from "../contracts/problem.ts";
import { encodeFrame, type Frame, readFrames } from "./frames.ts";
import type { Request } from "./messages.ts";
import { type Programs, programsOf } from "./programs.ts";

/** What a slot may use. */
export interface Limits {
  /** Memory a process may allocate, in MiB; `ulimit -d` stops every kind, array buffers and WebAssembly too. */
  readonly memoryMb: number;
  /** A request during which a slot says nothing for so long is given up; plugins report progress every second. */
  readonly silenceSeconds: number;
}

/** The limits unless told otherwise: 2 GiB and two minutes of silence. */
export const LIMITS: Limits = { memoryMb: 2048, silenceSeconds: 120 };

/** A set of worker processes, at most `jobs` of them busy at a time. */
export interface Slots {
  readonly jobs: number;
  /**
   * Asks a slot of this plugin; waits for a free one.
   *
   * @throws {Problem} What the plugin complained of, or what befell the slot: killed, silent, out of memory.
   */
  ask(source: string, request: Request, parts?: readonly Uint8Array[], listener?: Listener): Promise<
    { readonly value: unknown; readonly parts: readonly Uint8Array[] }
  >;
  /** Holds one slot for several requests that belong together. */
  hold<Result>(source: string, work: (ask: Ask) => Promise<Result>): Promise<Result>;
  /** Ends all slots. */
  close(): void;
}

/** Who hears what a slot says before it answers. */
export interface Listener {
  /** How much of the work is done, from 0 to 1. */
  progress?(done: number): void;
  /** What a training can go on from, with the epoch under way; nothing more is heard until it is kept. */
  checkpoint?(epoch: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** Asks one slot. */
export type Ask = (
  request: Request,
  parts?: readonly Uint8Array[],
  listener?: Listener,
) => Promise<{ readonly value: unknown; readonly parts: readonly Uint8Array[] }>;

/** Where things are: slots may read the core, their plugin's folder and what the configuration allows. */
export interface SlotOptions {
  /** Folder of `deno.json`, whose import map and lock serve the plugins. */
  readonly root: string;
  readonly sources: readonly PluginSource[];
  /** Folders of data every plugin may read. */
  readonly data: readonly string[];
  readonly jobs: number;
  readonly limits: Limits;
  readonly log: (line: string) => void;
}

const CORE = new URL("../", import.meta.url);
/** tfjs opens its WebAssembly build itself. */
const TFJS_WASM = import.meta.resolve("npm:@tensorflow/tfjs-backend-wasm@4.22.0");
const TAIL = 4000;
/** Starting a process and loading a plugin takes the machine's time, and may take this long however short a silence is allowed. */
const START_SECONDS = 30;

/** Prepares slots; processes start when they are first asked and stay until `close`. */
export function openSlots(options: SlotOptions): Slots {
  const idle = new Map<string, Slot[]>();
  const all = new Set<Slot>();
  const waiting: (() => void)[] = [];
  let busy = 0;
  let closed = false;

  async function take(source: string): Promise<Slot> {
    if (busy >= options.jobs) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy++;
    try {
      if (closed) throw new Problem("Cannot go on as the run was ended", EXIT.interrupted);
      const kept = idle.get(source)?.pop();
      if (kept) return kept;
      const slot = await startSlot(source, options);
      all.add(slot);
      if (closed) slot.kill();
      return slot;
    } catch (error) {
      release();
      throw error;
    }
  }

  function release(slot?: Slot): void {
    if (slot?.alive()) idle.set(slot.source, [...idle.get(slot.source) ?? [], slot]);
    else if (slot) all.delete(slot);
    const next = waiting.shift();
    if (next) next();
    else busy--;
  }

  const slots: Slots = {
    jobs: options.jobs,
    async hold(source, work) {
      const slot = await take(source);
      try {
        return await work(slot.ask);
      } finally {
        release(slot);
      }
    },
    ask: (source, request, parts, listener) => slots.hold(source, (ask) => ask(request, parts, listener)),
    close() {
      closed = true;
      for (const slot of all) slot.kill();
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
  return slots;
}

interface Slot {
  readonly source: string;
  readonly ask: Ask;
  alive(): boolean;
  kill(): void;
}

async function startSlot(source: string, options: SlotOptions): Promise<Slot> {
  const specifier = specifierOf(source, options.root);
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `ulimit -d ${options.limits.memoryMb * 1024}; exec "$0" "$@"`,
      ...commandOf(source, specifier, options),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    detached: true,
  }).spawn();
  const input = child.stdin.getWriter();
  const frames = readFrames(child.stdout);
  let dead: string | undefined;
  let tail = "";
  const errors = (async () => {
    const decoder = new TextDecoder();
    let line = "";
    for await (const chunk of child.stderr) {
      const text = decoder.decode(chunk, { stream: true });
      tail = (tail + text).slice(-TAIL);
      line += text;
      const lines = line.split("\n");
      line = lines.pop()!;
      for (const complete of lines) if (complete.trim() !== "") options.log(complete);
    }
  })().catch(() => {});

  async function fate(): Promise<string> {
    const given = dead;
    const status = await child.status;
    kill();
    await errors;
    if (/out of memory|memory allocation|Array buffer allocation|Cannot allocate/i.test(tail)) {
      return `it ran out of its ${options.limits.memoryMb} MiB`;
    }
    if (/not found in cache/.test(tail)) return "it is not installed: deno install fetches it";
    if (given) return given;
    if (status.signal) return `its process was ended by ${status.signal}`;
    return `its process ended with code ${status.code}`;
  }

  function kill(reason?: string): void {
    dead ??= reason ?? "it was ended";
    try {
      // The group: a program that the plugin started ends with its slot.
      Deno.kill(-child.pid, "SIGKILL");
    } catch { /* it is gone already */ }
  }

  async function next(
    doing: string,
    seconds = options.limits.silenceSeconds,
  ): Promise<Frame["head"] & { parts: readonly Uint8Array[] }> {
    const timer = setTimeout(() => kill(`it said nothing for ${seconds} s`), seconds * 1000);
    try {
      const { value, done } = await frames.next();
      if (!done) return { ...value.head, parts: value.parts } as Frame["head"] & { parts: readonly Uint8Array[] };
    } catch (error) {
      kill(`it wrote what is no message: ${(error as Error).message}`);
    } finally {
      clearTimeout(timer);
    }
    throw new Problem(`Cannot ${doing} with plugin "${source}" as ${await fate()}`, EXIT.incomplete);
  }

  const hello = await next("start a slot", Math.max(START_SECONDS, options.limits.silenceSeconds));
  if (hello.hello !== 1) {
    kill();
    throw new Problem(
      `Cannot load plugin "${source}": ${oneLine(String(hello.error ?? "it did not say hello"))}`,
      EXIT.plugin,
    );
  }

  let count = 0;
  return {
    source,
    alive: () => dead === undefined,
    kill,
    async ask(request, parts = [], listener) {
      const id = ++count;
      const doing = DOING[request.verb];
      try {
        await input.write(encodeFrame({ head: { id, request } as unknown as Frame["head"], parts }));
      } catch {
        dead ??= `it could not be written to`;
        throw new Problem(`Cannot ${doing} with plugin "${source}" as ${await fate()}`, EXIT.incomplete);
      }
      for (;;) {
        const frame = await next(doing).catch((error) => {
          kill();
          throw error;
        });
        if (frame.id !== id) {
          kill("it answered what was not asked");
          throw new Problem(
            `Cannot ${doing} with plugin "${source}" as it answered what was not asked`,
            EXIT.incomplete,
          );
        }
        if (typeof frame.progress === "number") listener?.progress?.(frame.progress);
        else if (typeof frame.checkpoint === "number") {
          try {
            await listener?.checkpoint?.(frame.checkpoint, new Uint8Array(frame.parts[0]));
          } catch (error) {
            // It would go on working for nobody.
            kill();
            throw error;
          }
        } else if (typeof frame.error === "string") {
          const Kind = frame.missing === true ? MissingData : Problem;
          throw new Kind(oneLine(frame.error), codeOf(request.verb, frame.code));
        } else return { value: frame.answer, parts: frame.parts };
      }
    },
  };
}

const DOING: Record<Request["verb"], string> = {
  describe: "describe items",
  options: "read options",
  fingerprint: "read a fingerprint",
  dataset: "load a dataset",
  build: "build a net",
  train: "train",
  replay: "replay a run",
  measure: "measure",
  prepare: "prepare an analysis",
  map: "map an analysis",
  rows: "hand over rows",
  reduce: "reduce an analysis",
  estimate: "estimate",
  conform: "check an estimator",
};

const ASIDE: readonly Request["verb"][] = ["measure", "prepare", "map", "rows", "reduce"];

/** Options, data and recordings may be the user's mistake, which ends the command; measuring and analysing never end the work of others. */
function codeOf(verb: Request["verb"], code: unknown): number {
  const blamed = code === EXIT.usage || code === EXIT.plugin || code === EXIT.environment;
  return blamed && !ASIDE.includes(verb) ? code : EXIT.incomplete;
}

function commandOf(source: string, specifier: string, options: SlotOptions): string[] {
  const { read: allowed = [], run = [], packages = [] } = rightsOf(source, options.sources);
  const read = [CORE.href, placeOf(specifier), TFJS_WASM].flatMap(folderOf).concat(options.data);
  for (const name of packages) read.push(...packageFolder(name));
  for (const path of allowed) read.push(fromFileUrl(new URL(path, toFileUrl(`${options.root}/`))));
  const programs = programsOf(run, options.root);
  return [
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--quiet",
    "--cached-only",
    `--config=${options.root}/deno.json`,
    `--allow-read=${read.join(",")}`,
    "--deny-net",
    runRight(programs),
    "--deny-env",
    "--deny-write",
    "--deny-ffi",
    "--deny-sys",
    new URL("execution/slot.ts", CORE).href,
    specifier,
    JSON.stringify(programs),
    ...options.data,
    options.root,
  ];
}

/** What the user granted the plugin of this source. */
export function rightsOf(source: string, sources: readonly PluginSource[]): Rights {
  const granted = sources.find((candidate) => typeof candidate === "object" && candidate.from === source);
  return typeof granted === "object" ? granted.allow ?? {} : {};
}

function runRight(programs: Programs): string {
  const paths = Object.values(programs).filter((path) => path !== null);
  return paths.length === 0 ? "--deny-run" : `--allow-run=${paths.join(",")}`;
}

/** The URL or npm specifier of a plugin source; paths are relative to the configuration. */
export function specifierOf(source: string, root: string): string {
  if (/^(npm|jsr|https?|file):/.test(source)) return source;
  return new URL(source, toFileUrl(`${root}/`)).href;
}

/** Where a plugin lies: a package of the workspace or of `links` has a folder, though its specifier names a registry. */
export function placeOf(specifier: string): string {
  return specifier.startsWith("jsr:") ? import.meta.resolve(specifier) : specifier;
}

/** Folder of a local module; one from elsewhere lies in the cache, which needs no right. */
function folderOf(specifier: string): string[] {
  return specifier.startsWith("file:") ? [fromFileUrl(new URL("./", specifier))] : [];
}

/** The folder of an installed npm package; none if it is missing, which the plugin then says itself. */
function packageFolder(name: string): string[] {
  try {
    return folderOf(import.meta.resolve(`${name}/package.json`));
  } catch {
    return [];
  }
}

function oneLine(text: string): string {
  return text.split("\n", 1)[0];
}
