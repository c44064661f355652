import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** Whether Debian's Chromium is here. */
export const hasChromium: boolean = existsSync(CHROMIUM);

/** For the name of a test that needs it. */
export const WITHOUT: string = hasChromium ? "" : " (skipped: chromium is not installed)";

/** Starts Chromium without a window, and without anything that would reach for the network. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
