/** Copies of the jobs' files, which a test may change. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const JOBS = fileURLToPath(new URL("jobs", import.meta.url));

export function copyJobs(directory: string): void {
  cpSync(JOBS, directory, { recursive: true });
}

/** Switches the jobs in `directory` between broken and repaired code. */
export function setMended(directory: string, mended: boolean): void {
  writeFileSync(join(directory, "shared", "mended.ts"), `export const MENDED: boolean = ${mended};\n`);
}
