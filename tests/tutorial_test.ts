import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inFolder, ROOT } from "./cli/harness.ts";

const TUTORIAL = readFileSync(join(ROOT, "examples/TUTORIAL.md"), "utf8");

/** Blocks in order: commands, or the whole of a file, which the line before names. */
const BLOCKS = [...TUTORIAL.matchAll(/(?:The whole of `([\w.]+)`:\s+)?```(sh|ts)\n([\s\S]*?)```/g)].map(
  ([, file, language, text]) => ({ file, language, text }),
);

const COMMANDS = BLOCKS.filter(({ language }) => language === "sh").flatMap(({ text }) => text.trim().split("\n"));

Deno.test("the tutorial needs at most ten commands", () => {
  assert.ok(COMMANDS.length >= 5 && COMMANDS.length <= 10, COMMANDS.join("\n"));
});

Deno.test("the tutorial goes from an empty folder to a checked estimator that agrees with the built-in one", async () => {
  const script = BLOCKS.map(({ file, language, text }, i) => {
    if (language === "sh") return text.replace("CHECKOUT=~/infoplane", `CHECKOUT='${ROOT}'`);
    assert.ok(file, `block ${i} is the whole of a file`);
    return `cat > ${file} <<'END_OF_FILE'\n${text}END_OF_FILE\n`;
  });
  await inFolder(async (dir) => {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", ["set -euo pipefail; unset INIT_CWD", ...script].join("\n")],
      cwd: dir,
      env: { NO_COLOR: "1", PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}` },
    }).output();
    const [said, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(code, 0, said + errors);
    assert.match(said, /✓ gives the same answer for the same stream/);
    assert.match(said, /applicable.*, none failed\n/);
    assert.match(said, /4 passed/);
    const bits = (id: string) => Number(said.match(new RegExp(`^${id} +\\S+ +(\\d\\.\\d+) `, "m"))?.[1]);
    assert.ok(bits("ksg") > 0.05);
    assert.equal(bits("acme/knn"), bits("ksg"));
  });
});
