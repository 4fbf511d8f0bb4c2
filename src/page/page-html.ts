/** The page as one HTML file, and its content policy. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { bundlePage } from "./bundle-page.ts";
import { policyOf } from "./content-policy.ts";

export interface PageHtml {
  readonly html: string;
  /** The whole value of `content-security-policy`. */
  readonly csp: string;
}

/** In the package it lies beside `package.json`. A checkout has none, and makes it. */
export const PAGE_FILE = "page.html";

interface BundlerModule {
  readonly bundlePage: typeof bundlePage;
}

let made: Promise<PageHtml> | null = null;

/** Read or made once in a process. */
export function pageHtml(): Promise<PageHtml> {
  made ??= makePage();
  return made;
}

async function makePage(): Promise<PageHtml> {
  const folder = dirname(fileURLToPath(import.meta.resolve("fanjoin/package.json")));
  const file = join(folder, PAGE_FILE);
  const html = existsSync(file) ? await readFile(file, "utf8") : await bundled(folder);
  return { html, csp: policyOf(html) };
}

async function bundled(folder: string): Promise<string> {
  // Not by its name: a bundler would take it, and the package has neither it nor esbuild.
  const bundler = new URL("./bundle-page.ts", import.meta.url).href;
  const { bundlePage: bundle } = (await import(bundler)) as BundlerModule;
  return (await bundle(folder)).html;
}
