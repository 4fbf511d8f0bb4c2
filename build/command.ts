/** The published command and entries. Types, functions and code for browsers are left to `build.ts`. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundlePage } from "../src/page/bundle-page.ts";
import { PAGE_FILE } from "../src/page/page-html.ts";
import { bundleCommand } from "./bundles.ts";
import { publishedManifest, readManifest } from "./manifest.ts";
import { ROOT } from "./root.ts";

/** The documents link to each other and to the examples. All of them can be read without a network. */
const AS_THEY_ARE = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "LICENSE",
  "docs",
  "examples",
];

/** Builds into `folder`. Returns the files whose code went into it, relative to the root. */
export async function buildCommand(folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  for (const name of AS_THEY_ARE) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  const manifest = readManifest();
  writeFileSync(join(folder, "package.json"), publishedManifest(manifest));
  const [page, code] = await Promise.all([bundlePage(ROOT), bundleCommand(manifest, folder)]);
  writeFileSync(join(folder, PAGE_FILE), page.html);
  return [...page.inputs, ...code];
}
