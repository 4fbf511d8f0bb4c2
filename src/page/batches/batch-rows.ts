/** The rows of the list in their groups. Pure. */
import { hasEnded, isMoving, isWorking } from "../words/states.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { count, duration } from "../../format.ts";
import { shortLeft } from "../batch/figures/progress-words.ts";
import { ago, clock, dayName } from "../words/times.ts";
import type { Zone } from "../words/times.ts";

export interface BatchGroup {
  readonly name: string;
  readonly batches: readonly BatchSummary[];
  /** Their number is shown: it is all of them. */
  readonly isCounted: boolean;
}

/** `Working now`, then by day. Newest first within each. */
export function rowGroups(batches: readonly BatchSummary[], now: number, zone: Zone): readonly BatchGroup[] {
  const sorted = batches.toSorted((a, b) => (a.batch < b.batch ? 1 : -1));
  const working = sorted.filter(({ state }) => isWorking(state));
  const days = Map.groupBy(
    sorted.filter(({ state }) => !isWorking(state)),
    ({ createdAt }) => dayName(Date.parse(createdAt), now, zone),
  );
  return [
    ...(working.length > 0 ? [{ name: "Working now", batches: working, isCounted: true }] : []),
    ...[...days].map(([name, ofDay]) => ({ name, batches: ofDay, isCounted: false })),
  ];
}

/** Newer answers replace older ones of the same batch. */
export function mergedBatches(
  known: readonly BatchSummary[],
  newer: readonly BatchSummary[],
): readonly BatchSummary[] {
  const byId = new Map(known.map((one) => [one.batch, one]));
  for (const one of newer) byId.set(one.batch, one);
  return [...byId.values()];
}

/**
 * At most so many rows, the newest first. Batches that work stay as long as there is room for others; `leave`
 * says which of these give way.
 */
export function boundedRows(
  batches: readonly BatchSummary[],
  most: number,
  leave: "newest" | "oldest",
): readonly BatchSummary[] {
  if (batches.length <= most) return batches;
  const sorted = batches.toSorted((a, b) => (a.batch < b.batch ? 1 : -1));
  const working = sorted.filter(({ state }) => isWorking(state));
  const kept = working.length < most ? working : [];
  const others = kept.length === 0 ? sorted : sorted.filter(({ state }) => !isWorking(state));
  const room = most - kept.length;
  return [...kept, ...(leave === "newest" ? others.slice(-room) : others.slice(0, room))];
}

/** Of a batch that does not work: what stands in place of its bar. */
export function outcomeWords({ state, items, chunks, error }: BatchSummary): string {
  if (state === "interrupted") return "nobody works on it";
  if (error) return error.code;
  if (state !== "cancelled") return "";
  if (items.skipped !== null) return `${count(items.skipped)} skipped`;
  return chunks.skipped > 0 ? `${count(chunks.skipped)} chunks skipped` : "the rest was not read";
}

/** `34 s left`, or how long it took. */
export function timeWords(batch: BatchSummary): string {
  if (batch.state === "paused") return "paused";
  if (hasEnded(batch.state)) return batch.seconds === null ? "—" : duration(batch.seconds);
  return shortLeft(batch) ?? (isMoving(batch.state) ? "" : "—");
}

/** `1 min ago` while it works, `11:29` afterwards. */
export function startedWords({ state, createdAt }: BatchSummary, now: number, zone: Zone): string {
  const at = Date.parse(createdAt);
  return isWorking(state) ? ago(at, now) : clock(at, zone, false);
}
