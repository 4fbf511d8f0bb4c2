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

/** Fields that only matter to fanjoin's own development. Bundled packages are development dependencies. */
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
  return filesOf(targets).map(({ file }) => file);
}

/** Those that only browsers load. */
export function browserCodeIn(targets: Targets): string[] {
  return filesOf(targets).flatMap(({ file, conditions }) => (conditions.includes("browser") ? file : []));
}

interface NamedFile {
  readonly file: string;
  /** The names that lead to it, from the outermost. */
  readonly conditions: readonly string[];
}

function filesOf(targets: Targets, outer: readonly string[] = []): NamedFile[] {
  const files = Object.entries(targets).flatMap(([name, target]): NamedFile[] => {
    const conditions = [...outer, name];
    return typeof target === "string" ? [{ file: target, conditions }] : filesOf(target, conditions);
  });
  return files.filter(({ file }) => /\.[jt]s$/.test(file));
}
