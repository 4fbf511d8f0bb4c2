/**
 * The plan of a batch: a log that says which range of the input each chunk is.
 *
 * Entries are numbered and create-only. A planner writes an entry before it sends any of its messages, and
 * writes the next entry only after it has sent all of them. `END` takes the next number like any entry does,
 * and fixes how many chunks there are.
 *
 * The plan of a batch that was asked to end may be short: it does not cover the whole input. A redrive goes
 * on behind its `END`, and writes another one. The last `END` holds.
 */
import type { Spool } from "./message.ts";
import { create } from "./record.ts";
import type { Json } from "../json/json.ts";
import type { Fields, Update } from "./record.ts";
import { runFrom } from "./source-run.ts";
import type { SourceRun } from "./source-run.ts";

/** `start` up to `end` (exclusive) of source number `source`, in the reader's unit; or a run (`run`). */
export interface PlannedRange {
  readonly source: number;
  readonly start: number;
  readonly end: number;
  /** CRC-32 of the range in its spool. */
  readonly crc?: number;
  /** The range is a run of whole sources, the first of which is `source`. */
  readonly run?: SourceRun;
}

/** The ranges of the next chunks, and their spool if their source cannot be positioned. */
export interface Cut {
  readonly ranges: readonly PlannedRange[];
  readonly spool?: Spool;
  /** How many items the plan has, these ranges included. Counted only for a batch that limits them. */
  readonly items?: number;
}

/** Entry `entry` of a plan: chunks `first`, `first + 1`, … are `ranges`. */
export interface PlanEntry extends Cut {
  readonly entry: number;
  readonly first: number;
}

/** The end of a plan. */
export interface PlanEnd {
  /** How many chunks the plan has. */
  readonly end: number;
  /** The batch was asked to end, so the plan may not cover the whole input. */
  readonly short: boolean;
  /** The generation that planned up to here. */
  readonly generation: number;
}

/** The most chunks in one entry. With `MAX_PACKED`, an entry fits into one DynamoDB write unit of 1 KB. */
export const MAX_ENTRY_CHUNKS = 100;
/** Characters that the packed ranges of one entry may take. */
export const MAX_PACKED = 900;
/** As `MAX_PACKED`, for an entry with a spool. */
export const MAX_PACKED_SPOOLED = 720;
/** Characters that the checksum of a range takes, in base 36, with a comma. */
const CRC_CHARACTERS = 8;
/** Characters that one more range may take, its checksum included. */
const MAX_RANGE = 40 + CRC_CHARACTERS;
/** Bytes of the text about an unreadable source. Its entry has a single range, so there is room. */
const MAX_DAMAGE_BYTES = 450;

/** The source that a plan goes on with behind this range; it may be that of the range. */
export function sourceBehind({ source, run }: PlannedRange): number {
  return run === undefined ? source : source + run.sources;
}

/** Whether an entry of these ranges is to be written now. `count`: the wanted number of ranges. */
export type FullEntryCheck = (ranges: readonly PlannedRange[], count: number) => boolean;

/**
 * The check of one entry, whose ranges only grow. It packs them only when there may be too many: packing them
 * for each new range took a twelfth of the engine's time.
 */
export function fullEntryCheck(spooled: boolean): FullEntryCheck {
  const limit = (spooled ? MAX_PACKED_SPOOLED : MAX_PACKED) - MAX_RANGE;
  /** So many ranges take no more than `limit` characters. */
  let safe = Math.floor(limit / MAX_RANGE);
  return (ranges, count) => {
    if (ranges.length >= Math.min(count, MAX_ENTRY_CHUNKS)) return true;
    if (ranges.length <= safe) return false;
    // Ranges of many small sources take more characters than neighbours of one source.
    const checksums = ranges[0]?.crc === undefined ? 0 : ranges.length * CRC_CHARACTERS;
    const room = limit - pack(ranges).length - checksums;
    safe = ranges.length + Math.floor(room / MAX_RANGE);
    return room < 0;
  };
}

export function planKey(batch: string, entry: number): string {
  return `plan/${batch}/${String(entry).padStart(8, "0")}`;
}

export function writeEntry(batch: string, { entry, first, ranges, spool, items }: PlanEntry): Update {
  const counted = items === undefined ? {} : { items };
  // A planner that knows no runs takes an entry without `ranges` as damaged, and leaves it to others.
  const field = ranges.some(({ run }) => run !== undefined) ? "runs" : "ranges";
  const packed = { first, [field]: pack(ranges), ...packChecksums(ranges), ...counted };
  return create(planKey(batch, entry), spool ? { ...packed, spool: packSpool(spool) } : packed);
}

export function writeEnd(batch: string, entry: number, { end, short, generation }: PlanEnd): Update {
  const fields = { end, ...(short ? { short } : {}), ...(generation > 0 ? { generation } : {}) };
  return create(planKey(batch, entry), fields);
}

