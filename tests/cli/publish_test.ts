import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readBundle } from "../../core/store/bundle.ts";
import { publishBundle } from "../../core/pipeline/published.ts";
import { FULL_SIZE, SMALL_SIZE, writeFixtureBundle } from "../site/fixture_bundle.ts";
import { inFolder, infoplane } from "./harness.ts";

Deno.test("publish keeps the last results beside the study, and site build --published renders them", async () => {
  await inFolder(async (dir) => {
    const { study } = await writeFixtureBundle(join(dir, "out", "bundles"), SMALL_SIZE);
    await writeFile(join(dir, "study.ts"), `export default ${JSON.stringify(study)};\n`);
    await writeFile(
      join(dir, "infoplane.config.ts"),
      `export default { plugins: [], studies: ["./study.ts"] };\n`,
    );
    const places = ["--config", join(dir, "infoplane.config.ts"), "--out", join(dir, "out")];
    const site = ["site", "build", "--published", ...places];
    const none = await infoplane(site);
    assert.deepEqual([none.code, /no configured study has a published bundle/.test(none.stderr)], [2, true]);

    const args = ["publish", study.id, "--profile", "quick", ...places];
    const said = await infoplane(args);
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stdout, /synthetic-plane · quick · [\d.]+ kB in .*published · whole/);
    const { digest } = await readBundle(join(dir, "published"));

    const expected = (digest: string) => ({
      format: "infoplane.expected",
      version: 1,
      study: study.id,
      profiles: { quick: { digest, files: {}, verdicts: {} } },
    });
    await writeFile(join(dir, "expected.json"), JSON.stringify(expected("0".repeat(64))));
    const other = await infoplane(args);
    assert.deepEqual([other.code, /must be what is expected: .* not to 000000000000/.test(other.stderr)], [2, true]);
    await writeFile(join(dir, "expected.json"), JSON.stringify(expected(digest)));
    assert.equal((await infoplane(args)).code, 0);

    const built = await infoplane(site);
    assert.equal(built.code, 0, built.stderr);
    assert.ok(existsSync(join(dir, "out", "site", "studies", "synthetic-plane-quick", "index.html")));
  });
});

Deno.test("the page of a thinned bundle says how many snapshots a decade it holds, and of which bundle", async () => {
  await inFolder(async (dir) => {
    await writeFixtureBundle(dir, FULL_SIZE);
    const whole = join(dir, "synthetic-plane-quick");
    const { digest } = await readBundle(whole);
    const { perDecade } = await publishBundle(whole, join(dir, "thin", "synthetic-plane-quick"), 700_000);
    const said = await infoplane(["site", "build", "--bundles", join(dir, "thin"), "--out", join(dir, "out")]);
    assert.equal(said.code, 0, said.stderr);
    const page = join(dir, "out", "site", "studies", "synthetic-plane-quick", "index.html");
    const html = await readFile(page, "utf8");
    assert.match(html, new RegExp(`Figures and tables here hold ${perDecade} snapshots? a decade`));
    assert.ok(html.includes(digest));
  });
});
