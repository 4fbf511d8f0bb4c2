/**
 * The processes of a contestant, on Linux: those that were started in its directory, or with it in their
 * environment. They are found also when their parent has ended.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Ticks of the kernel's clock in a second: the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** Of all processes, also of those that have ended and were waited for. */
  readonly cpuSeconds: number;
  /** Pages that processes share are divided among them. */
  readonly memoryMb: number;
}

/** Whose directory is `directory`, or that have it in their environment. Zombies are left out. */
export function processesIn(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && belongsTo(pid, directory));
}

function belongsTo(pid: number, directory: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)) return true;
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`COMPARE_DIR=${directory}`);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}

export function usageOf(pids: readonly number[]): Usage {
  return {
    cpuSeconds: pids.reduce((sum, pid) => sum + ticksOf(pid), 0) / TICKS_PER_SECOND,
    memoryMb: pids.reduce((sum, pid) => sum + kilobytesOf(pid), 0) / 1024,
  };
}

function ticksOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // The name of the program stands in brackets, and may have spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

function kilobytesOf(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** Ends the processes of a contestant, and those that they start meanwhile. */
export function endAll(directory: string): void {
  for (let left = processesIn(directory); left.length > 0; left = processesIn(directory)) {
    for (const pid of left) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
  }
}
