import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bundle, RunRecord } from "../core/contracts/bundle.ts";
import type { Column, Table } from "../core/contracts/rows.ts";
import { readBundle, writeBundle } from "../core/store/bundle.ts";
import { inFolder, infoplane } from "./cli/harness.ts";
import { OLD_BUNDLES } from "./old_bundles.ts";
import { judgeTwin } from "./oracles/verdict_twin.ts";

Deno.test("every bundle that is kept is listed, and there is one of each version", () => {
  const folders = readdirSync(join(import.meta.dirname!, "fixtures", "bundles"), { withFileTypes: true });
  assert.deepEqual(
    folders.filter((entry) => entry.isDirectory()).map(({ name }) => name).sort(),
    OLD_BUNDLES.map(({ name }) => name).sort(),
  );
  assert.ok(OLD_BUNDLES.some(({ name }) => name.startsWith("v1-")));
});

for (const { name, dir, digest } of OLD_BUNDLES) {
  Deno.test(`the bundle ${name} has its digest, and each of its tables the rows and columns it names`, async () => {
    const read = await readBundle(dir);
    assert.equal(read.digest, digest);
    assert.ok(read.bundle.files.length > 3);
    for (const { path, table, rows, columns, title } of read.bundle.files) {
      const found = await read.table(table!);
      assert.ok(rows! > 0, path);
      assert.deepEqual([found.rows.length, found.title, found.columns], [rows, title, columns], path);
    }
  });

  Deno.test(`the verdicts of the bundle ${name} follow from its rows by the rules of its protocol`, async () => {
    const { bundle, table } = await readBundle(dir);
    const trials = (await table("trials")).rows.filter(({ role }) => role === "main");
    const setting = '{"count":30,"range":[-1,1]}';
    const estimates = (await table("estimates")).rows.filter((row) => row.arm === "main" && row.setting === setting);
    const verdicts = new Set<string>();
    for (const claim of bundle.claims) {
      assert.equal(claim.protocol, 1);
      const twin = judgeTwin(
        claim.id as Parameters<typeof judgeTwin>[0],
        trials,
        estimates,
        bundle.problems[0].hxBits!,
      );
      assert.equal(claim.verdict, twin.verdict, claim.id);
      if (claim.low !== null) assert.ok(Math.abs(claim.low - twin.low) < 1e-6, `${claim.id}: ${claim.low}`);
      verdicts.add(claim.verdict);
    }
    assert.deepEqual([...verdicts].sort(), ["contradicted", "supported", "undecided"]);
  });

  Deno.test(`the study of the bundle ${name} can be planned from it alone`, async () => {
    await inFolder(async (store) => {
      const { bundle } = await readBundle(dir);
      const said = await infoplane(["plan", join(dir, "bundle.json"), "--store", store, "--json"]);
      assert.equal(said.code, 0, said.stderr);
      const [{ study, profile, nets }] = JSON.parse(said.stdout).studies;
      assert.deepEqual([study, profile, nets], [
        bundle.study.id,
        bundle.profile,
        { stored: 0, begun: 0, total: bundle.counts.trials },
      ]);
    });
  });

  Deno.test(`the bundle ${name} is read with a further column and table, and refused with a further member`, async () => {
    await inFolder(async (folder) => {
      const { bundle, run, table } = await readBundle(dir);
      const { format: _, version: __, files, ...contents } = bundle;
      const tables: Table[] = [];
      for (const file of files) tables.push(await table(file.table!));
      const later: Column = { name: "later", type: "boolean", unit: null, text: "What a later Infoplane added." };
      const wider = tables.map(({ columns, rows, ...rest }) => ({
        ...rest,
        columns: [...columns, later],
        rows: rows.map((row) => ({ ...row, later: true })),
      }));
      const further: Table = { name: "further", title: "Further", columns: [later], rows: [{ later: true }] };
      const copy = join(folder, "copy");
      await writeBundle(copy, { ...contents, tables: [...wider, further] }, run as RunRecord);
      const reread = await readBundle(copy);
      assert.equal((await reread.table("estimates")).rows[0].later, true);
      assert.equal((await reread.table("further")).rows.length, 1);

      const refusal = async (change: (bundle: Bundle) => unknown): Promise<string> => {
        const text = await readFile(join(dir, "bundle.json"), "utf8");
        await cp(dir, join(folder, "changed"), { recursive: true });
        await writeFile(join(folder, "changed", "bundle.json"), JSON.stringify(change(JSON.parse(text))));
        return await readBundle(join(folder, "changed")).then(() => "read", ({ message }) => message);
      };
      assert.match(await refusal((old) => ({ ...old, colour: "red" })), /must fit its schema: .*"colour"/);
      assert.match(
        await refusal((old) => ({ ...old, version: 99, colour: "red" })),
        /as its version must be at most 1: it is 99, of a newer Infoplane \(core\/VERSIONING\.md says what is read\)$/,
      );
    });
  });
}
