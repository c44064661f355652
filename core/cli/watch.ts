import { EXIT, Problem } from "../contracts/problem.ts";
import { interruptible } from "./interrupt.ts";

/** Files saved together count as one change. */
const SETTLE_MS = 200;

/** Written by Deno and by git, not by hand. */
const NOT_OURS = /[/\\](\.git|node_modules)[/\\]|[/\\]deno\.lock$/;

/**
 * Does work, and again whenever a file of the folder changes, until Ctrl-C; what goes wrong is said, and the next change tries again.
 *
 * @throws {Problem} When it is interrupted.
 */
export async function again(folder: string, work: () => Promise<void>): Promise<never> {
  for (;;) {
    using watcher = Deno.watchFs(folder);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem) || error.exitCode === EXIT.interrupted) throw error;
      console.error(`infoplane: ${error.message}`);
    }
    console.error(`Watching ${folder}: a change checks again, Ctrl-C ends`);
    await interruptible(watcher, () => changed(watcher));
  }
}

async function changed(watcher: Deno.FsWatcher): Promise<void> {
  for await (const { kind, paths } of watcher) {
    if (kind === "access" || paths.every((path) => NOT_OURS.test(path))) continue;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return;
  }
}
