/**
 * The plan: a log of which ranges the chunks of a batch are. Entries are create-only and numbered; an entry
 * is written before any of its messages is sent, and the next one only after that. `END` competes for the
 * next number like any entry, and so fixes for ever how many chunks there are.
 */
import type { Spool } from "./message.ts";
import { create } from "./record.ts";
import type { Fields, Update } from "./record.ts";

/** `start` up to `end` (exclusive) of source number `source`, in the reader's unit. */
export interface PlannedRange {
  readonly source: number;
  readonly start: number;
  readonly end: number;
}

/** The ranges of the next chunks, and where their text is if their source cannot be positioned. */
export interface Cut {
  readonly ranges: readonly PlannedRange[];
  readonly spool?: Spool;
}

/** Entry `entry` of a plan: chunks `first`, `first + 1`, … are `ranges`. */
export interface PlanEntry extends Cut {
  readonly entry: number;
  readonly first: number;
}

/** Chunks in one entry at most; with `MAX_PACKED` it keeps an entry within DynamoDB's write unit of 1 KB. */
export const MAX_ENTRY_CHUNKS = 100;
/** Characters that the packed ranges of one entry may take. */
export const MAX_PACKED = 900;
/** The same for an entry with a spool. */
export const MAX_PACKED_SPOOLED = 720;
/** What one more range takes at most. */
const MAX_RANGE = 40;
/** What is said about a source that cannot be read; its entry has a single range. */
const MAX_DAMAGE_BYTES = 450;

/** Whether an entry of these ranges should be written before it gets another one. */
export function isFullEntry(ranges: readonly PlannedRange[], count: number, spooled: boolean): boolean {
  if (ranges.length >= Math.min(count, MAX_ENTRY_CHUNKS)) return true;
  const most = (spooled ? MAX_PACKED_SPOOLED : MAX_PACKED) - MAX_RANGE;
  // Ranges of many small sources take more room than neighbours do.
  return ranges.length * MAX_RANGE > most && pack(ranges).length > most;
}

export function planKey(batch: string, entry: number): string {
  return `plan/${batch}/${String(entry).padStart(8, "0")}`;
}

export function writeEntry(batch: string, { entry, first, ranges, spool }: PlanEntry): Update {
  const packed = { first, ranges: pack(ranges) };
  return create(planKey(batch, entry), spool ? { ...packed, spool: packSpool(spool) } : packed);
}

/**
 * The end of the plan: there are `chunks` chunks, and no more. `short`: the input may go on, but the batch
 * was to end.
 */
export function writeEnd(batch: string, entry: number, chunks: number, short: boolean): Update {
  return create(planKey(batch, entry), short ? { end: chunks, short } : { end: chunks });
}

/** What the record of entry `entry` says: an entry, or the end. */
export function parseEntry(entry: number, fields: Fields): PlanEntry | { readonly end: number } {
  const { first, ranges, end, spool } = fields;
  if (typeof end === "number") return { end };
  if (typeof first !== "number" || typeof ranges !== "string") {
    throw new TypeError(`plan entry ${entry} is damaged: ${JSON.stringify(fields)}`);
  }
  const cut = { entry, first, ranges: unpack(ranges) };
  return typeof spool === "string" ? { ...cut, spool: unpackSpool(spool) } : cut;
}

/** `offset:length:base:name`, and what is said about damage on a second line. */
function packSpool({ name, offset, length, base, damage }: Spool): string {
  const where = [...[offset, length, base].map((bytes) => bytes.toString(36)), name].join(":");
  return damage === undefined ? where : `${where}\n${damage}`;
}

/** What is said about a source that cannot be read, on one line and no longer than an entry holds. */
export function damageText(message: string): string {
  let bytes = 0;
  let text = "";
  for (const character of message.replaceAll("\n", " ")) {
    // Exact for ASCII, and never too little.
    bytes += character < "\u0080" ? 1 : 2 * character.length + 1;
    if (bytes > MAX_DAMAGE_BYTES) return `${text}…`;
    text += character;
  }
  return text;
}

function unpackSpool(text: string): Spool {
  const [where = "", damage] = text.split("\n");
  const [offset = "", length = "", base = "", ...name] = where.split(":");
  const spool = {
    name: name.join(":"),
    offset: parseInt(offset, 36),
    length: parseInt(length, 36),
    base: parseInt(base, 36),
  };
  return damage === undefined ? spool : { ...spool, damage };
}

/**
 * Ranges as text: a run of contiguous ones is `source:start:lengths`, equal lengths are counted, all in base
 * 36. Ranges that follow on from each other, as readers cut them, take some five characters each.
 */
export function pack(ranges: readonly PlannedRange[]): string {
  const runs: string[] = [];
  let lengths: { length: number; times: number }[] = [];
  let head = "";
  const flush = (): void => {
    if (head !== "") runs.push(`${head}:${lengths.map(packLength).join(",")}`);
  };
  let previous: PlannedRange | null = null;
  for (const range of ranges) {
    if (previous?.source !== range.source || previous.end !== range.start) {
      flush();
      head = `${range.source.toString(36)}:${range.start.toString(36)}`;
      lengths = [];
    }
    const length = range.end - range.start;
    const last = lengths.at(-1);
    if (last?.length === length) last.times++;
    else lengths.push({ length, times: 1 });
    previous = range;
  }
  flush();
  return runs.join(";");
}

function packLength({ length, times }: { length: number; times: number }): string {
  return times === 1 ? length.toString(36) : `${length.toString(36)}*${times.toString(36)}`;
}

export function unpack(text: string): PlannedRange[] {
  if (text === "") return [];
  const ranges: PlannedRange[] = [];
  for (const run of text.split(";")) {
    const [source = "", from = "", lengths = ""] = run.split(":");
    let start = parseInt(from, 36);
    for (const packed of lengths.split(",")) {
      const [length = "", times = "1"] = packed.split("*");
      const step = parseInt(length, 36);
      for (let n = parseInt(times, 36); n > 0; n--) {
        ranges.push({ source: parseInt(source, 36), start, end: start + step });
        start += step;
      }
    }
  }
  return ranges;
}
