/**
 * The crash journal of a chunk: one record in the ledger, which exists only if an attempt at the chunk died.
 * It says which items are quarantined, and how many deaths are known.
 *
 * A poison item (one that ends the thread or process that runs it) would end every attempt at its chunk. A
 * quarantined item is not run again; it is a failed item. This is the idea that MapReduce calls "skipping bad
 * records" (Dean and Ghemawat 2004, section 4.6).
 *
 * - In the embedded engine, a thread or child process dies and the engine survives. The item that was open is
 *   quarantined at once.
 * - The death of a whole process is only counted, because people kill processes.
 * - On Lambda no process survives that could say which item was open. So a careful attempt writes the item
 *   here before it runs it. If the next attempt finds it still open, that counts as a death of the item. The
 *   second death quarantines it.
 */
import type { ErrorCode } from "../errors.ts";
import type { Fields, Update } from "./record.ts";

/** The error codes of quarantined items. */
export type QuarantineCode = Extract<ErrorCode, "ITEM_CRASHED" | "ITEM_TIMEOUT">;

/** A quarantined item. */
export interface Quarantined {
  /** From 0, within its chunk. */
  readonly index: number;
  readonly code: QuarantineCode;
  readonly error: { readonly name: string; readonly message: string };
  /** The number of the attempt at its chunk that the item ended. */
  readonly attempts: number;
}

export interface CrashJournal {
  /** How many whole processes died while they ran the chunk. */
  readonly deaths: number;
  readonly quarantined: readonly Quarantined[];
}

/** Names a chunk of one generation. Every message of the chunk is a `ChunkName` too. */
export interface ChunkName {
  readonly batch: string;
  readonly generation: number;
  readonly chunk: number;
}

/** After this many deaths of whole processes, a chunk is run in a child process. */
const DEATHS_TO_ISOLATE = 2;

export function journalKey({ batch, generation, chunk }: ChunkName): string {
  return `${journalPrefix(batch)}${generation}/${chunk}`;
}

/** The keys of all crash journals of a batch begin with this. */
export function journalPrefix(batch: string): string {
  return `journal/${batch}/`;
}

/** Quarantines one item. Refused if the item was quarantined before. */
export function quarantine(chunk: ChunkName, { index, code, error, attempts }: Quarantined): Update {
  const field = itemField(index);
  const { name, message } = error;
  return {
    key: journalKey(chunk),
    when: [{ is: "absent", field }],
    set: { [field]: { code, name, message, attempts } },
    add: {},
  };
}

/** Counts the death of a process that ran the chunk. */
export function countDeath(chunk: ChunkName): Update {
  return { key: journalKey(chunk), when: [], set: {}, add: { deaths: 1 } };
}

/** Whether the chunk needs a child process. A death there names the chunk, and harms no other chunk. */
export function needsChild({ deaths }: CrashJournal): boolean {
  return deaths >= DEATHS_TO_ISOLATE;
}

/**
 * Whether the chunk needs a careful attempt. One death of a whole process does not count against it: most
 * likely the process was killed by hand.
 */
export function isSuspicious(journal: CrashJournal): boolean {
  return needsChild(journal) || journal.quarantined.length > 0;
}

/** Reads the record of a chunk. Most chunks have none. */
export function parseCrashJournal(fields: Fields | null): CrashJournal {
  const { deaths = 0, ...items } = fields ?? {};
  return {
    deaths: typeof deaths === "number" ? deaths : 0,
    quarantined: Object.entries(items)
      .filter(([field]) => field.startsWith(ITEM))
      .map(([field, item]) => ({ ...parseItem(item), index: indexIn(field) })),
  };
}

/** Field-name prefixes: quarantined items (`i`), death counts (`x`). No other field begins so. */
const ITEM = "i";
const DEATHS_OF = "x";

const itemField = (index: number): string => `${ITEM}${index.toString(36)}`;
const indexIn = (field: string): number => parseInt(field.slice(1), 36);

/** Only `quarantine` writes items, so their shape is not checked. */
function parseItem(item: unknown): Omit<Quarantined, "index"> {
  const { code, name, message, attempts } = item as Quarantined["error"] & Quarantined;
  return { code, error: { name, message }, attempts };
}

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

/** What earlier careful attempts at a chunk have left in its journal for later ones. */
export interface Traces {
  /** `null`: no item was open when the last careful attempt ended. */
  readonly open: JournaledItem | null;
  /** How often each item was found open by a later attempt, by the item's index. */
  readonly deaths: ReadonlyMap<number, number>;
  /** The number of the last careful attempt that ran out of time without one item to blame. */
  readonly hurried: number | null;
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
  const { running, hurried } = fields ?? {};
  return {
    open: typeof running === "string" ? unpack(running) : null,
    deaths: new Map(
      Object.entries(fields ?? {})
        .filter(([field]) => field.startsWith(DEATHS_OF))
        .map(([field, count]) => [indexIn(field), Number(count)]),
    ),
    hurried: typeof hurried === "number" ? hurried : null,
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
