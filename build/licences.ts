/** The licences of the packages that are bundled: their authors ask that copies carry them. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

/**
 * Each licence once, below the names of the packages that have it. `files` are relative to the root. Throws
 * if a package says nothing of its licence.
 */
export function licencesText(files: readonly string[]): string {
  const folders = files.flatMap((file) => FOLDER.exec(file)?.[0] ?? []);
  const packages = new Map<string, string[]>();
  for (const folder of new Set(folders.toSorted())) {
    const { name, text } = licenceOf(folder);
    packages.set(text, [...(packages.get(text) ?? []), name]);
  }
  const parts = [...packages].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  return ["fanjoin contains code of these packages.\n", ...parts].join(`\n${"=".repeat(80)}\n\n`);
}

/** The folder of the package that a file belongs to. */
const FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

function licenceOf(folder: string): { readonly name: string; readonly text: string } {
  const path = join(ROOT, folder);
  const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const texts = globSync("{LICEN[CS]E,NOTICE,licen[cs]e}*", { cwd: path })
    .toSorted()
    .map((file) => readFileSync(join(path, file), "utf8").trim());
  const { name, version, license = "" } = manifest;
  if (license === "" && texts.length === 0) throw new Error(`${folder} names no licence`);
  const text = texts.length === 0 ? "Their packages do not contain its text." : texts.join("\n\n");
  return { name: `${name} ${version} (${license})`, text };
}
