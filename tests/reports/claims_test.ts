import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROTOCOL } from "../../core/claims/mod.ts";
import { testContext } from "../../core/testing.ts";
import plugin from "../../plugins/mod.ts";
import { CLAIMS } from "../../reports/claims.ts";

const IDS: readonly string[] = CLAIMS.listed.flatMap(({ id, apart = [] }) => [id, ...apart]);
const REPORTS = join(import.meta.dirname!, "..", "..", "reports");

Deno.test("the list has every claim of the slides once, no more than protocol 1 shares its error among", () => {
  assert.equal(CLAIMS.listed.length, 49);
  assert.ok(CLAIMS.listed.length <= PROTOCOL.claims);
  assert.equal(new Set(IDS).size, IDS.length);
  for (const { id, statement } of CLAIMS.listed) {
    assert.match(id, /^[a-z]+(-[a-z]+)*$/);
    assert.match(statement, /^[A-Z].*\.$/);
  }
  assert.deepEqual(CLAIMS.untestable.length, 3);
});

for (const analysis of plugin.analyses!) {
  Deno.test(`every claim that ${analysis.id} makes is on the list`, async () => {
    const planted = analysis.planted?.() ?? [];
    const told = planted.flatMap(({ verdicts = {} }) => Object.keys(verdicts));
    const one = planted.find(({ truth }) => truth === "positive")!;
    const read = await analysis.options["~standard"].validate(one.options ?? {}) as { value: unknown };
    const { claims = [] } = await analysis.reduce(one.rows, read.value, testContext().ctx);
    for (const id of [...told, ...claims.map(({ id }) => id)]) assert.ok(IDS.includes(id), id);
  });
}

Deno.test("every claim that a study of the repository is expected to give is on the list", () => {
  const studies = readdirSync(REPORTS).filter((name) => existsSync(join(REPORTS, name, "expected.json")));
  assert.ok(studies.length > 2);
  for (const study of studies) {
    const { profiles } = JSON.parse(readFileSync(join(REPORTS, study, "expected.json"), "utf8"));
    for (const { qualitative } of Object.values<{ qualitative: object }>(profiles)) {
      for (const id of Object.keys(qualitative)) assert.ok(IDS.includes(id), `${study}: ${id}`);
    }
  }
});
