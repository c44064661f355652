import assert from "node:assert/strict";
import { unlessMissing } from "../../core/cli/missing.ts";
import { MissingData, Problem } from "../../core/contracts/problem.ts";
import { LIMITS, openSlots } from "../../core/execution/slots.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const MISSING = "Cannot find batch.bin in /nowhere: get it with deno task data:batch";

Deno.test("a study whose data are missing is left out with its command where all are asked for, and refused by name", async () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const lacks = () => Promise.reject(new MissingData(MISSING));
  await unlessMissing([], "pictures", log, lacks);
  assert.deepEqual(lines, [`pictures · skipped: ${MISSING}`]);
  await assert.rejects(unlessMissing(["pictures"], "pictures", log, lacks), { message: MISSING, exitCode: 2 });
  await assert.rejects(
    unlessMissing([], "pictures", log, () => Promise.reject(new Problem("Cannot plan"))),
    /Cannot plan/,
  );
  let done = false;
  await unlessMissing([], "pictures", log, () => Promise.resolve(void (done = true)));
  assert.ok(done && lines.length === 1);
});

Deno.test("that data are missing crosses from a plugin's process", async () => {
  // No folder is granted here, so that CIFAR-10 cannot be found even where it was fetched.
  const sources = ["./plugins/mod.ts"];
  const slots = openSlots({ root: ROOT, sources, data: [], jobs: 1, limits: LIMITS, log: () => {} });
  try {
    const dataset = { id: "cifar10", options: { normalisation: "zero-one" } };
    await assert.rejects(
      slots.ask("./plugins/mod.ts", { verb: "dataset", dataset, chance: { seed: 1, replicate: 0 } }),
      (error) => error instanceof MissingData && /get it with deno task data:cifar10/.test(error.message),
    );
  } finally {
    slots.close();
  }
});
