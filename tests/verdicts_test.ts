import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Bundle, Verdict } from "../core/contracts/bundle.ts";
import { readBundleFile } from "../core/store/bundle.ts";
import { wrongVerdictAgain } from "./oracles/verdict_twin.ts";
import { FULL_SIZE, SMALL_SIZE, writeFixtureBundle } from "./site/fixture_bundle.ts";

const REPORTS = join(import.meta.dirname!, "..", "reports");

/** Folders of the bundles that stand below `reports/<study>/published`. */
function published(): string[] {
  return readdirSync(REPORTS, { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => name === "bundle.json" && /[/\\]published([/\\]|$)/.test(parentPath))
    .map(({ parentPath }) => parentPath).sort();
}

/** How often each verdict was reached again in a bundle. */
function again({ claims }: Pick<Bundle, "claims">): Map<Verdict, number> {
  const reached = new Map<Verdict, number>();
  for (const claim of claims) {
    const wrong = wrongVerdictAgain(claim, (verdict) => reached.set(verdict, (reached.get(verdict) ?? 0) + 1));
    assert.equal(wrong, undefined, claim.id);
  }
  return reached;
}

Deno.test("every verdict of a made-up bundle is reached again from counted θ and rules alone", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const { claims } = await writeFixtureBundle(dir, { ...FULL_SIZE, widths: SMALL_SIZE.widths });
    assert.deepEqual([...again({ claims }).keys()].sort(), ["contradicted", "supported", "undecided"]);
    const diffusion = claims.find(({ id }) => id === "weight-diffusion")!;
    assert.equal(diffusion.verdict, "undecided", "a control passes");

    const wrong = (change: object, id = "weight-diffusion") => {
      const claim = claims.find((claim) => claim.id === id)!;
      return wrongVerdictAgain({ ...claim, ...change }, () => {});
    };
    assert.match(wrong({ verdict: "contradicted" }, "two-phases")!, /it is contradicted: θ says supported/);
    assert.match(wrong({ verdict: "supported" })!, /its parts together say|no cause may be named/);
    assert.match(wrong({ verdict: "contradicted" })!, /it is contradicted: its parts together say supported/);
    assert.match(wrong({ controls: diffusion.controls!.slice(1) })!, /its parts together say supported/);
    assert.match(
      wrong({ parts: diffusion.parts!.map((part) => ({ ...part, verdict: "contradicted" })) })!,
      /under α of layer 1, sgd it is contradicted: θ says supported/,
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

const bundles = published();
Deno.test({
  name: `published bundles are judged again${bundles.length > 0 ? "" : " (skipped: no study has a published bundle)"}`,
  ignore: bundles.length === 0,
  async fn(t) {
    for (const dir of bundles) {
      await t.step(relative(REPORTS, dir), async () => {
        const { bundle } = await readBundleFile(dir, "bundle.json");
        const reached = again(bundle);
        assert.ok(bundle.claims.length === 0 || reached.size > 0, "no claim can be judged again");
      });
    }
  },
});
