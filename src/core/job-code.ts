/** The code of a job as one text, whose hash says whether two jobs were written in the same files. */

/** Finds the files that a job is made of. */
export interface CodeFiles {
  /** The name of the file that `specifier` means in the file `from`. */
  readonly resolve: (specifier: string, from: string) => string;
  /** `null` if there is no such file. */
  readonly read: (name: string) => string | null;
}

/** `from "./x.ts"`, `import "./x.ts"`, `import("./x.ts")`: paths that begin with a dot. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

/**
 * The job's file and the files that it imports by a relative path, each once, in the order of their imports.
 * Packages are left out, and so is where the files are. Text that only looks like an import adds its file
 * everywhere, so it does no harm.
 */
export function jobCodeText(file: string, { resolve, read }: CodeFiles): string {
  const seen = new Set<string>();
  const parts: string[] = [];
  function add(name: string, as: string): void {
    if (seen.has(name)) return;
    seen.add(name);
    const text = read(name);
    if (text === null) return;
    // A checkout may have other line ends.
    const content = text.replaceAll("\r\n", "\n");
    parts.push(`${as} ${content.length}\n${content}\n`);
    for (const [, specifier = ""] of content.matchAll(IMPORT)) add(resolve(specifier, name), specifier);
  }
  add(file, "job");
  return parts.join("");
}
