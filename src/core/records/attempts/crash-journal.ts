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
 *   here before it runs it (`attempt-traces.ts`). If the next attempt finds it still open, that counts as a
 *   death of the item. The second death quarantines it.
 */
import type { ErrorCode } from "../../errors/errors.ts";
import { workName } from "../message.ts";
import type { Fields, Update } from "../record.ts";

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

/** Names a chunk of one generation, or a part of it. Every message of the chunk is a `ChunkName` too. */
export interface ChunkName {
  readonly batch: string;
  readonly generation: number;
  readonly chunk: number;
  readonly part?: number;
}

/** After this many deaths of whole processes, a chunk is run in a child process. */
const DEATHS_TO_ISOLATE = 2;

/** A part has a journal of its own: its items count from its beginning. */
export function journalKey(name: ChunkName): string {
  return `${journalPrefix(name.batch)}${name.generation}/${workName(name)}`;
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

/**
 * The prefix of the fields that hold a quarantined item. The fields of `attempt-traces.ts` begin otherwise.
 */
const ITEM = "i";
const itemField = (index: number): string => `${ITEM}${index.toString(36)}`;

/** The index of the item that a field is about: its name is one letter and the index in base 36. */
export const indexIn = (field: string): number => parseInt(field.slice(1), 36);

/** Only `quarantine` writes items, so their shape is not checked. */
function parseItem(item: unknown): Omit<Quarantined, "index"> {
  const { code, name, message, attempts } = item as Quarantined["error"] & Quarantined;
  return { code, error: { name, message }, attempts };
}
