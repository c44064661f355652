import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder, infoplane, ROOT, writeTwoBits } from "./cli/harness.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");

/** The TypeScript of the README's section. */
function codeOf(heading: string): string {
  const section = README.split(`## ${heading}\n`)[1];
  return section.split("```ts\n")[1].split("```")[0];
}

Deno.test("the README's estimator runs as it stands and keeps its promises, from a folder of its own", async () => {
  await inFolder(async (dir) => {
    const { activations, labels } = writeTwoBits(dir);
    await Deno.writeTextFile(join(dir, "signs.ts"), codeOf("Add an estimator"));
    const args = ["estimate", "--activations", activations, "--labels", labels, "--json"];
    const said = await infoplane([...args, "--plugin", "./signs.ts", "--estimator", "acme/signs"], {
      env: { INIT_CWD: dir },
    });
    assert.equal(said.code, 0, said.stderr);
    const [row] = JSON.parse(said.stdout).rows;
    assert.deepEqual([row.ixt_bits, row.cells, row.status], [2, 4, "measured"]);
    const checked = await infoplane(["check", "./signs.ts"], { env: { INIT_CWD: dir } });
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  });
});

Deno.test("the README's study can be planned as it stands", async () => {
  await inFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "my_study.ts"), codeOf("Your own study"));
    const said = await infoplane([
      "plan",
      "./my_study.ts",
      "--profile",
      "smoke",
      "--store",
      join(dir, "store"),
      "--json",
    ], {
      env: { INIT_CWD: dir },
    });
    assert.equal(said.code, 0, said.stderr);
    const [study] = JSON.parse(said.stdout).studies;
    assert.equal(study.nets.total, 12);
  });
});

Deno.test("every file and task that the README names exists", () => {
  for (const [, path] of README.matchAll(/\]\(([^)#:]+)\)/g)) assert.ok(Deno.statSync(join(ROOT, path)), path);
  const { tasks } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  for (const [, task] of README.matchAll(/(?:deno|deno@2\.9\.6) task ([a-z]+)/g)) assert.ok(task in tasks, task);
});
