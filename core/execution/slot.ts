/**
 * The program of a slot: a process of its own, with few rights, that imports one plugin and does what the host asks.
 *
 * Standard input and output carry frames; the console goes to standard error; the end of standard input ends the slot, whatever it is
 * waiting for. This
 * is the one place where a plugin is imported: by a computed specifier, because imports of the main module's static graph
 * are read without permission.
 *
 * @module
 */
import { encodeFrame, readFrames } from "./frames.ts";
import type { Request } from "./messages.ts";
import { createWork, type Work } from "./work.ts";

const [specifier, programs, ...data] = Deno.args;
const output = Deno.stdout.writable.getWriter();
const say = (head: Record<string, unknown>, parts: readonly Uint8Array[] = []): Promise<void> =>
  output.write(encodeFrame({ head: head as Parameters<typeof encodeFrame>[0]["head"], parts }));

const stderr = new TextEncoder();
const write = (...words: unknown[]) => {
  const line = words.map((word) => typeof word === "string" ? word : Deno.inspect(word)).join(" ");
  Deno.stderr.writeSync(stderr.encode(`${line}\n`));
};
for (const name of ["log", "info", "warn", "error", "debug"] as const) console[name] = write;

const requests = readFrames(Deno.stdin.readable);
let work: Work;
try {
  const module = await import(specifier);
  work = createWork(module.default, { data, programs: JSON.parse(programs), log: write });
  await say({ hello: 1 });
} catch (error) {
  await say({ error: messageOf(error) });
  Deno.exit(3);
}

for (let coming = requests.next();;) {
  const { value, done } = await coming;
  if (done) Deno.exit();
  coming = requests.next();
  coming.then(({ done }) => {
    if (done) Deno.exit();
  });
  const { head, parts } = value;
  const { id, request } = head as unknown as { id: number; request: Request };
  let told = performance.now();
  const progress = async (done: number) => {
    const now = performance.now();
    if (now - told < 200) return;
    told = now;
    await say({ id, progress: done });
  };
  const keep = (epoch: number, bytes: Uint8Array) => say({ id, checkpoint: epoch }, [bytes]);
  try {
    const answer = await work.do(request, parts, progress, keep);
    await say({ id, answer: answer.value }, answer.parts);
  } catch (error) {
    const { exitCode = null, missing = false } = error as { exitCode?: number; missing?: boolean };
    await say({ id, error: messageOf(error), code: exitCode, ...(missing ? { missing } : {}) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
