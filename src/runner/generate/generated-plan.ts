/**
 * Plans a batch whose items the job generates: they are written as lines, and cut into chunks as they come.
 */
import { fullText } from "../../core/errors/described-error.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Cut, PlanEntry } from "../../core/records/plan.ts";
import type { NextChunks } from "../../core/chunk-size.ts";
import { itemLimit } from "../../input/cut/item-limit.ts";
import { elementLine } from "../../input/json/elements.ts";
import type { ObjectStore } from "../../ports.ts";
import { elapsedMs, startTimeout, stopTimeout } from "../captured.ts";
import { describeError } from "../describe-error.ts";
import { generatedEntry } from "./generated-entry.ts";
import type { GeneratedEntry } from "./generated-entry.ts";
import type { Fed, GeneratorFeed } from "./generator-feed.ts";

/** An entry is written after this time even if it is small, so that its chunks can begin. */
const FLUSH_MS = 250;
/**
 * If the user gives the size of chunks, an entry waits so long for the rest of a chunk that is begun. So an
 * item has the same chunk in each run, however often the planner was killed.
 */
const WHOLE_CHUNK_MS = 10_000;

/** A running generator, and how far its items have been planned. */
export interface GeneratedPlan {
  /**
   * The next entry; no ranges at the end. `null` if it was interrupted. Throws `INPUT_INVALID` if the
   * generator threw.
   */
  next(wanted: NextChunks): Promise<Cut | null>;
  /** Where the next entry begins in the text of all items. */
  at(): number;
  close(): void;
}

export interface GeneratedPlanParts {
  readonly feed: GeneratorFeed;
  readonly store: ObjectStore;
  /** The items that the plan already has, up to this entry, are skipped. */
  readonly last: PlanEntry | null;
  /** The user gives the size of chunks. */
  readonly sized: boolean;
  /** The generator is asked for so many items. Absent: for all. */
  readonly maxItems?: number | undefined;
}

export function generated({ feed, store, last, sized, maxItems }: GeneratedPlanParts): GeneratedPlan {
  const from = last?.ranges.at(-1)?.end ?? 0;
  const limit = maxItems === undefined ? null : itemLimit(maxItems, last);
  let made = 0;
  let planned = from;
  let over = false;
  let failed: FanjoinError | null = null;

  /** Throws `INPUT_INVALID` if the generator does not repeat the items that the plan has. */
  async function add(item: unknown, entry: GeneratedEntry): Promise<void> {
    const line = Buffer.from(elementLine(item));
    made += line.length;
    if (made <= from) return;
    if (made - line.length < from) throw notTheSame();
    await entry.add(line);
    limit?.add(1);
  }

  async function nextFed(isLate: () => boolean): Promise<Fed> {
    try {
      return await feed.next(isLate);
    } catch (thrown) {
      failed = new FanjoinError("INPUT_INVALID", `the generator threw: ${fullText(describeError(thrown))}`, {
        cause: thrown,
      });
      return "over";
    }
  }

  /** False if it was interrupted. */
  async function fill(entry: GeneratedEntry): Promise<boolean> {
    let dueAt = Infinity;
    const alarms: NodeJS.Timeout[] = [];
    const isLate = (): boolean => {
      const lateMs = elapsedMs() - dueAt;
      return lateMs >= 0 && (!sized || entry.isWhole() || lateMs >= WHOLE_CHUNK_MS);
    };
    try {
      while (!over && !limit?.isReached() && !entry.isFull() && !isLate()) {
        const fed = await nextFed(isLate);
        if (fed === "interrupted") return false;
        if (fed === "over") over = true;
        else if (fed !== "late") await add(fed.item, entry);
        if (alarms.length > 0 || entry.isEmpty()) continue;
        dueAt = elapsedMs() + FLUSH_MS;
        for (const ms of sized ? [FLUSH_MS, FLUSH_MS + WHOLE_CHUNK_MS] : [FLUSH_MS])
          alarms.push(startTimeout(() => feed.wake(), ms + 1));
      }
      return true;
    } finally {
      for (const alarm of alarms) stopTimeout(alarm);
    }
  }

  function failIfBroken(): void {
    if (failed !== null) throw failed;
    if (made < from) throw notTheSame();
  }

  return {
    async next(wanted) {
      if (limit?.isReached()) return { ranges: [] };
      const entry = generatedEntry(store, planned, wanted);
      if (!(await fill(entry))) return null;
      const cut = await entry.close();
      planned = cut.ranges.at(-1)?.end ?? planned;
      if (cut.ranges.length > 0) return { ...cut, ...limit?.mark() };
      failIfBroken();
      return cut;
    },
    at: () => planned,
    close: () => feed.close(),
  };
}

function notTheSame(): FanjoinError {
  return new FanjoinError(
    "INPUT_INVALID",
    "the generator was run again, to continue after the last planned items, and yielded other items: it has to yield the same ones each time",
  );
}
