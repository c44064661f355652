/**
 * A program in any language that a slot asks for estimates, by protocol infoplane.external/1.
 *
 * @module
 */
import type { Context } from "../contracts/context.ts";
import type { Estimate } from "../contracts/estimator.ts";
import { encodeQuestion, type Question, readAnswer, readHello } from "./external_messages.ts";

/** A program that is started when it is first asked, answers any number of questions, and is started again after it failed. */
export interface ExternalProgram {
  /**
   * Asks it.
   *
   * @param path Where the program is.
   * @throws {Error} If it ends, is silent for too long or says what is no answer; with its last words on standard error.
   */
  ask(path: string, question: Question, ctx: Context): Promise<Estimate>;
  /** Ends it, if it runs. */
  end(): Promise<void>;
}

/** Starting a program and loading its libraries takes the machine's time. */
const START_SECONDS = 30;
/** Characters of a line: answers are short, and who writes without end is stopped. */
const LONGEST_LINE = 1 << 20;
const LAST_WORDS = 3;
/** How long to wait for the last words of a program that is gone, as another may hold its standard error. */
const LAST_WORDS_MS = 1000;

/**
 * Prepares a program.
 *
 * @param args Its arguments.
 * @param seconds A silence of so long, while it is asked, ends it.
 */
export function externalProgram(args: readonly string[], seconds: number): ExternalProgram {
  let running: Running | undefined;
  let hello: ReturnType<typeof readHello> | undefined;
  let count = 0;

  async function end(): Promise<void> {
    const ended = running;
    [running, hello] = [undefined, undefined];
    await ended?.kill();
  }

  async function answer(path: string, question: Question, { log, progress, signal }: Context): Promise<Estimate> {
    running ??= start(path, args, log);
    const { next, write } = running;
    hello ??= readHello(await next(Math.max(START_SECONDS, seconds), signal));
    if ("unavailable" in hello) {
      await running.kill();
      return { status: "skipped", reason: hello.unavailable, unavailable: true };
    }
    const id = ++count;
    write(encodeQuestion(id, question));
    for (;;) {
      const found = readAnswer(await next(seconds, signal), id, hello.program);
      if (typeof found !== "number") return found;
      await progress(found);
    }
  }

  return {
    end,
    async ask(path, question, ctx) {
      try {
        return await answer(path, question, ctx);
      } catch (error) {
        const words = running?.lastWords;
        await end();
        const said = await words?.();
        throw new Error(
          `Cannot estimate with ${path.split("/").at(-1)} as ${(error as Error).message}` +
            (said ? `; it said last: ${said}` : ""),
        );
      }
    },
  };
}

interface Running {
  /** Its next line; what it takes too long for, or ends without, is thrown. */
  next(seconds: number, signal: AbortSignal): Promise<string>;
  /** Hands bytes over; that they cannot be is seen when the answer is missing. */
  write(bytes: Uint8Array<ArrayBuffer>): void;
  kill(): Promise<void>;
  /** The last lines on its standard error, in one. */
  lastWords(): Promise<string>;
}

function start(path: string, args: readonly string[], log: (line: string) => void): Running {
  const child = new Deno.Command(path, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const input = child.stdin.getWriter();
  const lines = linesOf(child.stdout);
  const words: string[] = [];
  const errors = (async () => {
    for await (const line of linesOf(child.stderr)) {
      log(line);
      words.push(line.trim().slice(0, 200));
      if (words.length > LAST_WORDS) words.shift();
    }
  })().catch(() => {});

  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch { /* it is gone already */ }
  };
  globalThis.addEventListener("unload", kill);

  return {
    write(bytes) {
      input.write(bytes).catch(() => {});
    },
    async next(seconds, signal) {
      signal.throwIfAborted();
      let timer: ReturnType<typeof setTimeout> | undefined;
      let stop: (() => void) | undefined;
      const given = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`it said nothing for ${seconds} s`)), seconds * 1000);
        signal.addEventListener("abort", stop = () => reject(signal.reason));
      });
      try {
        const { value, done } = await Promise.race([lines.next(), given]);
        if (!done) return value;
        const { code, signal: by } = await Promise.race([child.status, given]);
        throw new Error(by ? `it was ended by ${by}` : `it ended with code ${code}`);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop!);
      }
    },
    async kill() {
      globalThis.removeEventListener("unload", kill);
      input.abort().catch(() => {});
      kill();
      await child.status;
    },
    async lastWords() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([errors, new Promise((resolve) => timer = setTimeout(resolve, LAST_WORDS_MS))]);
      clearTimeout(timer);
      return words.join(" | ");
    },
  };
}

/**
 * Lines of a stream as they come, without empty ones; a bar of progress ends its line by a carriage return.
 *
 * @throws {RangeError} If one is too long.
 */
async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, undefined> {
  let held = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (held + text).split(/[\r\n]+/);
    held = lines.pop()!;
    for (const line of lines) if (line.trim() !== "") yield line;
    if (held.length > LONGEST_LINE) {
      throw new RangeError(`its lines must be shorter than ${LONGEST_LINE} characters: one is longer`);
    }
  }
  if (held.trim() !== "") yield held;
}
