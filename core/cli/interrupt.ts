import { EXIT, Problem } from "../contracts/problem.ts";

/**
 * Does work that one Ctrl-C ends: slots are stopped, what is stored stays, and the exit code is 130.
 *
 * @param slots What to close then.
 *
 * `deno task` passes one key press on twice; the second within two seconds is the same one.
 */
export async function interruptible<Result>(slots: { close(): void }, work: () => Promise<Result>): Promise<Result> {
  let pressed = -Infinity;
  let stop: (problem: Problem) => void;
  const stopped = new Promise<never>((_, reject) => stop = reject);
  stopped.catch(() => {});
  const onSignal = () => {
    const now = performance.now();
    if (now - pressed < 2000) return;
    if (pressed > 0) Deno.exit(EXIT.interrupted);
    pressed = now;
    stop(new Problem("Interrupted: what is done is stored; the same command goes on from there", EXIT.interrupted));
    slots.close();
  };
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  }
}
