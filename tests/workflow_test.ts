import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { chmod, cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EXIT } from "../core/contracts/problem.ts";
import { inFolder, ROOT } from "./cli/harness.ts";

const WORKFLOW = readFileSync(join(ROOT, ".github", "workflows", "reproduce.yml"), "utf8");

/** The commands of a workflow's `run:` steps: on the line itself, or folded (`>-`) or literal (`|`) on those below. */
function stepsOf(workflow: string): string[] {
  const lines = workflow.split("\n");
  return lines.flatMap((line, i) => {
    const [, before, text] = /^([\s-]*)run: (.*)$/.exec(line) ?? [];
    if (text === undefined) return [];
    if (!/^[>|]-?$/.test(text)) return [text];
    const rest = lines.slice(i + 1);
    const end = rest.findIndex((one) => one.trim() !== "" && one.search(/\S/) <= before.length);
    const block = rest.slice(0, end < 0 ? rest.length : end).map((one) => one.trim()).filter((one) => one !== "");
    return [block.join(text.startsWith(">") ? " " : "\n")];
  });
}

/** The files of this checkout as they stand, in a folder of their own, with the packages that are installed here. */
async function checkOut(dir: string): Promise<void> {
  const git = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: ROOT,
  }).output();
  for (const path of new TextDecoder().decode(git.stdout).split("\0").filter((one) => existsSync(join(ROOT, one)))) {
    if (path === "" || !statSync(join(ROOT, path)).isFile()) continue;
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await cp(join(ROOT, path), join(dir, path));
  }
  await symlink(join(ROOT, "node_modules"), join(dir, "node_modules"));
}

/** Runs the steps of the workflow in a checkout, where `npx --yes deno@…` is the Deno that runs this test. */
async function runSteps(dir: string, steps: readonly string[], env: Record<string, string>) {
  const bin = join(dir, "..", "bin");
  await mkdir(bin, { recursive: true });
  const npx = `#!/bin/sh\n[ "$1 \${2%%@*}" = "--yes deno" ] || exit 99\nshift 2\nexec "${Deno.execPath()}" "$@"\n`;
  await writeFile(join(bin, "npx"), npx);
  await chmod(join(bin, "npx"), 0o755);
  for (const step of steps) {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-e", "-o", "pipefail", "-c", step],
      cwd: dir,
      // deno task keeps the folder of a task around it.
      env: { ...env, INIT_CWD: dir, NO_COLOR: "1", PATH: `${bin}:${Deno.env.get("PATH")}` },
    }).output();
    if (code !== 0) return { code, said: new TextDecoder().decode(new Uint8Array([...stdout, ...stderr])) };
  }
  return { code: 0, said: "" };
}

Deno.test("the workflow's steps are those that a reader sees", () => {
  assert.deepEqual(stepsOf(WORKFLOW).map((step) => step.replace(/\d+\.\d+\.\d+/, "X")), [
    'npx --yes deno@X task reproduce $STUDIES --profile "$PROFILE" --junit out/reproduce.xml --markdown "$GITHUB_STEP_SUMMARY"',
  ]);
  assert.deepEqual(stepsOf("- run: a\n- name: b\n  run: |\n    c\n    d\n- uses: e\n"), ["a", "c\nd"]);
});

Deno.test("the steps of the workflow run here: they pass, leave a site and reports, and fail once a verdict is another", async () => {
  await inFolder(async (folder) => {
    const dir = join(folder, "checkout");
    await checkOut(dir);
    const summary = join(folder, "summary.md");
    const env = { PROFILE: "smoke", STUDIES: "information-plane", GITHUB_STEP_SUMMARY: summary };
    const steps = stepsOf(WORKFLOW);
    const passed = await runSteps(dir, steps, env);
    assert.equal(passed.code, 0, passed.said);
    assert.ok(existsSync(join(dir, "out", "site", "index.html")));
    assert.match(
      await readFile(join(dir, "out", "reproduce.xml"), "utf8"),
      /name="information-plane smoke" .*failures="0"/,
    );
    assert.match(await readFile(summary, "utf8"), /\| information-plane \| smoke \|.*\| as expected \|/);

    const path = join(dir, "reports", "information-plane", "expected.json");
    const expected = JSON.parse(await readFile(path, "utf8"));
    expected.profiles.smoke.qualitative["two-phases"] = "supported";
    await writeFile(path, JSON.stringify(expected));
    const failed = await runSteps(dir, steps, env);
    assert.equal(failed.code, EXIT.differs, failed.said);
    assert.match(await readFile(join(dir, "out", "reproduce.xml"), "utf8"), /<failure message="1 not as expected">/);
    assert.match(await readFile(summary, "utf8"), /claim two-phases: expected supported, came undecided/);
  });
});
