import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Plan } from "../../../core/pipeline/plan.ts";
import { planOfShard, readShard, shardOf } from "../../../core/pipeline/shards.ts";

const keys = Array.from({ length: 3000 }, (_, i) => createHash("sha256").update(String(i)).digest("hex"));
const plan = { trials: keys.map((key) => ({ key })) } as unknown as Plan;

Deno.test("every net falls into exactly one of n shards, and shards are about equally large", () => {
  for (const count of [1, 2, 3, 7]) {
    const shards = Array.from({ length: count }, (_, i) => planOfShard(plan, { index: i + 1, count }).trials);
    assert.deepEqual(shards.flat().map(({ key }) => key).sort(), [...keys].sort());
    for (const { length } of shards) {
      const spread = Math.sqrt(keys.length * (1 / count) * (1 - 1 / count));
      assert.ok(Math.abs(length - keys.length / count) <= 4 * spread, `${length} of ${keys.length} in one of ${count}`);
    }
  }
});

Deno.test("the shard of a net is that of its key alone: other nets move it nowhere", () => {
  const fewer = { ...plan, trials: plan.trials.filter((_, i) => i % 5 === 0) };
  const [all, some] = [plan, fewer].map((one) => planOfShard(one, { index: 2, count: 3 }).trials.map(({ key }) => key));
  assert.deepEqual(some, all.filter((key) => fewer.trials.some((trial) => trial.key === key)));
  assert.equal(shardOf(keys[0], 3), Number(BigInt(`0x${keys[0].slice(0, 12)}`) % 3n) + 1);
});

Deno.test("readShard() refuses what is no shard", () => {
  assert.deepEqual(readShard("2/3"), { index: 2, count: 3 });
  for (const text of ["0/3", "4/3", "2", "2/", "/3", "a/b", "1.5/3", "-1/3"]) {
    assert.throws(() => readShard(text), /it must be i\/n with 1 <= i <= n/, text);
  }
});
