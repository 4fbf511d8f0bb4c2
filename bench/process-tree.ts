/** Measures the memory of a process and its descendants on Linux. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

const POLL_MS = 20;

export interface TreeWatch {
  readonly start: (pid: number) => void;
  /** Stops watching. Returns the sum of each process's largest resident memory, in MB. */
  stop(): number;
}

export function canWatchTrees(): boolean {
  return existsSync("/proc/self/task");
}

/**
 * Polls the process tree. The kernel keeps the maximum of each process, so only growth in a process's last
 * moments is missed.
 */
export function watchTree(): TreeWatch {
  const peaks = new Map<number, number>();
  let timer: NodeJS.Timeout | undefined;
  return {
    start(root) {
      const poll = (): void => {
        for (const pid of treeOf(root)) peaks.set(pid, peakKb(pid) ?? peaks.get(pid) ?? 0);
      };
      poll();
      timer = setInterval(poll, POLL_MS);
    },
    stop() {
      clearInterval(timer);
      return [...peaks.values()].reduce((sum, kb) => sum + kb, 0) / 1024;
    },
  };
}

function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

function childrenOf(pid: number): number[] {
  try {
    const lists = readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"),
    );
    return lists.flatMap((list) =>
      list
        .split(" ")
        .filter((child) => child !== "")
        .map(Number),
    );
  } catch {
    // The process or one of its threads has ended.
    return [];
  }
}

/** `null` if the process has ended. */
function peakKb(pid: number): number | null {
  try {
    const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kb === undefined ? null : Number(kb);
  } catch {
    return null;
  }
}
