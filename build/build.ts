/**
 * Builds what is published: `npm run build`, then `npm pack ./dist`. Node strips no types under
 * `node_modules`, so an installed package has to be JavaScript. It is a whole package of its own, with the
 * same files in the same places.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The README and the pages link to each other, so all of them are published. */
const DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs"];
/** What the manifest says to those who work on fanjoin. */
const OURS = new Set(["private", "scripts", "devDependencies", "optionalDependencies", "allowScripts"]);

/** Into a folder that is empty, or not there yet. */
export function build(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of DOCUMENTS) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  writeFileSync(join(folder, "package.json"), manifest());
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  const args = ["--project", join(ROOT, "build"), "--outDir", resolve(folder)];
  execFileSync(process.execPath, [tsc, ...args], { stdio: "inherit" });
}

/** Ours, for whoever installs it, with the built files in place of the sources. */
function manifest(): string {
  const ours: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"), (_, value: unknown) =>
    typeof value === "string" && value.startsWith("./") ? value.replace(/\.ts$/, ".js") : value,
  );
  const published = Object.entries(ours as object).filter(([name]) => !OURS.has(name));
  return `${JSON.stringify(Object.fromEntries(published), null, 2)}\n`;
}

if (import.meta.main) {
  const folder = join(ROOT, "dist");
  rmSync(folder, { recursive: true, force: true });
  build(folder);
}
