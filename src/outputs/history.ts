/** The generations of a batch, as a reader of outputs sees them. What is closed never changes. */
import { closedGenerations, generationOf, hasEnded } from "../core/records/batch/batch.ts";
import { closedChunks, isLaid } from "../core/records/batch/redriving.ts";
import type { Fields } from "../core/records/record.ts";

export interface History {
  /** The generation that the batch is in. */
  readonly newest: number;
  readonly ended: boolean;
  /** Those that can be read, oldest first: no redrive that is not laid yet, or that was given up. */
  readonly readable: readonly number[];
  /** The one that chunks settle in; `null`: none. */
  readonly live: number | null;
  /** How many chunks the closed generations have. */
  readonly closedChunks: number;
  /** How many chunks the live generation has; `null`: it is still planned. */
  readonly liveChunks: number | null;
}

export function historyOf(record: Fields): History {
  const newest = generationOf(record);
  const ended = hasEnded(record);
  const live = !ended && (newest === 0 || isLaid(record)) ? newest : null;
  const closed = closedGenerations(record).toReversed();
  const chunks = typeof record["chunks"] === "number" ? record["chunks"] : null;
  return {
    newest,
    ended,
    live,
    readable: live === null ? closed : [...closed, live],
    closedChunks: closed.length === 0 ? 0 : ended ? (chunks ?? 0) : closedChunks(record),
    liveChunks: chunks,
  };
}

/** One pass over the chunks of a generation. */
export interface Pass {
  readonly generation: number;
  readonly isLive: boolean;
  /** How many chunks there are to pass; `null`: that is not known yet. */
  readonly end: number | null;
  /** The generations whose nodes tell about its chunks, newest first. */
  readonly generations: readonly number[];
}

/** The pass over `generation`, or if that redrive was given up over the one before. `null`: not yet. */
export function passOver(history: History, generation: number): Pass | null {
  const { readable, live, newest, ended } = history;
  const isBegun = readable.includes(generation) || ended || generation < newest;
  const generations = readable.filter((one) => one <= generation).toReversed();
  const [own] = generations;
  if (!isBegun || own === undefined) return null;
  const isLive = own === live;
  return { generation: own, isLive, end: isLive ? history.liveChunks : history.closedChunks, generations };
}

/** The pass after the one over `generation`; `null`: there is none yet. */
export function nextGeneration({ readable }: History, generation: number): number | null {
  return readable.find((one) => one > generation) ?? null;
}
