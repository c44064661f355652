import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../core/contracts/ledger.ts";
import { CLAIMS } from "../../reports/claims.ts";
import { SMALL_SIZE, writeBareBundle, writeFixtureBundle } from "../site/fixture_bundle.ts";
import { inFolder, infoplane } from "./harness.ts";

Deno.test("infoplane ledger writes every claim of the bundles and of the configuration's list, and prints either", async () => {
  await inFolder(async (dir) => {
    const bundles = join(dir, "bundles");
    await writeFixtureBundle(bundles, SMALL_SIZE);
    await writeBareBundle(bundles);
    const lines = await infoplane(["ledger", "--bundles", bundles, "--out", dir]);
    assert.equal(lines.code, 0, lines.stderr);
    assert.match(lines.stdout, /^◆ dpi-chain +contradicted \(provisional\) .* · synthetic-plane, quick$/m);
    assert.match(lines.stdout, /^not tested yet: transition-order, layers-help, /m);
    assert.match(
      lines.stdout,
      /^0 supported, 2 contradicted, 3 undecided, 0 differ .*, 44 not tested yet; 5 provisional$/m,
    );

    const bytes = readFileSync(join(dir, "ledger", "ledger.json"));
    const digest = createHash("sha256").update(bytes).digest("hex");
    assert.ok(lines.stdout.endsWith(`sha256 ${digest.slice(0, 12)}\n`), lines.stdout);
    assert.deepEqual(readdirSync(join(dir, "ledger")).sort(), ["claims.csv", "claims.parquet", "ledger.json"]);

    const json = await infoplane(["ledger", "--bundles", bundles, "--out", dir, "--json"]);
    assert.equal(json.stdout, `${bytes}\n`);
    const { claims, bundles: from } = JSON.parse(json.stdout) as Ledger;
    assert.deepEqual(from.map(({ study }) => study), ["bare", "synthetic-plane"]);
    assert.deepEqual(
      claims.filter(({ apartFrom }) => apartFrom === undefined).map(({ id }) => id),
      CLAIMS.listed.map(({ id }) => id),
    );
  });
});

Deno.test("without a bundle there is no ledger", async () => {
  await inFolder(async (dir) => {
    const { code, stderr } = await infoplane(["ledger", "--out", dir]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^infoplane: Cannot make a ledger as .*bundles holds no bundle: infoplane reproduce makes one$/m,
    );
  });
});
