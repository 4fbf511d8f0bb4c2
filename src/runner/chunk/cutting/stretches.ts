/** Neighbouring items of a chunk that is cut: they are settled together, or run together elsewhere. */
import { isFinal } from "../../item/item-outcome.ts";
import type { PendingItem } from "../../slots/ordered-window.ts";

export interface Stretch {
  readonly from: PendingItem;
  readonly items: readonly PendingItem[];
  /** All of them have come to a value or a failure. */
  readonly done: boolean;
  /** When they should run, in milliseconds since the epoch; 0: at once. */
  readonly at: number;
  /** How long they have waited then because they were asked to. */
  readonly waitedMs: number;
}

/** Each becomes a part of the chunk, in one record. */
const MOST_STRETCHES = 50;

/**
 * The stretches of these items, in order. Items that were asked to wait have one each: they come back at
 * different times. If that are too many, they share some, and short stretches of done items run again.
 */
export function stretchesOf(items: readonly PendingItem[]): readonly Stretch[] {
  const apart = grouped(items, (one) => isAsked(one));
  if (apart.length <= MOST_STRETCHES) return apart;
  const together = grouped(items, () => false);
  if (together.length <= MOST_STRETCHES) return together;
  const done = together.filter((one) => one.done).toSorted((a, b) => b.items.length - a.items.length);
  const kept = new Set(done.slice(0, MOST_STRETCHES / 2 - 1).flatMap((one) => one.items));
  const again = (one: PendingItem): PendingItem =>
    isFinal(one.outcome) && !kept.has(one) ? { ...one, outcome: null } : one;
  return grouped(items.map(again), () => false);
}

function isAsked({ outcome }: PendingItem): boolean {
  return outcome?.ok === null && outcome.waitedMs > 0;
}

/** `apart`: an item that shares its stretch with no other. */
function grouped(items: readonly PendingItem[], apart: (item: PendingItem) => boolean): Stretch[] {
  const groups: PendingItem[][] = [];
  for (const item of items) {
    const last = groups.at(-1);
    const [first] = last ?? [];
    const isSame =
      first !== undefined &&
      isFinal(first.outcome) === isFinal(item.outcome) &&
      !apart(first) &&
      !apart(item);
    if (isSame) last?.push(item);
    else groups.push([item]);
  }
  return groups.flatMap((group) => {
    const [from] = group;
    return from ? [{ from, items: group, done: isFinal(from.outcome), ...waitOf(group) }] : [];
  });
}

/** The longest of their waits. */
function waitOf(items: readonly PendingItem[]): Pick<Stretch, "at" | "waitedMs"> {
  let at = 0;
  let waitedMs = 0;
  for (const { outcome } of items) {
    if (outcome?.ok !== null) continue;
    at = Math.max(at, outcome.at);
    waitedMs = Math.max(waitedMs, outcome.waitedMs);
  }
  return { at, waitedMs };
}
