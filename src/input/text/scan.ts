/**
 * Searches for chunk ends in a stream of bytes. It keeps its position between calls, so that nothing is read
 * twice.
 */
import type { ByteFormat, ChunkSize } from "../reader.ts";

export interface Scan {
  /** The end of the next chunk: the end of a record, or of the stream. */
  next(size: ChunkSize): Promise<number>;
  /** The end of the last record that was scanned. */
  lastEnd(): number;
  /**
   * How many items the chunk has that `next` found last, or as many as it found before it threw. They are
   * counted only if the size bounds them.
   */
  lastItems(): number;
  /** Counts the last record, which may lack its newline: the text ends here. */
  endText(): void;
  /** Moves without reading: for a cut by arithmetic. */
  moveTo(offset: number): Promise<void>;
  close(): Promise<void>;
}

/** Ends a last record that lacks its newline. */
const LINE_END = Buffer.from("\n");

/** `open`: opens the stream at an offset. */
export function scanRecords(
  open: (from: number) => AsyncIterable<Uint8Array>,
  from: number,
  format: Pick<ByteFormat, "borders" | "blankIsItem">,
): Scan {
  let start = from;
  let previous = from;
  let origin = from;
  let fed = from;
  let items = 0;
  let blocks: AsyncIterator<Uint8Array> | null = null;
  let borders = format.borders();
  let last: Uint8Array | undefined;
  let beforeLast: Uint8Array | undefined;

  /** Feeds the next block; false at the end of the stream. */
  async function more(): Promise<boolean> {
    blocks ??= open(origin)[Symbol.asyncIterator]();
    // The last block is still needed: the search looks back into it.
    const block = await blocks.next(beforeLast);
    if (block.done === true) return false;
    borders.feed(block.value);
    fed += block.value.length;
    beforeLast = last;
    last = block.value;
    return true;
  }

  async function endAtOrAfter(offset: number): Promise<number> {
    for (;;) {
      const end = borders.next(offset - origin);
      if (end >= 0) return origin + end;
      if (!(await more())) return fed;
    }
  }

  function endText(): void {
    if (fed === previous) return;
    borders.feed(LINE_END);
    const end = borders.next(0);
    // A quote that is never closed holds the rest of the text.
    if (end < 0 || format.blankIsItem || !borders.blank(origin + end - previous)) items++;
    previous = fed;
  }

  async function endAfterItems(size: ChunkSize, most: number): Promise<number> {
    let count = 0;
    for (;;) {
      // No promise per record: this loop is hot.
      for (let end = borders.next(0); end >= 0; end = borders.next(0)) {
        const length = origin + end - previous;
        previous = origin + end;
        if (format.blankIsItem || !borders.blank(length)) count++;
        if (count >= most || (count > 0 && previous - start >= size.bytes)) {
          items = count;
          return previous;
        }
      }
      items = count;
      if (await more()) continue;
      endText();
      return fed;
    }
  }

  return {
    async next(size) {
      start =
        size.items === null
          ? await endAtOrAfter(start + Math.max(1, size.bytes))
          : await endAfterItems(size, Math.max(1, size.items));
      previous = start;
      return start;
    },
    lastEnd: () => previous,
    lastItems: () => items,
    endText,
    async moveTo(offset) {
      await blocks?.return?.();
      blocks = null;
      last = beforeLast = undefined;
      borders = format.borders();
      origin = start = previous = fed = offset;
    },
    async close() {
      await blocks?.return?.();
      blocks = null;
    },
  };
}
