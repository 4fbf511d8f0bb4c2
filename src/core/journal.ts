/**
 * The journal: what is known against the items of a chunk whose attempts die. One record for each such chunk; chunks that never die have none.
 *
 * An item that was open when the thread or child that ran it died is condemned: no later attempt runs it. The death of a whole process is
 * only counted, because people kill processes.
 */
import type { ErrorCode } from "./errors.ts";
import type { Fields, Update } from "./record.ts";

/** What an item can be condemned for. */
export type Verdict = Extract<ErrorCode, "ITEM_CRASHED" | "ITEM_TIMEOUT">;

/** An item that is not run any more. */
export interface Condemned {
  /** From 0, within its chunk. */
  readonly index: number;
  readonly code: Verdict;
  readonly error: { readonly name: string; readonly message: string };
  /** The number of the attempt at its chunk that it ended. */
  readonly attempts: number;
}

export interface Journal {
  /** Whole processes that died while the chunk was open in them. */
  readonly deaths: number;
  readonly condemned: readonly Condemned[];
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

/** Condemns one item; refused if it was condemned before. */
export function condemn(chunk: ChunkName, { index, code, error, attempts }: Condemned): Update {
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
export function needsChild({ deaths }: Journal): boolean {
  return deaths >= MOST_DEATHS;
}

/** Whether the chunk is to be run with care. One death of a whole process is nothing against it: it was most likely killed by hand. */
export function isSuspicious(journal: Journal): boolean {
  return needsChild(journal) || journal.condemned.length > 0;
}

/** What the record of a chunk says; most chunks have none. */
export function parseJournal(fields: Fields | null): Journal {
  const { deaths = 0, ...items } = fields ?? {};
  return {
    deaths: typeof deaths === "number" ? deaths : 0,
    condemned: Object.entries(items).map(([field, item]) => ({ ...parseItem(item), index: indexIn(field) })),
  };
}

const itemField = (index: number): string => `i${index.toString(36)}`;
const indexIn = (field: string): number => parseInt(field.slice(1), 36);

/** Only `condemn` writes them. */
function parseItem(item: unknown): Omit<Condemned, "index"> {
  const { code, name, message, attempts } = item as Condemned["error"] & Condemned;
  return { code, error: { name, message }, attempts };
}
