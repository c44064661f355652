import assert from "node:assert/strict";
import { join } from "node:path";
import { toFileUrl } from "../../core/execution/paths.ts";
import { inFolder, infoplane, ROOT } from "./harness.ts";

const SIGNS = join(ROOT, "examples/sign-patterns/mod.ts");

Deno.test("two plugins that bring the same id are refused in one line that names both: exit code 3", async () => {
  await inFolder(async (dir) => {
    Deno.copyFileSync(SIGNS, join(dir, "copy.ts"));
    const said = await infoplane(["list", "--plugin", SIGNS, "--plugin", "./copy.ts"], { env: { INIT_CWD: dir } });
    assert.equal(said.code, 3, said.stdout);
    const [first, second] = [SIGNS, join(dir, "copy.ts")].map((path) => toFileUrl(path).href);
    assert.equal(
      said.stderr.trim(),
      `infoplane: Cannot load plugin "${second}" as estimator "acme/sign-patterns" is taken: by "${first}"`,
    );
  });
});

Deno.test("a plugin of another API is refused in one line that says what to do: exit code 3", async () => {
  await inFolder(async (dir) => {
    Deno.writeTextFileSync(join(dir, "mod.ts"), Deno.readTextFileSync(SIGNS).replace("api: 1", "api: 2 as 1"));
    const said = await infoplane(["list", "--plugin", "./mod.ts"], { env: { INIT_CWD: dir } });
    assert.equal(said.code, 3, said.stdout);
    assert.match(
      said.stderr.trim(),
      /^infoplane: Cannot load plugin "file:.*": Cannot use plugin "acme\/sign-patterns" as its plugin API must be at most 1: it is 2, of a newer Infoplane \(core\/VERSIONING\.md says what is read\)$/,
    );
  });
});
