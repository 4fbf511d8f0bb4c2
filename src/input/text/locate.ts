/**
 * Finds the positions of records by scanning their bytes again: only failed items need them.
 */
import type { Borders, NewBorders } from "./record-ends.ts";
import type { RecordPosition } from "../reader.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const LINE_END = Buffer.from([NEWLINE]);

/** Consecutive whole records of a source. */
export interface RecordBlock {
  readonly bytes: Buffer;
  readonly offset: number;
  /** The number of lines of the range before it. */
  readonly line: number;
}

/** A record within the bytes of a block, without its line end. */
export interface RecordRange {
  readonly start: number;
  readonly end: number;
  /** After its newline. */
  readonly next: number;
}

/**
 * The end of a record without its line end. The carriage return of a last record without newline counts as a
 * line end.
 */
export function contentEnd(bytes: Buffer, start: number, next: number): number {
  let end = next;
  if (end > start && bytes[end - 1] === NEWLINE) end--;
  if (end > start && bytes[end - 1] === RETURN) end--;
  return end;
}

/** The records of some bytes. `open`: the start of the one that does not end there, or the bytes' length. */
function scan(
  bytes: Buffer,
  borders: Borders,
  blankIsItem: boolean,
): { readonly spans: RecordRange[]; readonly open: number } {
  const spans: RecordRange[] = [];
  borders.feed(bytes);
  let start = 0;
  for (let next = borders.next(0); next >= 0; next = borders.next(0)) {
    if (blankIsItem || !borders.blank(next - start))
      spans.push({ start, end: contentEnd(bytes, start, next), next });
    start = next;
  }
  return { spans, open: start };
}

/** The records of bytes that nothing follows: the last one may lack its newline. */
export function lastSpansOf(bytes: Buffer, newBorders: NewBorders, blankIsItem: boolean): RecordRange[] {
  const borders = newBorders();
  const { spans, open } = scan(bytes, borders, blankIsItem);
  const rest = bytes.length - open;
  if (rest > 0 && (blankIsItem || !endsBlank(borders, rest))) spans.push(lastSpan(bytes, open));
  return spans;
}

function lastSpan(bytes: Buffer, start: number): RecordRange {
  return { start, end: contentEnd(bytes, start, bytes.length), next: bytes.length };
}

/** Whether the last `length` bytes are a blank line without its newline. The newline is fed to find out. */
function endsBlank(borders: Borders, length: number): boolean {
  borders.feed(LINE_END);
  return borders.next(0) >= 0 && borders.blank(length + 1);
}

/** The first record that is not blank, `null` if it does not end in `bytes`. `last`: nothing follows them. */
export function firstSpan(bytes: Buffer, newBorders: NewBorders, last: boolean): RecordRange | null {
  const borders = newBorders();
  borders.feed(bytes);
  let start = 0;
  for (let next = borders.next(0); next >= 0; next = borders.next(0)) {
    if (!borders.blank(next - start)) return { start, end: contentEnd(bytes, start, next), next };
    start = next;
  }
  const rest = bytes.length - start;
  return last && rest > 0 && !endsBlank(borders, rest) ? lastSpan(bytes, start) : null;
}

/** The `locate` of the records of a block; it scans once, when it is first called. */
export function locator(
  block: RecordBlock,
  newBorders: NewBorders,
  blankIsItem: boolean,
): (index: number) => RecordPosition {
  const { bytes, offset, line } = block;
  let spans: RecordRange[] | null = null;
  let lines: LinesOfRecord[] | null = null;
  return (index) => {
    spans ??= lastSpansOf(bytes, newBorders, blankIsItem);
    lines ??= linesOfRecords(bytes, spans);
    const span = spans[index];
    const { before, own } = lines[index] ?? NO_LINES;
    if (span === undefined) throw new RangeError(`no record ${index} here, only ${spans.length}`);
    const at = offset + span.start;
    const raw = bytes.toString("utf8", span.start, span.end);
    return { offset: at, line: line + before, ...linesOf(own), raw, key: at };
  };
}

/** The lines of a block before a record, and its own. */
interface LinesOfRecord {
  readonly before: number;
  readonly own: number;
}

const NO_LINES: LinesOfRecord = { before: 0, own: 1 };

/** The lines of a record in its position. */
export function linesOf(lines: number): Pick<RecordPosition, "lines"> {
  return lines > 1 ? { lines } : {};
}

function linesOfRecords(bytes: Buffer, spans: readonly RecordRange[]): LinesOfRecord[] {
  let count = 0;
  let newline = bytes.indexOf(NEWLINE);
  const newlinesUpTo = (end: number): number => {
    for (; newline >= 0 && newline < end; newline = bytes.indexOf(NEWLINE, newline + 1)) count++;
    return count;
  };
  return spans.map(({ start, end }) => {
    const before = newlinesUpTo(start);
    return { before, own: newlinesUpTo(end) - before + 1 };
  });
}
