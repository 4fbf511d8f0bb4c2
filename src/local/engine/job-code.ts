/** The hash of a job's code on this machine. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { jobCodeText } from "../../core/job-code.ts";

/** As the construct puts it into the environment of a job's functions. */
export function codeHash(file: string): string {
  const text = jobCodeText(file, { resolve: (specifier, from) => resolve(dirname(from), specifier), read });
  return createHash("sha256").update(text).digest("base64url");
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
