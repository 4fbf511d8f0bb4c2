/**
 * Where the documents of this very package are, for the terminal. They can be read without a network. HTTP
 * answers never have these paths.
 */
import { join, relative } from "node:path";
import { quoted } from "../../core/quoted.ts";
import { OWN_FOLDER } from "../own-package.ts";

export const DOCUMENTS = join(OWN_FOLDER, "docs");

/** A page of `docs/`, and a heading on it. */
export interface DocumentPlace {
  readonly page: string;
  /** As the page has it, without backticks. */
  readonly section?: string;
}

/** The path of a page, to paste: relative to the working directory, or absolute if that is shorter. */
export function documentPath(page: string, cwd = workingDirectory(), folder = DOCUMENTS): string {
  const path = join(folder, page);
  if (cwd === null) return quoted(path);
  const near = relative(cwd, path);
  return quoted(near.length < path.length ? near : path);
}

/** `docs/cli.md (States)`. */
export function placeText({ page, section }: DocumentPlace): string {
  return section === undefined ? documentPath(page) : `${documentPath(page)} (${section})`;
}

/** `null` if it was removed meanwhile. */
function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}
