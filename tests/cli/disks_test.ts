import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder, infoplane, ROOT } from "./harness.ts";

const STUDY = "information-plane";
const CHECK = join(ROOT, "tests/core/store/checking.ts");

/** What a run said in a store on a file system of its own, and what the store held before and after. */
interface Mounted {
  readonly code: number;
  readonly stderr: string;
  readonly before: string;
  readonly after: { readonly entries: number; readonly damage: readonly unknown[]; readonly unfinished: number };
}

/** Runs the smoke profile into a store on a tmpfs, after `first`, which may fill or lock it. MNT stands for its folder. */
function runOnMount(dir: string, size: string, first: string): Mounted {
  const mount = join(dir, "mount");
  Deno.mkdirSync(mount);
  const check = `deno run -A --quiet ${CHECK} MNT`;
  const run = `deno run -A --quiet --config=${join(ROOT, "deno.json")} ${join(ROOT, "core/cli/main.ts")} ` +
    `reproduce ${STUDY} --profile smoke --no-site --jobs 1 --store MNT --out ${join(dir, "out")}`;
  const script =
    `mount -t tmpfs -o size=${size} tmpfs MNT; ${first}; ${check}; ${run} >/dev/null; code=$?; ${check}; exit $code`;
  const { code, stdout, stderr } = new Deno.Command("unshare", {
    args: ["-rm", "sh", "-c", script.replaceAll("MNT", mount)],
    env: { NO_COLOR: "1" },
    cwd: ROOT,
  }).outputSync();
  const lines = new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line.startsWith("{"));
  return { code, stderr: new TextDecoder().decode(stderr).trim(), before: lines[0], after: JSON.parse(lines.at(-1)!) };
}

const allowed = (() => {
  try {
    const args = ["-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"];
    return new Deno.Command("unshare", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
})();

function mountTest(name: string, test: (dir: string) => Promise<void> | void): void {
  const told = allowed ? name : `${name} (skipped: no mounts of our own)`;
  Deno.test(told, { ignore: !allowed }, () => inFolder(async (dir) => await test(dir)));
}

mountTest("reproduce on a full disk: exit 2, one line, and every entry that is there verifies", (dir) => {
  const { code, stderr, after } = runOnMount(dir, "600k", "true");
  assert.equal(code, 2);
  assert.match(
    stderr.split("\n").at(-1)!,
    /^infoplane: Cannot write the store .* as its disk must have room: the disk is full$/,
  );
  assert.equal(stderr.includes("    at "), false, stderr);
  assert.deepEqual([after.damage, after.unfinished], [[], 0]);
});

mountTest("reproduce into a read-only store: exit 2, one line, and an unchanged store", (dir) => {
  const putting = join(ROOT, "tests/core/store/putting.ts");
  const { code, stderr, before, after } = runOnMount(
    dir,
    "4m",
    `deno run -A --quiet ${putting} MNT first 2 10 && mount -o remount,ro MNT`,
  );
  assert.equal(code, 2);
  assert.match(
    stderr.split("\n").at(-1)!,
    /^infoplane: .* must be a folder that can be written: the file system is read-only$/,
  );
  assert.deepEqual(JSON.parse(before), after);
});

Deno.test("a store that is a file: exit 2 and one line", async () => {
  await inFolder(async (dir) => {
    const file = join(dir, "store");
    await Deno.writeTextFile(file, "mine");
    const said = await infoplane([
      "reproduce",
      STUDY,
      "--profile",
      "smoke",
      "--no-site",
      "--store",
      file,
      "--out",
      dir,
    ]);
    assert.equal(said.code, 2);
    assert.match(said.stderr.trim(), /^infoplane: Cannot .*store/);
    assert.equal(said.stderr.trim().split("\n").length, 1, said.stderr);
    assert.equal(await Deno.readTextFile(file), "mine");
  });
});
