/** Reports the measurements of a contestant's process. */
import { readFileSync } from "node:fs";
import type { Run } from "../contestant.ts";

export function report(run: Run): void {
  process.stdout.write(`${JSON.stringify(run)}\n`);
}

/** The largest resident memory of this process so far, in MB. */
export function peakMb(): number {
  // Of this process alone: `maxRSS` of a process counts what its parent held when it was started.
  const own =
    process.platform === "linux"
      ? /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
      : undefined;
  return Number(own ?? process.resourceUsage().maxRSS) / 1024;
}
