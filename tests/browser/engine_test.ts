import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { hasChromium, launchChromium, WITHOUT } from "./chromium.ts";
import { digest } from "./engine_page.ts";

async function bundle(platform: "browser" | "deno"): Promise<string> {
  const out = await Deno.makeTempFile({ suffix: ".mjs" });
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", `--platform=${platform}`, "-o", out, join(import.meta.dirname!, "engine_page.ts")],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return out;
}

let hasNode = true;
try {
  execFileSync("node", ["--version"]);
} catch {
  hasNode = false;
}

Deno.test({
  name: `Node trains to the same digest as Deno${hasNode ? "" : " (skipped: node is not installed)"}`,
  ignore: !hasNode,
  async fn() {
    const file = await bundle("browser");
    const script = `import(${JSON.stringify(`file://${file}`)}).then(async (m) => console.log(await m.digest()))`;
    const said = execFileSync("node", ["--input-type=module", "-e", script], { encoding: "utf8" });
    assert.equal(said.trim(), await digest());
    await Deno.remove(file);
  },
});

Deno.test({
  name: `Chromium trains to the same digest as Deno${WITHOUT}`,
  ignore: !hasChromium,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const file = await bundle("browser");
    const text = await Deno.readTextFile(file);
    await Deno.remove(file);
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) =>
        new URL(request.url).pathname === "/engine.mjs"
          ? new Response(text, { headers: { "content-type": "text/javascript" } })
          : new Response("<!doctype html><title>engine</title>", { headers: { "content-type": "text/html" } }),
    );
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${server.addr.port}/`);
      const found = await page.evaluate("import('/engine.mjs').then((m) => m.digest())");
      assert.equal(found, await digest());
    } finally {
      await browser.close();
      await server.shutdown();
    }
  },
});
