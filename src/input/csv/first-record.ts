/** The beginning of a CSV source: lines that are left out, and the first record. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import { bordersOf, type CsvFormat } from "./csv-format.ts";
import { asBuffer } from "../text/as-buffer.ts";
import { markLength, newlinesIn } from "../text/pieces.ts";
import { firstSpan } from "../text/locate.ts";
import { RETURNS_HINT, returnsEndLines } from "../text/line-ends.ts";
import type { Source } from "../reader.ts";

/** A longer first record is refused: most likely the file is not CSV. */
const MAX_HEADER_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A source that is read from a store. */
export interface StoredSource {
  readonly source: Source;
  readonly store: ObjectStore;
}

export interface Place {
  readonly offset: number;
  /** The number of lines before it. */
  readonly line: number;
}

export interface FirstRecord {
  /** Its line end included. */
  readonly bytes: Buffer;
  /** After its newline. */
  readonly end: Place;
}

export function unusable(source: Source, problem: string, advice: string): FanjoinError {
  return new FanjoinError(
    "INPUT_INVALID",
    `${source.label}: the header is not usable: ${problem}. ${advice}`.trimEnd(),
  );
}

/** The place after this many physical lines. Throws `INPUT_INVALID` if a source with text has fewer. */
export async function afterLines({ source, store }: StoredSource, lines: number): Promise<Place> {
  if (lines === 0) return { offset: 0, line: 0 };
  let offset = 0;
  let line = 0;
  let last = NEWLINE;
  let returns = false;
  for await (const block of store.read(source.name, 0, source.size, source.version)) {
    const bytes = asBuffer(block);
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1))
      if (++line === lines) return { offset: offset + at + 1, line };
    offset += bytes.length;
    last = bytes.at(-1) ?? last;
    returns ||= bytes.includes(RETURN);
  }
  const all = line + (last === NEWLINE ? 0 : 1);
  if (all < lines && offset > 0) throw tooFewLines(source, all, lines, returns && line === 0);
  return { offset, line: all };
}

function tooFewLines(source: Source, has: number, wanted: number, returns: boolean): FanjoinError {
  const hint = returns ? ` (${RETURNS_HINT})` : "";
  return new FanjoinError(
    "INPUT_INVALID",
    `${source.label}: csv({ skipLines: ${wanted} }) leaves out ${wanted} lines, but there ${has === 1 ? "is 1 line" : `are ${has} lines`}${hint}`,
  );
}

/**
 * The first record at `place` or later that is neither a blank line nor a comment, read no further than
 * necessary; `null` if there is none. Throws `INPUT_INVALID` if it is too long.
 */
export async function recordAt(
  { source, store }: StoredSource,
  format: CsvFormat,
  place: Place,
): Promise<FirstRecord | null> {
  let read: Buffer = Buffer.alloc(0);
  for await (const block of store.read(source.name, place.offset, source.size, source.version)) {
    read = Buffer.concat([read, asBuffer(block)]);
    const record = recordIn(read, format, place, false);
    if (record !== null) return record;
    if (read.length > MAX_HEADER_BYTES) throw tooLong(source, read);
  }
  const record = recordIn(read, format, place, true);
  // The whole source may be one comment.
  if (record === null && returnsEndLines(read.toString("latin1"))) throw unusable(source, RETURNS_HINT, "");
  return record;
}

function tooLong(source: Source, read: Buffer): FanjoinError {
  const problem = `it does not end within ${MAX_HEADER_BYTES / 1024} KiB`;
  if (!read.includes(NEWLINE) && read.includes(RETURN))
    return unusable(source, `${problem}: ${RETURNS_HINT}`, "");
  return unusable(source, `${problem} (is a quote never closed?)`, "Correct the first row.");
}

function recordIn(read: Buffer, format: CsvFormat, place: Place, last: boolean): FirstRecord | null {
  const mark = markAt(place, read);
  const body = read.subarray(mark);
  const span = firstSpan(body, bordersOf(format), last);
  if (span === null) return null;
  const lines = newlinesIn(body.subarray(0, span.next));
  return {
    bytes: body.subarray(span.start, span.next),
    end: { offset: place.offset + mark + span.next, line: place.line + lines },
  };
}

/** The length of a byte order mark, which is left out at the beginning of a source only. */
function markAt({ offset }: Place, read: Buffer): number {
  return offset === 0 ? markLength(read) : 0;
}

/** Up to `length` bytes at `place`, without a byte order mark; and where they begin. */
export async function bytesAt(
  { source, store }: StoredSource,
  place: Place,
  length: number,
): Promise<{ readonly bytes: Buffer; readonly start: Place }> {
  const parts: Uint8Array[] = [];
  const end = Math.min(place.offset + length, source.size);
  for await (const block of store.read(source.name, place.offset, end, source.version)) parts.push(block);
  const read = Buffer.concat(parts);
  const mark = markAt(place, read);
  return { bytes: read.subarray(mark), start: { ...place, offset: place.offset + mark } };
}
