import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../../core/contracts/problem.ts";
import { bundleDigest, inFolder, infoplane } from "./harness.ts";

const STUDY = "information-plane";
const AT = [STUDY, "--profile", "smoke"];

Deno.test("three shards in stores of their own make the bundle of one run; a shard that is missing is named", async () => {
  await inFolder(async (dir) => {
    const stores = [1, 2, 3].map((i) => join(dir, `store-${i}`));
    let trained = 0;
    for (const [i, store] of stores.entries()) {
      const verb = i === 0 ? "reproduce" : "run";
      const said = await infoplane([verb, ...AT, "--shard", `${i + 1}/3`, "--store", store, "--json"]);
      assert.equal(said.code, 0, said.stderr);
      const [result] = JSON.parse(said.stdout).results;
      assert.equal(result.shard, `${i + 1}/3`);
      trained += result.trained;
    }
    assert.equal(trained, 8, "no net is trained twice");

    const collect = (...from: string[]) =>
      infoplane([
        "collect",
        ...AT,
        "--no-site",
        ...["--shards", "3", "--store", join(dir, "store"), "--out", join(dir, "out")],
        ...from.flatMap((one) => ["--from", one]),
      ]);
    const first = await collect(stores[0], stores[2]);
    assert.equal(first.code, EXIT.incomplete);
    assert.match(first.stderr, /information-plane · smoke · shard 2\/3: \d+ nets \((main|adam) replicate \d/);
    assert.doesNotMatch(first.stderr, /shard [13]\/3:/);
    assert.match(first.stderr, /Cannot collect as every result must be there: \d+ are missing/);
    assert.throws(() => readdirSync(join(dir, "out", "bundles")), "nothing is made of a part");

    const none = await collect(join(dir, "nowhere"));
    assert.deepEqual([none.code, /must be a store: it is none/.test(none.stderr)], [EXIT.usage, true]);

    const all = await collect(stores[1]);
    assert.equal(all.code, 0, all.stdout + all.stderr);
    assert.match(all.stdout, /0 trained, 8 reused/);
    const whole = ["--store", join(dir, "whole"), "--out", join(dir, "whole-out"), "--no-site"];
    assert.equal((await infoplane(["reproduce", ...AT, ...whole])).code, 0);
    const [collected, once] = ["out", "whole-out"].map((out) => bundleDigest(join(dir, out), `${STUDY}-smoke`));
    assert.equal(collected, once);
  });
});

Deno.test("a shard that is none is refused on the command line", async () => {
  const said = await infoplane(["run", ...AT, "--shard", "4/3"]);
  assert.deepEqual([said.code, /it must be i\/n with 1 <= i <= n/.test(said.stderr)], [EXIT.usage, true]);
});
