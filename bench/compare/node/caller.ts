/** The interface of contestants in Node; those in Python have the same. */
import type { TaskName } from "./work.ts";

export interface Settings {
  /** How many tasks are in flight at once. */
  readonly workers: number;
  /** How many threads share them. */
  readonly threads: number;
  /** The program was started a second time, in the directory of its first start. */
  readonly again: boolean;
  /** Of packages that are not dependencies of this repository. */
  readonly modules: string;
}

export interface Numbers {
  readonly first: number;
  readonly count: number;
}

export interface Caller {
  /** The values, as the call is usually written. Rejects if the call does. */
  map(task: TaskName, numbers: Numbers): Promise<readonly (number | Error)[]>;
  /** For every number its value or an error, with a time limit for each task. */
  each(task: TaskName, numbers: Numbers, limitMs: number): Promise<readonly (number | Error)[]>;
  close(): Promise<void>;
}

export function integersOf({ first, count }: Numbers): number[] {
  return Array.from({ length: count }, (_, at) => first + at);
}

/** Values and errors, where each number has a promise of its own. */
export async function settled(promises: readonly Promise<number>[]): Promise<(number | Error)[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) =>
    result.status === "fulfilled" ? result.value : new Error(String(result.reason)),
  );
}
