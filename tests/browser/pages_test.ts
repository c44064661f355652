import assert from "node:assert/strict";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { serve } from "../../site/serve.ts";
import { SMALL_SIZE, writeBareBundle, writeFixtureBundle } from "../site/fixture_bundle.ts";
import { hasChromium, launchChromium, WITHOUT } from "./chromium.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const STUDY = "studies/synthetic-plane-quick/";
const PAGES = ["", STUDY, "studies/bare-smoke/", "claims/", "about/", "nowhere/"].concat(
  ["", "versions/", "core/numerics/", "core/browser/", "estimators/binning/", "datasets/law/"].map((path) =>
    `reference/${path}`
  ),
);
const LAYERS = SMALL_SIZE.widths.length + 1;

async function build(dir: string): Promise<string> {
  const [bundles, out] = [join(dir, "bundles"), join(dir, "site")];
  await writeFixtureBundle(bundles, SMALL_SIZE);
  await writeBareBundle(bundles);
  const args = ["run", "-A", "--quiet", `--config=${join(ROOT, "deno.json")}`, join(ROOT, "site", "build.ts"), "build"];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, "--bundles", bundles, "--out", out, "--base", "/x/y/"],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return out;
}

/** Nothing on a page may need another machine, and no script may fail. */
async function withPage(
  browser: Browser,
  options: BrowserContextOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (!/^(http:\/\/127\.0\.0\.1|file:|data:)/.test(request.url())) faults.push(request.url());
  });
  try {
    await use(page);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

const count = (page: Page, selector: string) => page.locator(selector).count();

Deno.test({
  name: `pages in a browser${WITHOUT}`,
  ignore: !hasChromium,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const dir = await Deno.makeTempDir();
    const site = await build(dir);
    const server = serve(site, "/x/y/", 0, true);
    const address = `http://127.0.0.1:${server.addr.port}/x/y/`;
    const browser = await launchChromium();
    try {
      for (const colorScheme of ["light", "dark"] as const) {
        await t.step(
          `axe finds nothing to mend in ${colorScheme}`,
          () =>
            withPage(browser, { colorScheme }, async (page) => {
              for (const path of PAGES) {
                await page.goto(address + path);
                await page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)");
                await page.evaluate(axe.source);
                const { violations } = await page.evaluate("axe.run()") as {
                  violations: { id: string; nodes: { html: string }[] }[];
                };
                const found = violations.map(({ id, nodes }) => `${path} ${id}: ${nodes[0].html.slice(0, 200)}`);
                assert.deepEqual(found, []);
              }
            }),
        );
      }

      for (const width of [390, 768, 1360]) {
        await t.step(
          `no page scrolls sideways at ${width} px`,
          () =>
            withPage(browser, { viewport: { width, height: 844 } }, async (page) => {
              for (const path of PAGES) {
                await page.goto(address + path);
                await page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)");
                const wide = await page.evaluate("document.documentElement.scrollWidth");
                assert.ok(Number(wide) <= width, `${path} is ${wide} px wide`);
              }
            }),
        );
      }

      await t.step(
        "the slider shows training up to an epoch, by keyboard, and all of it again",
        () =>
          withPage(browser, {}, async (page) => {
            await page.goto(address + STUDY);
            const hero = "#figure-plane";
            assert.equal(await count(page, `${hero} path.net`), SMALL_SIZE.nets * LAYERS);
            const whole = await page.locator(`${hero} path.net`).first().getAttribute("d");
            const dots = await count(page, `${hero} .dots`);
            assert.equal(await count(page, `${hero} .dots.later`), 0);

            const slider = page.getByRole("slider", { name: "Show training up to epoch" });
            await slider.focus();
            await page.keyboard.press("Home");
            assert.equal(await slider.getAttribute("aria-valuetext"), "epoch 0");
            assert.equal(await count(page, `${hero} .dots.now`), LAYERS);
            assert.equal(await count(page, `${hero} .dots.later`), dots - LAYERS);
            await page.keyboard.press("ArrowRight");
            assert.equal(await count(page, `${hero} .dots.later`), dots - 2 * LAYERS);
            const part = await page.locator(`${hero} path.net`).first().getAttribute("d");
            assert.ok(whole!.startsWith(part!) && part!.length < whole!.length);

            await page.getByRole("button", { name: "All epochs" }).click();
            assert.equal(await count(page, `${hero} .dots.later`), 0);
            assert.equal(await page.locator(`${hero} path.net`).first().getAttribute("d"), whole);
          }),
      );

      await t.step("epochs unfold when asked, stop when asked, and never for who prefers reduced motion", async () => {
        await withPage(browser, { reducedMotion: "no-preference" }, async (page) => {
          await page.goto(address + STUDY);
          await page.getByRole("button", { name: "Play" }).click();
          const slider = page.locator(".epochs input");
          await page.waitForFunction("Number(document.querySelector('.epochs input').value) >= 2");
          await page.getByRole("button", { name: "Stop" }).click();
          const there = await slider.inputValue();
          await page.waitForTimeout(500);
          assert.equal(await slider.inputValue(), there);
        });
        await withPage(browser, { reducedMotion: "reduce" }, async (page) => {
          await page.goto(address + STUDY);
          assert.equal(await page.getByRole("button", { name: "Play" }).isVisible(), false);
          assert.equal(await page.getByRole("slider").first().isVisible(), true);
        });
      });

      await t.step("a choice shows one value's panels", () =>
        withPage(browser, {}, async (page) => {
          await page.goto(address + STUDY);
          const shown = () => page.locator("#figure-share .group:visible").getAttribute("data-choice");
          assert.equal(await shown(), "main");
          await page.locator("#figure-share").getByRole("radio", { name: "adam" }).check();
          assert.equal(await shown(), "adam");
        }));

      await t.step(
        "filters leave the claims of a verdict, a study, a standing or a word",
        () =>
          withPage(browser, {}, async (page) => {
            await page.goto(`${address}claims/`);
            const told = page.locator(".filters output");
            const shown = () => page.locator(".ledger tbody:visible .claim-id").allTextContents();
            assert.equal(await told.textContent(), "all 5 shown");
            assert.equal((await shown()).length, 5);
            await page.getByLabel("Verdict").selectOption("contradicted");
            const contradicted = await shown();
            assert.ok(contradicted.includes("dpi-chain") && !contradicted.includes("mnist-cnn"));
            await page.getByLabel("Text").fill("FALLS along");
            assert.deepEqual(await shown(), ["dpi-chain"]);
            await page.getByLabel("Standing").selectOption("full");
            assert.deepEqual(await shown(), []);
            await page.getByLabel("Standing").selectOption("provisional");
            await page.getByLabel("Study").selectOption("synthetic-plane");
            assert.deepEqual(await shown(), ["dpi-chain"]);
          }),
      );

      await t.step(
        "without JavaScript a page is whole and offers nothing that would not work",
        () =>
          withPage(browser, { javaScriptEnabled: false }, async (page) => {
            await page.goto(address + STUDY);
            assert.equal(await count(page, "#figure-plane path.net"), SMALL_SIZE.nets * LAYERS);
            assert.equal(await page.locator(".ramp").first().isVisible(), true);
            assert.equal(await count(page, "#figure-share .group:visible"), 2);
            for (const control of await page.locator("input, button").all()) {
              assert.equal(await control.isVisible(), false);
            }
            assert.equal(await page.getByRole("link", { name: "Parquet" }).first().isVisible(), true);
            await page.goto(`${address}claims/`);
            assert.equal(await count(page, ".ledger tbody:visible"), 5);
            assert.equal(await page.locator(".filters").isVisible(), false);
            await page.locator(".ledger summary").first().click();
            assert.equal(await page.getByText("False support.").first().isVisible(), true);
          }),
      );

      await t.step(
        "opened from its folder, without a server, links and styles hold",
        () =>
          withPage(browser, {}, async (page) => {
            await page.goto(`file://${site}/index.html`);
            await page.getByRole("link", { name: "Do invented paths" }).click();
            await page.waitForURL(`**/${STUDY}index.html`);
            assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(251, 250, 247)");
            await page.getByRole("slider").first().focus();
            await page.getByRole("link", { name: "Claims", exact: true }).click();
            await page.waitForURL("**/claims/index.html");
          }),
      );
    } finally {
      await browser.close();
      await server.shutdown();
      await Deno.remove(dir, { recursive: true });
    }
  },
});
