import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EXIT } from "../core/contracts/problem.ts";
import { readBundle } from "../core/store/bundle.ts";
import { missingFor } from "./core/store/python.ts";
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

Deno.test("the README's estimates of one's own activations run as they stand", async () => {
  const section = README.split("## Your own activations\n")[1].split("\n## ")[0];
  const commands = [...section.matchAll(/```sh\ndeno task infoplane ([^`]+)```/g)].map(([, text]) =>
    text.replaceAll("\\\n", " ").trim().split(/\s+/)
  );
  assert.equal(commands.length, 2);
  await inFolder(async (dir) => {
    const { activations } = writeTwoBits(dir);
    Deno.mkdirSync(join(dir, "epochs"));
    for (const epoch of [0, 1]) Deno.copyFileSync(activations, join(dir, "epochs", `epoch_${epoch}.npy`));
    Deno.writeTextFileSync(join(dir, "rows.csv"), "row,label\n0,0\n1,0\n2,1\n3,1\n");
    const [one, folder] = await Promise.all(commands.map((args) => infoplane(args, { env: { INIT_CWD: dir } })));
    assert.equal(one.code, 0, one.stderr);
    assert.match(one.stdout, /2\.000000 +1\.000000/);
    assert.equal(folder.code, 0, folder.stderr);
    const rows: { epoch: number; status: string }[] = JSON.parse(folder.stdout).rows;
    assert.deepEqual(
      rows.map(({ epoch, status }) => [epoch, status]),
      [0, 0, 1, 1].map((epoch) => [epoch, "measured"]),
    );
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

Deno.test("the README's own run goes from a recording to a page; PyTorch records it where it is installed", async () => {
  await inFolder(async (dir) => {
    const section = README.split("## Your own run\n")[1].split("\n## ")[0];
    const [record, study] = section.split("```sh\n")[1].split("```")[0].trim().split("\n").map((line) => {
      const words = line.split("#")[0].trim().split(" ");
      return words.map((word) => word === "my-run" ? join(dir, word) : word === "." ? dir : word);
    });
    assert.deepEqual(record.slice(0, 2), ["python3", "examples/record-pytorch/train.py"]);
    if (missingFor(["torch", "safetensors"])) {
      await cp(join(ROOT, "tests/fixtures/recorded/my-run"), join(dir, "my-run"), { recursive: true });
    } else {
      const { code, stderr } = await new Deno.Command(record[0], {
        args: record.slice(1),
        cwd: ROOT,
        env: { PYTHONDONTWRITEBYTECODE: "1" },
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    }
    assert.deepEqual(study.slice(0, 2), ["deno", "task"]);
    const said = await infoplane([...study.slice(2), "--store", join(dir, "store"), "--out", join(dir, "out")]);
    assert.equal(said.code, EXIT.nothing, said.stdout + said.stderr);
    const { bundle, table } = await readBundle(join(dir, "out", "bundles", "my-run-quick"));
    assert.equal(bundle.problems[0].ixyBits, 1, "the parity is one bit of the input");
    const last = (await table("trials")).rows.map((
      { test_accuracy, train_accuracy },
    ) => [test_accuracy, train_accuracy]);
    assert.deepEqual(last, [[null, 1], [null, 1]], "it is learned, and there are no test rows");
    const output = (await table("estimates")).rows.filter(({ epoch, layer }) => epoch === 100 && layer === 2);
    for (const { ity_bits } of output) assert.equal(ity_bits, 1);
    const page = await readFile(join(dir, "out/site/studies/my-run-quick/index.html"), "utf8");
    assert.match(
      page,
      /trained by another program, in batches of all training rows, and recorded up to epoch 100 \(PyTorch/,
    );
  });
});

Deno.test("every file and task that the README names exists", () => {
  for (const [, path] of README.matchAll(/\]\(([^)#:]+)\)/g)) assert.ok(Deno.statSync(join(ROOT, path)), path);
  const { tasks } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  for (const [, task] of README.matchAll(/(?:deno|deno@2\.9\.6) task ([a-z][a-z0-9:]*)/g)) {
    assert.ok(task in tasks, task);
  }
});
