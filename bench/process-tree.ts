/** The memory of a process and all that it starts, as Linux tells it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

const LOOK_MS = 20;

export interface TreeWatch {
  readonly start: (pid: number) => void;
  /** The largest resident memory of each process, added up, in MB. */
  stop(): number;
}

export function canWatchTrees(): boolean {
  return existsSync("/proc/self/task");
}

/**
 * Looks again and again: the kernel keeps each process's maximum, so only what a process does in its last
 * moments is missed.
 */
export function watchTree(): TreeWatch {
  const peaks = new Map<number, number>();
  let timer: NodeJS.Timeout | undefined;
  return {
    start(root) {
      const look = (): void => {
        for (const pid of treeOf(root)) peaks.set(pid, peakKb(pid) ?? peaks.get(pid) ?? 0);
      };
      look();
      timer = setInterval(look, LOOK_MS);
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
    // It, or one of its threads, has ended.
    return [];
  }
}

/** `null` once it has ended. */
function peakKb(pid: number): number | null {
  try {
    const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kb === undefined ? null : Number(kb);
  } catch {
    return null;
  }
}