/** Reads the record of entry `entry`, which is an entry or the end. Throws if it is damaged. */
export function parseEntry(entry: number, fields: Fields): PlanEntry | PlanEnd {
  const { first, runs, ranges = runs, end, spool, short, generation, crcs, items } = fields;
  if (typeof end === "number") return { end, short: short === true, generation: Number(generation ?? 0) };
  if (typeof first !== "number" || typeof ranges !== "string") {
    throw new TypeError(`plan entry ${entry} is damaged: ${JSON.stringify(fields)}`);
  }
  const counted = typeof items === "number" ? { items } : {};
  const cut = { entry, first, ranges: withChecksums(unpack(ranges), crcs), ...counted };
  return typeof spool === "string" ? { ...cut, spool: unpackSpool(spool) } : cut;
}

/** Nothing between the commas for a range without one. */
function packChecksums(ranges: readonly PlannedRange[]): { crcs?: string } {
  if (ranges.every(({ crc }) => crc === undefined)) return {};
  return { crcs: ranges.map(({ crc }) => crc?.toString(36) ?? "").join(",") };
}

function withChecksums(ranges: PlannedRange[], packed: Json | undefined): PlannedRange[] {
  if (typeof packed !== "string") return ranges;
  const crcs = packed.split(",");
  return ranges.map((range, place) => {
    const crc = crcs[place] ?? "";
    return crc === "" ? range : { ...range, crc: parseInt(crc, 36) };
  });
}

/** The third line of a spool whose items before the damage are in doubt. */
const IN_DOUBT = "in doubt";

/** `offset:length:base:name`; the text about damage on a second line; a third one if items are in doubt. */
function packSpool({ name, offset, length, base, damage, inDoubt }: Spool): string {
  const where = [...[offset, length, base].map((bytes) => bytes.toString(36)), name].join(":");
  if (damage === undefined) return where;
  return [where, damage, ...(inDoubt ? [IN_DOUBT] : [])].join("\n");
}

/** The text about an unreadable source, on one line, cut to `MAX_DAMAGE_BYTES`. */
export function damageText(message: string): string {
  let bytes = 0;
  let text = "";
  for (const character of message.replaceAll("\n", " ")) {
    // The size in JSON: exact for ASCII, an upper bound for other characters.
    bytes += character < "\u0080" ? 1 : 2 * character.length + 1;
    if (bytes > MAX_DAMAGE_BYTES) return `${text}…`;
    text += character;
  }
  return text;
}

function unpackSpool(text: string): Spool {
  const [where = "", damage, doubt] = text.split("\n");
  const [offset = "", length = "", base = "", ...name] = where.split(":");
  const spool = {
    name: name.join(":"),
    offset: parseInt(offset, 36),
    length: parseInt(length, 36),
    base: parseInt(base, 36),
  };
  if (damage === undefined) return spool;
  return { ...spool, damage, ...(doubt === IN_DOUBT ? { inDoubt: true } : {}) };
}

/**
 * Packs ranges as text. Contiguous ranges are `source:start:lengths`, in base 36; equal lengths are counted.
 * Readers cut contiguous ranges, which take some five characters each. Runs of sources that follow each other
 * are `source~sources:bytes,sources:bytes`.
 */
export function pack(ranges: readonly PlannedRange[]): string {
  const stretches: string[] = [];
  let lengths: { length: number; times: number }[] = [];
  let head = "";
  const flush = (): void => {
    if (head !== "") stretches.push(`${head}:${lengths.map(packLength).join(",")}`);
    head = "";
  };
  let previous: PlannedRange | null = null;
  for (const range of ranges) {
    if (range.run !== undefined) {
      flush();
      packRun(stretches, previous, range, range.run);
      previous = range;
      continue;
    }
    if (previous?.source !== range.source || previous.run || previous.end !== range.start) {
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
  return stretches.join(";");
}

function packRun(
  stretches: string[],
  previous: PlannedRange | null,
  { source }: PlannedRange,
  { sources, bytes }: SourceRun,
): void {
  const packed = `${sources.toString(36)}:${bytes.toString(36)}`;
  const before = previous?.run === undefined ? null : previous.source + previous.run.sources;
  if (before === source) stretches.push(`${stretches.pop()},${packed}`);
  else stretches.push(`${source.toString(36)}~${packed}`);
}

function unpackRuns(text: string): PlannedRange[] {
  const [first = "", runs = ""] = text.split("~");
  let source = parseInt(first, 36);
  return runs.split(",").map((packed) => {
    const [sources = 0, bytes = 0] = packed.split(":").map((number) => parseInt(number, 36));
    const range = runFrom(source, { sources, bytes });
    source += sources;
    return range;
  });
}

function packLength({ length, times }: { length: number; times: number }): string {
  return times === 1 ? length.toString(36) : `${length.toString(36)}*${times.toString(36)}`;
}

/** Reads what `pack` wrote. */
export function unpack(text: string): PlannedRange[] {
  if (text === "") return [];
  const ranges: PlannedRange[] = [];
  for (const stretch of text.split(";")) {
    if (stretch.includes("~")) {
      ranges.push(...unpackRuns(stretch));
      continue;
    }
    const [source = "", first = "", lengths = ""] = stretch.split(":");
    let start = parseInt(first, 36);
    for (const packed of lengths.split(",")) {
      const [length = "", times = "1"] = packed.split("*");
      const units = parseInt(length, 36);
      for (let n = parseInt(times, 36); n > 0; n--) {
        ranges.push({ source: parseInt(source, 36), start, end: start + units });
        start += units;
      }
    }
  }
  return ranges;
}
