/** Writes a folder of deliberately awful files: `node test/awful.ts DIR`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Awful } from "./awful/awful.ts";
import { documents } from "./awful/documents.ts";
import { encodedFiles } from "./awful/encoded.ts";
import { packedFiles } from "./awful/packed.ts";
import { filesWithoutText } from "./awful/no-text.ts";
import { csvFiles, lineFiles } from "./awful/text.ts";

export const AWFUL: readonly Awful[] = [
  ...csvFiles,
  ...lineFiles,
  ...packedFiles,
  ...documents,
  ...encodedFiles,
  ...filesWithoutText,
];

/** Writes those that `wanted` picks, all of them by default. */
export function writeAwful(
  directory: string,
  wanted: (file: Awful) => boolean = () => true,
): readonly Awful[] {
  const files = AWFUL.filter(wanted);
  mkdirSync(directory, { recursive: true });
  for (const { name, content } of files) writeFileSync(join(directory, name), content);
  return files;
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error("usage: node test/awful.ts DIR");
  writeAwful(directory);
}
