/**
 * Builds the published package: `npm run build`, then `npm pack ./dist`. Node does not strip types under
 * `node_modules`, so an installed package has to be JavaScript. `dist/` is a whole package, with the same
 * files in the same places as the sources.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The README and the pages link to each other, so all of them are published. */
const DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs"];
/** Fields of the manifest that only matter to fanjoin's own development. */
const DEVELOPMENT_FIELDS = new Set([
  "private",
  "scripts",
  "devDependencies",
  "optionalDependencies",
  "allowScripts",
]);

/** Builds into `folder`, which has to be empty or missing. */
export function build(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of DOCUMENTS) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  writeFileSync(join(folder, "package.json"), manifest());
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  const args = ["--project", join(ROOT, "build"), "--outDir", resolve(folder)];
  execFileSync(process.execPath, [tsc, ...args], { stdio: "inherit" });
}

/** The published manifest: without the development fields, and with built files in place of sources. */
function manifest(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"), (_, value: unknown) =>
    typeof value === "string" && value.startsWith("./") ? value.replace(/\.ts$/, ".js") : value,
  );
  const published = Object.entries(parsed as object).filter(([name]) => !DEVELOPMENT_FIELDS.has(name));
  return `${JSON.stringify(Object.fromEntries(published), null, 2)}\n`;
}

if (import.meta.main) {
  const folder = join(ROOT, "dist");
  rmSync(folder, { recursive: true, force: true });
  build(folder);
}
