import { readFileSync } from "node:fs";

/** The most memory that this process has had. `maxRSS` begins with that of its parent, on Linux. */
export function peakBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
}
