/** The manifest of this repository, and the published one that is derived from it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

export interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly bin: { readonly [name: string]: string };
  readonly exports: Targets;
  readonly imports: Targets;
}

/** Files by name; or, below a name, by condition. */
interface Targets {
  readonly [name: string]: string | Targets;
}

/** Fields that only matter to fanjoin's own development. What is bundled is a development dependency. */
const DEVELOPMENT_FIELDS = new Set([
  "private",
  "scripts",
  "devDependencies",
  "optionalDependencies",
  "allowScripts",
]);

export function readManifest(): SourceManifest {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as SourceManifest;
}

/** Without the development fields, and with built files in place of sources. */
export function publishedManifest(manifest: SourceManifest): string {
  const published = Object.entries(manifest).filter(([name]) => !DEVELOPMENT_FIELDS.has(name));
  const built = (_: string, value: unknown): unknown =>
    typeof value === "string" && value.startsWith("./") ? value.replace(/\.ts$/, ".js") : value;
  return `${JSON.stringify(Object.fromEntries(published), built, 2)}\n`;
}

/** The files of code that `targets` name, under whatever condition. */
export function codeIn(targets: Targets): string[] {
  const files = Object.values(targets).flatMap((target) =>
    typeof target === "string" ? target : codeIn(target),
  );
  return files.filter((file) => /\.[jt]s$/.test(file));
}
