/** The hash of a job's code: `fanjoin run --pulled` compares it with that of the file there. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { jobCodeText } from "../../src/core/job-code.ts";

/** As `src/local/engine/job-code.ts` makes it. */
export function codeHash(file: string): string {
  const resolved = (specifier: string, from: string): string => resolve(dirname(from), specifier);
  const text = jobCodeText(resolve(file), { resolve: resolved, read: textOrNull });
  return createHash("sha256").update(text).digest("base64url");
}

function textOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
