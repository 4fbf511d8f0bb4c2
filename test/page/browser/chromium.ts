/** The browser of these tests: Debian's Chromium, driven by playwright-core, which brings none. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const found = [process.env["FANJOIN_CHROMIUM"] ?? "", ...PLACES].find(
  (path) => path !== "" && existsSync(path),
);

/** Why the tests in a browser are skipped. `null`: they run. */
export const WITHOUT_BROWSER =
  found === undefined
    ? "no Chromium on this machine: apt-get install chromium, or set FANJOIN_CHROMIUM"
    : null;

export async function launch(): Promise<Browser> {
  if (found === undefined) throw new Error(WITHOUT_BROWSER ?? "");
  return chromium.launch({ executablePath: found, args: ["--no-sandbox", "--disable-gpu"] });
}

export interface PageOptions {
  readonly width?: number;
  readonly dark?: boolean;
}

/** A page and what its console says: a page that is well says nothing. */
export interface WatchedPage {
  readonly page: Page;
  readonly said: string[];
}

export async function openPage(
  browser: Browser,
  { width = 1280, dark = false }: PageOptions = {},
): Promise<WatchedPage> {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
  });
  page.setDefaultTimeout(30_000);
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.stack ?? error.message));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol === "http:" && hostname !== "127.0.0.1") said.push(`asked ${hostname}`);
  });
  return { page, said };
}

/** Throws if the page has said anything: no test has to expect it by itself. */
export async function closeQuietPage({ page, said }: WatchedPage): Promise<void> {
  await page.close();
  if (said.length > 0) throw new Error(`the page said: ${said.join("\n")}`);
}
