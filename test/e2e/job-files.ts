/** The files of the jobs, where a test may change them. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const JOBS = fileURLToPath(new URL("jobs", import.meta.url));

export function copyJobs(directory: string): void {
  cpSync(JOBS, directory, { recursive: true });
}

export function setMended(directory: string, mended: boolean): void {
  writeFileSync(join(directory, "mended.ts"), `export const MENDED: boolean = ${mended};\n`);
}
