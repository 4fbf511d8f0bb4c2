/** The sources of a batch: in its record, or as a list in the store. */
import type { ObjectStore } from "../../ports.ts";
import type { Source } from "../reader.ts";
import { listedSources, listIndex } from "./source-list.ts";
import type { ListObject } from "./source-list.ts";

export interface Sources {
  readonly count: number;
  /** `undefined` beyond the last one. A promise only if it has to be read. */
  at(number: number): Source | undefined | Promise<Source | undefined>;
  /** The size of all sources before this one, in the reader's unit. A promise only if it has to be read. */
  sizeBefore(number: number): number | Promise<number>;
}

/** Sources of a list that are read at once. */
const WINDOW = 512;

export function sourcesInRecord(sources: readonly Source[]): Sources {
  /** Sizes of all sources before each. */
  let sums: number[] | null = null;
  return {
    count: sources.length,
    at: (number) => sources[number],
    sizeBefore(number) {
      if (sums === null) {
        let sum = 0;
        sums = [0, ...sources.map(({ size }) => (sum += size))];
      }
      return sums[Math.min(number, sources.length)] ?? 0;
    },
  };
}

/** Reads a window at a time: ask for neighbours one after the other. */
export function sourcesInList(list: ListObject, store: ObjectStore): Sources {
  const markOf = listIndex(list, store);
  let from = 0;
  let window: readonly Source[] = [];
  return {
    count: list.count,
    at(number) {
      if (number >= list.count) return undefined;
      const known = number < from ? undefined : window[number - from];
      return known ?? read(number);
    },
    sizeBefore: async (number) => (await markOf(Math.min(number, list.count) - 1)).bytes,
  };

  async function read(number: number): Promise<Source | undefined> {
    const end = Math.min(list.count, number + WINDOW);
    window = await listedSources(list, { start: number, end }, store, markOf);
    from = number;
    return window[0];
  }
}
