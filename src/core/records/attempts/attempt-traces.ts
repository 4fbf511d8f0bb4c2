/**
 * The traces of careful attempts, in the crash journal of their chunk: the item that is open now, and how
 * often each item was found open after its attempt had died. Only platforms on which no process survives
 * write them (Lambda).
 */
import type { Fields, Update } from "../record.ts";
import type { ChunkName, Quarantined } from "./crash-journal.ts";
import { indexIn, journalKey, quarantine } from "./crash-journal.ts";

/** The prefix of the fields that count the deaths of one item. */
const DEATHS_OF = "x";

/** The item that a careful attempt has open. It is written before the item runs. */
export interface JournaledItem {
  /** From 0, within its chunk. */
  readonly index: number;
  /** The latest time at which the attempt can still run, in milliseconds since the epoch. */
  readonly until: number;
  /** The attempt's number and its tag. */
  readonly attempt: number;
  readonly tag: string;
}

/** The traces that earlier careful attempts have left in the crash journal of a chunk. */
export interface Traces {
  /** `null`: no item was open when the last careful attempt ended. */
  readonly open: JournaledItem | null;
  /** How often each item was found open by a later attempt, by the item's index. */
  readonly deaths: ReadonlyMap<number, number>;
  /** The number of the last careful attempt that ran out of time without one item to blame. */
  readonly hurried: number | null;
  /** The number of the last attempt that said itself that it had failed. It did not die. */
  readonly reported: number | null;
}

/** After this many deaths an item is quarantined. One death may be the machine's fault. */
const DEATHS_TO_QUARANTINE = 2;

/** Writes the item that is open now, in place of the one before it. */
export function noteOpen(chunk: ChunkName, open: JournaledItem): Update {
  return { key: journalKey(chunk), when: [], set: { running: pack(open) }, add: {} };
}

/** The attempt has ended in order. Refused if another attempt has written since. */
export function noteClosed(chunk: ChunkName, open: JournaledItem): Update {
  return { ...ifOpen(chunk, open), remove: ["running"] };
}

/** Notes a careful attempt that ran out of time although no item took much of it. */
export function noteHurried(chunk: ChunkName, attempt: number): Update {
  return { key: journalKey(chunk), when: [], set: { hurried: attempt }, add: {} };
}

/** Notes an attempt that has failed and can say so: its function did not die. */
export function noteReported(chunk: ChunkName, attempt: number): Update {
  return { key: journalKey(chunk), when: [], set: { reported: attempt }, add: {} };
}

/**
 * Whether the attempt that has the item open is certainly over: its time is up, or `message` has a higher
 * attempt number. Such a message is made only after the attempt has failed.
 */
export function isOver(
  { until, attempt }: JournaledItem,
  now: number,
  message: { readonly attempt: number },
): boolean {
  return until < now || attempt < message.attempt;
}

/** A death that counts against one item. */
export interface Blame {
  readonly chunk: ChunkName;
  /** As they were read, together with `open`. */
  readonly traces: Pick<Traces, "deaths">;
  /** The item that the dead attempt had open. */
  readonly open: JournaledItem;
  /** Why the item is quarantined, if this death quarantines it. */
  readonly reason: Pick<Quarantined, "code" | "error">;
  /** No other cause is possible, so the first death quarantines the item. */
  readonly certain?: boolean;
}

/**
 * Counts a death against the item that an attempt had open. The second death quarantines the item. Several
 * attempts may find the same item open: only the first of these updates is applied.
 */
export function blame({ chunk, traces, open, reason, certain = false }: Blame): Update {
  const { index, attempt } = open;
  const update = {
    ...ifOpen(chunk, open),
    add: { [`${DEATHS_OF}${index.toString(36)}`]: 1 },
    remove: ["running"],
  };
  if (!certain && (traces.deaths.get(index) ?? 0) + 1 < DEATHS_TO_QUARANTINE) return update;
  return { ...update, set: quarantine(chunk, { ...reason, index, attempts: attempt }).set };
}

/** How many attempts at the chunk died of an item that is known. These attempts cost the chunk nothing. */
export function explainedAttempts({ deaths }: Pick<Traces, "deaths">): number {
  return [...deaths.values()].reduce((sum, count) => sum + count, 0);
}

/** Reads what earlier careful attempts have left in the record of a chunk. */
export function parseTraces(fields: Fields | null): Traces {
  const { running, hurried, reported } = fields ?? {};
  return {
    open: typeof running === "string" ? unpack(running) : null,
    deaths: new Map(
      Object.entries(fields ?? {})
        .filter(([field]) => field.startsWith(DEATHS_OF))
        .map(([field, count]) => [indexIn(field), Number(count)]),
    ),
    hurried: typeof hurried === "number" ? hurried : null,
    reported: typeof reported === "number" ? reported : null,
  };
}

function ifOpen(chunk: ChunkName, open: JournaledItem): Update {
  const when = [{ is: "equal", field: "running", value: pack(open) }] as const;
  return { key: journalKey(chunk), when, set: {}, add: {} };
}

/** Packed into one field, so that one condition can compare the attempt and the item together. */
function pack({ index, until, attempt, tag }: JournaledItem): string {
  return [index, until, attempt, tag].join(":");
}

function unpack(text: string): JournaledItem {
  const [index, until, attempt, tag = ""] = text.split(":");
  return { index: Number(index), until: Number(until), attempt: Number(attempt), tag };
}
