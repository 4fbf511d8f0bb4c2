/**
 * The hash of a job's code. The construct puts it into the environment of the job's functions, and
 * `fanjoin run --pulled` compares it with that of the file here.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { jobCodeText } from "./core/job-code.ts";

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
