import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStore, type Store } from "../../../core/store/store.ts";
import { inFolder, ROOT } from "../../cli/harness.ts";
import { type LongRun, longRun, trialsIn } from "./long_run.ts";

const LONG_RUN = join(import.meta.dirname!, "long_run.ts");
const NEVER = 1e9;

/** Starts the run as a process, waits for a checkpoint, does a deed, and waits for the end. */
async function interrupted({ dir, checkpoints }: Store, deed: (host: Deno.ChildProcess) => void): Promise<void> {
  const host = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `--config=${join(ROOT, "deno.json")}`, LONG_RUN, dir],
    cwd: ROOT,
  }).spawn();
  while ((await checkpoints.list()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  deed(host);
  await host.status;
}

/** Processes that a process started, whichever of its threads did. */
function childrenOf({ pid }: Deno.ChildProcess): number[] {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)];
  const texts = threads.map(({ name }) => Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`));
  return texts.join(" ").split(" ").filter((text) => text.trim() !== "").map(Number);
}

async function assertWhole(store: Store, { run, lines }: LongRun, expected: unknown): Promise<void> {
  assert.deepEqual(run.failures, []);
  assert.deepEqual(await trialsIn(store), expected, lines.join("\n"));
  assert.deepEqual(await readdir(store.checkpoints.dir), [], "nothing is left over");
  assert.deepEqual(await Array.fromAsync(store.verify()), []);
}

Deno.test({
  name: "a run goes on within a net whose host or slot was killed, or whose checkpoint is no use, to the same bytes",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await inFolder(async (dir) => {
      const undisturbed = await openStore(join(dir, "undisturbed"));
      const { run, begun } = await longRun(undisturbed.dir, NEVER);
      assert.deepEqual([run.trained, begun, await undisturbed.checkpoints.list()], [2, 0, []]);
      const expected = await trialsIn(undisturbed);

      const deeds: { readonly [name: string]: (host: Deno.ChildProcess) => void } = {
        "host killed": (host) => host.kill("SIGKILL"),
        "slot killed": (host) => childrenOf(host).forEach((slot) => Deno.kill(slot, "SIGKILL")),
      };
      for (const [name, deed] of Object.entries(deeds)) {
        const store = await openStore(join(dir, name));
        await interrupted(store, deed);
        assert.ok((await trialsIn(store)).length < 2, name);
        const kept = await store.checkpoints.list();
        const again = await longRun(store.dir, NEVER);
        assert.deepEqual([kept.length, again.begun], [1, 1], name);
        const said = again.lines.filter((line) => line.startsWith("trial"));
        assert.equal(said.length, 1);
        assert.match(said[0], /^trial [0-9a-f]{12} \(main, replicate \d\): resumed in epoch \d+ of 3000$/);
        await assertWhole(store, again, expected);
      }

      const useless = await openStore(join(dir, "useless"));
      const [damaged, foreign] = expected;
      await useless.checkpoints.keep(foreign.key, 3000, { epoch: 7, bytes: new Uint8Array(100) });
      await writeFile(join(useless.checkpoints.dir, `${damaged.key}-3000`), "half a fi");
      const again = await longRun(useless.dir, NEVER);
      const said = again.lines.join("\n");
      assert.match(said, /: its checkpoint is not used as it is damaged; training starts anew/);
      assert.match(said, /^train: Cannot read checkpoint as safetensors .*; training starts anew$/m);
      await assertWhole(useless, again, expected);
    });
  },
});
