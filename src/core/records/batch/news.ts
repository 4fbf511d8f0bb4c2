/**
 * The news of the end of a batch: who was told, and who is still to be told. They are a field of the batch's
 * record, which the commit of the end sets (`open.ts`).
 */
import { isObject } from "../../json/json.ts";
import { batchKey, generationOf } from "./batch.ts";
import { NO_LONGER_OPEN } from "./open.ts";
import type { Fields, Update } from "../record.ts";

/** News that somebody has not been told yet. */
export interface PendingNews {
  /** Rounds of telling so far. */
  readonly tries: number;
  /** When the next round is due, in milliseconds since the epoch. */
  readonly at: number;
  /** The ids of the channels that need no other round. */
  readonly told: readonly string[];
}

/** The waits after each round. The last one is repeated. */
const WAITS_MS = [5, 15, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600].map((seconds) => seconds * 1000);
const DAY_MS = 24 * 60 * 60_000;

/** `null`: there is nothing to tell. */
export function pendingNews({ news, endedAt, removed }: Fields): PendingNews | null {
  if (endedAt === undefined || removed !== undefined || !isObject(news)) return null;
  return news as unknown as PendingNews;
}

/** When the round after `tries` rounds is due. `null`: there is none, as a day has passed. */
export function nextRoundAt(tries: number, endedAt: number, now: number): number | null {
  const wait = WAITS_MS[Math.min(tries, WAITS_MS.length) - 1] ?? 0;
  return tries > WAITS_MS.length && now - endedAt >= DAY_MS ? null : now + wait;
}

/** `news` is what is still to be told; `null`: nothing. Refused after a redrive or a removal. */
export function noteTold(batch: string, record: Fields, news: PendingNews | null): Update {
  const set: Fields = news ? { news: { ...news, told: [...news.told] } } : {};
  return {
    key: batchKey(batch),
    when: [
      { is: "equal", field: "generation", value: generationOf(record) },
      { is: "present", field: "news" },
      { is: "absent", field: "removed" },
    ],
    set,
    add: {},
    remove: news ? [] : ["news", ...NO_LONGER_OPEN],
  };
}
