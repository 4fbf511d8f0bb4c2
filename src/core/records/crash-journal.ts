/**
 * The journal: what is known against the items of a chunk whose attempts die. One record for each such chunk;
 * chunks that never die have none.
 *
 * An item that was open when the thread or child that ran it died is quarantined: no later attempt runs it.
 * The death of a whole process is only counted, because people kill processes. Where nobody survives who
 * could tell (a Lambda function), a careful attempt names the item here before it runs it; whoever comes next
 * and still finds it named counts a death against it, and the second one quarantines it.
 */
import type { ErrorCode } from "../errors.ts";
import type { Fields, Update } from "./record.ts";

/** What an item can be quarantined for. */
export type Verdict = Extract<ErrorCode, "ITEM_CRASHED" | "ITEM_TIMEOUT">;

/** An item that is not run any more. */
export interface Quarantined {
  /** From 0, within its chunk. */
  readonly index: number;
  readonly code: Verdict;
  readonly error: { readonly name: string; readonly message: string };
  /** The number of the attempt at its chunk that it ended. */
  readonly attempts: number;
}

export interface CrashJournal {
  /** Whole processes that died while the chunk was open in them. */
  readonly deaths: number;
  readonly quarantined: readonly Quarantined[];
}

/** A chunk of one generation. A message of it is one. */
export interface ChunkName {
  readonly batch: string;
  readonly generation: number;
  readonly chunk: number;
}

/** Deaths of whole processes after which a chunk is run in a child process, whose death is evidence. */
const MOST_DEATHS = 2;

export function journalKey({ batch, generation, chunk }: ChunkName): string {
  return `${journalPrefix(batch)}${generation}/${chunk}`;
}

/** What the keys of all journals of a batch begin with. */
export function journalPrefix(batch: string): string {
  return `journal/${batch}/`;
}

/** Quarantines one item; refused if it was quarantined before. */
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

/** Counts the death of a process in which the chunk was open. */
export function countDeath(chunk: ChunkName): Update {
  return { key: journalKey(chunk), when: [], set: {}, add: { deaths: 1 } };
}

/** Whether the chunk is to be run where its death is evidence, and harms nobody else. */
export function needsChild({ deaths }: CrashJournal): boolean {
  return deaths >= MOST_DEATHS;
}

/**
 * Whether the chunk is to be run with care. One death of a whole process is nothing against it: it was most
 * likely killed by hand.
 */
export function isSuspicious(journal: CrashJournal): boolean {
  return needsChild(journal) || journal.quarantined.length > 0;
}

/** What the record of a chunk says; most chunks have none. */
export function parseCrashJournal(fields: Fields | null): CrashJournal {
  const { deaths = 0, ...items } = fields ?? {};
  return {
    deaths: typeof deaths === "number" ? deaths : 0,
    quarantined: Object.entries(items)
      .filter(([field]) => field.startsWith(ITEM))
      .map(([field, item]) => ({ ...parseItem(item), index: indexIn(field) })),
  };
}

/**
 * What the names of fields begin with that hold a quarantined item, or the deaths of one. No other field's
 * name does.
 */
const ITEM = "i";
const DEATHS_OF = "x";

const itemField = (index: number): string => `${ITEM}${index.toString(36)}`;
const indexIn = (field: string): number => parseInt(field.slice(1), 36);

/** Only `quarantine` writes them. */
function parseItem(item: unknown): Omit<Quarantined, "index"> {
  const { code, name, message, attempts } = item as Quarantined["error"] & Quarantined;
  return { code, error: { name, message }, attempts };
}

/** The item that a careful attempt has open, as it is written down before the item runs. */
export interface JournaledItem {
  /** From 0, within its chunk. */
  readonly index: number;
  /** When the attempt is over at the latest, in milliseconds since the epoch. */
  readonly until: number;
  /** The attempt's number and its tag. */
  readonly attempt: number;
  readonly tag: string;
}

/** What attempts of a chunk have left behind for those that come after them. */
export interface Traces {
  /** `null`: the last careful attempt had none open when it ended. */
  readonly open: JournaledItem | null;
  /** How often each item was found open by a later attempt. */
  readonly deaths: ReadonlyMap<number, number>;
  /** The number of the last careful attempt that ran out of time without one item to blame. */
  readonly hurried: number | null;
}

/** Deaths after which an item is quarantined: one may be a machine's fault. */
const DEATHS_TO_QUARANTINE = 2;

/** Names the item that is open now, in place of the one before it. */
export function noteOpen(chunk: ChunkName, open: JournaledItem): Update {
  return { key: journalKey(chunk), when: [], set: { running: pack(open) }, add: {} };
}

/** The attempt has come to its end in order; refused if another one has written since. */
export function noteClosed(chunk: ChunkName, open: JournaledItem): Update {
  return { ...ifOpen(chunk, open), remove: ["running"] };
}

/** Notes a careful attempt that ran out of time although no item took much of it. */
export function noteHurried(chunk: ChunkName, attempt: number): Update {
  return { key: journalKey(chunk), when: [], set: { hurried: attempt }, add: {} };
}

/**
 * Whether the attempt that has the item open can be told to be over: its time is up, or a message was made
 * since because it had failed.
 */
export function isOver(
  { until, attempt }: JournaledItem,
  now: number,
  message: { readonly attempt: number },
): boolean {
  return until < now || attempt < message.attempt;
}

/**
 * Counts a death against the item that an attempt had open; `traces` are as read. Applied once, however many
 * find it. The second one quarantines the item for what `verdict` says, or the first if it is `certain`.
 */
export function blame(
  chunk: ChunkName,
  { deaths }: Pick<Traces, "deaths">,
  open: JournaledItem,
  verdict: Omit<Quarantined, "index" | "attempts">,
  certain = false,
): Update {
  const { index, attempt } = open;
  const update = {
    ...ifOpen(chunk, open),
    add: { [`${DEATHS_OF}${index.toString(36)}`]: 1 },
    remove: ["running"],
  };
  if (!certain && (deaths.get(index) ?? 0) + 1 < DEATHS_TO_QUARANTINE) return update;
  return { ...update, set: quarantine(chunk, { ...verdict, index, attempts: attempt }).set };
}

/** How many attempts at the chunk have shown which item they died of: those cost the chunk nothing. */
export function explainedAttempts({ deaths }: Pick<Traces, "deaths">): number {
  return [...deaths.values()].reduce((sum, count) => sum + count, 0);
}

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

/** One field, so that one condition tells whether it is the same attempt's same item. */
function pack({ index, until, attempt, tag }: JournaledItem): string {
  return [index, until, attempt, tag].join(":");
}

function unpack(text: string): JournaledItem {
  const [index, until, attempt, tag = ""] = text.split(":");
  return { index: Number(index), until: Number(until), attempt: Number(attempt), tag };
}
