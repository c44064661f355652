import assert from "node:assert/strict";
import { join } from "node:path";
import { readBundle } from "../../core/store/bundle.ts";
import { inFolder, infoplane } from "./harness.ts";

Deno.test("the calibration shows neighbours lost in 16 + 16 dimensions, and InfoNCE below log₂ of its batch", async () => {
  await inFolder(async (dir) => {
    const places = ["--store", join(dir, "store"), "--out", join(dir, "out"), "--no-site"];
    const said = await infoplane(["reproduce", "calibration", "--profile", "smoke", ...places]);
    assert.equal(said.code, 0, said.stdout + said.stderr);
    const { table, bundle } = await readBundle(join(dir, "out", "bundles", "calibration-smoke"));
    const { rows } = await table("calibration");
    const of = (arm: string, measurement: string) => {
      const row = rows.find((row) => row.arm === arm && row.measurement === measurement && row.quantity === "I(X;T)")!;
      return row as Record<string, number> & { readonly flagged: unknown };
    };
    assert.equal(of("pair-1", "ksg, form 1").flagged, false);
    const lost = of("pairs16-8", "ksg, form 1");
    assert.ok(lost.flagged && lost.error_high95_bits < -6, `${lost.error_bits}`);
    const capped = of("pair-8", "infonce");
    assert.ok(Math.abs(capped.truth_bits - 8) < 1e-6 && capped.ceiling_bits === 4);
    assert.ok(capped.flagged && capped.estimate_bits < 4 && capped.estimate_bits > 2, `${capped.estimate_bits}`);
    const exact = of("pair-8", "gaussian");
    assert.ok(!exact.flagged && Math.abs(exact.error_bits) < 0.1, `${exact.error_bits}`);
    assert.equal(bundle.counts.failed, 0);
  });
});
