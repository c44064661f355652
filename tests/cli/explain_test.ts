import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../../core/contracts/problem.ts";
import { openStore, type Store } from "../../core/store/store.ts";
import { inFolder, infoplane } from "./harness.ts";

Deno.test("explain says what a key is, what it was made from, where it is, what uses it and what rests on it", async () => {
  await inFolder(async (dir) => {
    const at = ["--store", join(dir, "store")];
    const explain = async (key: string) => {
      const said = await infoplane(["explain", key, "--json", ...at]);
      assert.equal(said.code, 0, said.stderr);
      return JSON.parse(said.stdout);
    };
    const ran = await infoplane(["run", "information-plane", "--profile", "smoke", "--shard", "1/4", ...at]);
    assert.equal(ran.code, 0, ran.stderr);

    const store = await openStore(join(dir, "store"));
    const [trained] = await keysOf(store, "trial", () => true);
    const net = await explain(trained.slice(0, 8));
    assert.deepEqual([net.key, net.kind, net.dependents], [trained, "trial", { measure: 3 }]);
    assert.deepEqual(net.inputs.architecture.options.widths, [10, 7, 5, 4, 3]);
    const [{ extent, outcome, path, bytes, seconds, date }] = net.stored;
    assert.deepEqual([extent, outcome, existsSync(path)], [150, "done", true]);
    assert.ok(bytes > 0 && seconds >= 0 && Math.abs(Date.now() - Date.parse(date)) < 3_600_000);
    const own = net.uses.filter(({ study }: { study: string }) => study === "information-plane");
    assert.deepEqual(own.map(({ profile }: { profile: string }) => profile), ["smoke", "quick", "full"]);
    for (const { name, replicate } of own) assert.deepEqual([name, replicate], ["net", net.inputs.replicate]);

    const [measured] = await keysOf(store, "measure", ({ trial }) => trial === trained);
    const said = await infoplane(["explain", measured, ...at]);
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stdout, /is what an estimator found in a net\n {2}made from\n/);
    assert.match(said.stdout, /estimator\.id +"binning"\n/);
    assert.ok(said.stdout.includes(JSON.stringify(trained)), "the net is named");
    assert.match(said.stdout, /used by information-plane · smoke · (main|adam) replicate \d · binning \{/);

    const none = await infoplane(["explain", "0".repeat(64), ...at]);
    assert.deepEqual([none.code, /neither the store nor a configured study has one/.test(none.stderr)], [
      EXIT.usage,
      true,
    ]);
    const word = await infoplane(["explain", "main", ...at]);
    assert.deepEqual([word.code, /4 to 64 hexadecimal digits: it is "main"/.test(word.stderr)], [EXIT.usage, true]);
  });
});

async function keysOf(
  store: Store,
  kind: "trial" | "measure",
  fits: (inputs: { [name: string]: unknown }) => boolean,
): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, inputs } of store.list(kind)) if (fits(inputs)) keys.push(key);
  return keys;
}
