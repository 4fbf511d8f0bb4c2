/** Says what a built package holds. */
import { readdirSync, statSync } from "node:fs";
import { join, matchesGlob, relative } from "node:path";
import { bytes, count } from "../src/format.ts";

/** A file belongs to the first part that it matches. */
const PARTS = [
  ["types", "**/*.d.ts"],
  ["functions for Lambda", "functions/**"],
  ["command and library", "{bin,chunks,infra,src}/**/*.js"],
  ["page for browsers", "page.html"],
  ["documents and examples", "{docs,examples}/**"],
  ["other", "**"],
] as const;

/** A table of the parts of the package in `folder`: how many files, how many bytes. */
export function contentsText(folder: string): string {
  const sizes = new Map<string, number[]>(PARTS.map(([part]) => [part, []]));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const [part] = PARTS.find(([, glob]) => matchesGlob(relative(folder, file), glob)) ?? ["other"];
    sizes.get(part)?.push(statSync(file).size);
  }
  const rows = [...sizes, ["in all", [...sizes.values()].flat()] as const];
  return rows.map(([part, all]) => `  ${row(part, all)}`).join("\n");
}

function row(part: string, sizes: readonly number[]): string {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return `${part.padEnd(24)}${count(sizes.length).padStart(4)} files ${bytes(total).padStart(9)}`;
}
