/**
 * Reads the lines that start in a range, the last one to its end. `lines` and `jsonl` are both made of this.
 */
import { isUtf8 } from "node:buffer";
import type { ObjectStore } from "../../ports.ts";
import { asBuffer } from "./as-buffer.ts";
import { lineBorders } from "./record-ends.ts";
import { byteCutter } from "./cutters.ts";
import { type Block, newlinesIn, type TextPiece, piecesOf } from "./pieces.ts";
import { locator, lastSpansOf } from "./locate.ts";
import type {
  ByteFormat,
  ReaderKind,
  ReadRequest,
  Records,
  Source,
  TextKind,
  Unreadable,
} from "../reader.ts";
import { notUtf8, tooLongRecord } from "./unreadable.ts";

const NEWLINE = 0x0a;

/**
 * The first read beyond the end of a range, for the rest of its last line; doubled until the line ends.
 */
const TAIL_BYTES = 64 * 1024;

async function* restOfLine(source: Source, from: number, store: ObjectStore): AsyncGenerator<Block> {
  let offset = from;
  for (let window = TAIL_BYTES; offset < source.size; window *= 2) {
    const to = Math.min(source.size, offset + window);
    for await (const block of store.read(source.name, offset, to, source.version)) {
      const bytes = asBuffer(block);
      const end = bytes.indexOf(NEWLINE) + 1;
      yield { offset, bytes: end > 0 ? bytes.subarray(0, end) : bytes };
      if (end > 0) return;
      offset += bytes.length;
    }
    if (offset < to) return;
  }
}

/**
 * The lines that start in the range. The byte before shows whether a line starts at its first byte; an
 * `exact` range always starts with a line.
 */
async function* ownLines({ source, range, store, exact = false }: ReadRequest): AsyncGenerator<Block> {
  let started = exact || range.start === 0;
  let offset = started ? range.start : range.start - 1;
  let finished = true;
  for await (const block of store.read(source.name, offset, range.end, source.version)) {
    const bytes = asBuffer(block);
    const skipped = started ? 0 : bytes.indexOf(NEWLINE) + 1;
    started ||= skipped > 0;
    if (started && skipped < bytes.length) {
      yield { offset: offset + skipped, bytes: bytes.subarray(skipped) };
      finished = bytes.at(-1) === NEWLINE;
    }
    offset += bytes.length;
  }
  if (!finished && !exact) yield* restOfLine(source, range.end, store);
}

/** The differences between formats of lines. */
export interface LineFormat {
  /** The items of lines that are valid text; adds problems to `unreadable`. */
  parse(lines: string[], unreadable: Map<number, Unreadable>): unknown[];
  readonly blankIsItem: boolean;
  /** The problem of a source that is this one line; `null` if there is none. */
  onlyLine?(line: string): Unreadable | null;
}

function textLines(piece: TextPiece, blankIsItem: boolean): string[] {
  const text = piece.bytes.toString("utf8");
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const bare = text.includes("\r")
    ? lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
    : lines;
  return blankIsItem ? bare : bare.filter((line) => line !== "");
}

/** Line by line, for a piece with bytes that are not text. */
function parseBroken(piece: TextPiece, format: LineFormat, unreadable: Map<number, Unreadable>): unknown[] {
  return lastSpansOf(piece.bytes, lineBorders, format.blankIsItem).map((span, index) => {
    const bytes = piece.bytes.subarray(span.start, span.end);
    if (!isUtf8(bytes)) {
      unreadable.set(index, notUtf8(bytes));
      return undefined;
    }
    const own = new Map<number, Unreadable>();
    const [value] = format.parse([bytes.toString("utf8")], own);
    const problem = own.get(0);
    if (problem !== undefined) unreadable.set(index, problem);
    return value;
  });
}

/** The format for a source that is one line. */
function onlyLineOf(format: LineFormat): LineFormat {
  return {
    ...format,
    parse(lines, unreadable) {
      const problem = format.onlyLine?.(lines[0] ?? "") ?? null;
      if (problem === null) return format.parse(lines, unreadable);
      unreadable.set(0, problem);
      return [undefined];
    },
  };
}

function linesOf(piece: TextPiece): number {
  return newlinesIn(piece.bytes) + (piece.bytes.at(-1) === NEWLINE ? 0 : 1);
}

function recordsOf(piece: TextPiece, line: number, format: LineFormat): Records & { readonly lines: number } {
  const unreadable = new Map<number, Unreadable>();
  const values = isUtf8(piece.bytes)
    ? format.parse(textLines(piece, format.blankIsItem), unreadable)
    : parseBroken(piece, format, unreadable);
  const locate = locator({ bytes: piece.bytes, offset: piece.offset, line }, lineBorders, format.blankIsItem);
  return {
    values,
    unreadable: unreadable.size === 0 ? null : unreadable,
    lines: linesOf(piece),
    locate,
    again: (index) => format.parse([locate(index).raw], new Map())[0],
  };
}

async function* readLines(request: ReadRequest, format: LineFormat): AsyncGenerator<Records> {
  const pieces = piecesOf(ownLines(request));
  let line = 0;
  try {
    for (let piece = await pieces.next(); piece !== null; piece = await pieces.next()) {
      const isOnly = piece.last && line === 0 && request.range.start === 0 && !piece.bytes.includes(NEWLINE);
      if (piece.last || piece.bytes.at(-1) === NEWLINE) {
        const records = recordsOf(piece, line, isOnly ? onlyLineOf(format) : format);
        line += records.lines;
        yield records;
      } else {
        pieces.unread(piece.bytes.length);
        await pieces.skipRecord(lineBorders());
        yield tooLongRecord(piece, line++, { lines: 1 });
      }
    }
  } finally {
    await pieces.close();
  }
}

/**
 * The kind of a format of lines: cut at any byte, or after a number of lines if a number of items is wanted.
 */
export function lineKind(format: LineFormat): ReaderKind & { readonly text: TextKind } {
  const bytes: ByteFormat = {
    borders: lineBorders,
    firstRecord: async () => 0,
    anywhere: true,
    blankIsItem: format.blankIsItem,
  };
  return {
    unit: "bytes",
    indexed: false,
    text: { format: () => bytes },
    cut: (request) => byteCutter(request, bytes),
    origin: async ({ range }) => (range.start === 0 ? { items: 0, lines: 0 } : null),
    read: (request) => readLines(request, format),
  };
}
