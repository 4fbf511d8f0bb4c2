/** Turns a stream of blocks of any size into pieces of about 64 KiB that end at newlines. */
import { asBuffer } from "./as-buffer.ts";
import type { Borders } from "./record-ends.ts";

/**
 * Large enough to spread the cost of a piece, small enough for the processor's cache and the young
 * generation.
 */
const PIECE_BYTES = 64 * 1024;

/**
 * A longer record is unreadable: a small worker could not hold it (an open quote can run to the end of any
 * file).
 */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The length of the byte order mark at the beginning of `bytes`, 0 without one. */
export function markLength(bytes: Buffer): number {
  return bytes.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
}

export function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let i = bytes.indexOf(NEWLINE); i >= 0; i = bytes.indexOf(NEWLINE, i + 1)) count++;
  return count;
}

/** Some bytes and their offset in the source. */
export interface Block {
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface TextPiece extends Block {
  /** Nothing follows: its last record may lack a newline. */
  readonly last: boolean;
  /** The largest piece there is: a record that does not end in it is too long. */
  readonly most: boolean;
}

export interface Pieces {
  next(): Promise<TextPiece | null>;
  /** Gives the last `count` bytes of the last piece back; the next piece begins with them. */
  unread(count: number): void;
  /**
   * Skips the record that begins at the next byte, without holding it. Returns its number of lines, and
   * whether it goes on to the end.
   */
  skipRecord(borders: Borders): Promise<{ readonly lines: number; readonly toEnd: boolean }>;
  close(): Promise<void>;
}

/** Adds offsets to consecutive blocks that begin at `start`. */
export async function* located(blocks: AsyncIterable<Uint8Array>, start: number): AsyncGenerator<Block> {
  let offset = start;
  for await (const block of blocks) {
    yield { offset, bytes: asBuffer(block) };
    offset += block.length;
  }
}

/** Pieces of consecutive blocks. A byte order mark at offset 0 is left out. */
export function piecesOf(blocks: AsyncIterable<Block>): Pieces {
  const iterator = blocks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  let origin = 0;
  let done = false;
  let wanted = PIECE_BYTES;
  /** The number of bytes given back: the record does not end within them. */
  let open = 0;

  let spare: Block | null = null;

  const here = (): number => origin + at;
  const atEnd = (): boolean => done && spare === null;

  /** The next block, or the rest of the last one. */
  async function nextBlock(): Promise<Block | null> {
    const block = spare;
    spare = null;
    if (block !== null || done) return block;
    const result = await iterator.next();
    done = result.done === true;
    return result.done === true ? null : result.value;
  }

  /** Takes only some lines of a large block that follows other bytes, so that little is copied. */
  function firstLines(block: Block, bytes: number): Buffer {
    const end = block.bytes.length > bytes ? block.bytes.lastIndexOf(NEWLINE, bytes) + 1 : 0;
    if (end === 0 || end === block.bytes.length) return block.bytes;
    spare = { offset: block.offset + end, bytes: block.bytes.subarray(end) };
    return block.bytes.subarray(0, end);
  }

  /** Reads until `bytes` are held, or to the end. */
  async function hold(bytes: number): Promise<void> {
    let length = held.length - at;
    if (length >= bytes || atEnd()) return;
    const parts = length > 0 ? [held.subarray(at)] : [];
    origin = here();
    while (length < bytes) {
      const block = await nextBlock();
      if (block === null) break;
      if (length === 0) origin = block.offset;
      const part = length === 0 ? block.bytes : firstLines(block, bytes);
      length += part.length;
      parts.push(part);
    }
    held = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    at = origin === 0 ? markLength(held) : 0;
  }

  /**
   * The end of the next piece among the held bytes: a newline near the wanted size; −1 if more bytes are
   * needed.
   */
  function pieceEnd(): number {
    const limit = at + wanted;
    if (limit >= held.length && atEnd()) return held.length;
    if (held.length - at <= 2 * wanted && held.length > at && held.at(-1) === NEWLINE) return held.length;
    const before = held.lastIndexOf(NEWLINE, limit - 1) + 1;
    if (before > at + open) return before;
    const after = held.indexOf(NEWLINE, Math.max(limit, at + open)) + 1;
    if (after > 0) return after;
    return atEnd() ? held.length : -1;
  }

  /** The last newline that the largest piece may end with, or that piece's limit if there is none. */
  function utmostEnd(): number {
    const newline = held.lastIndexOf(NEWLINE, at + MAX_RECORD_BYTES - 1);
    return newline >= at ? newline + 1 : at + MAX_RECORD_BYTES;
  }

  return {
    async next() {
      await hold(wanted);
      let end = pieceEnd();
      while (end < 0 && held.length - at <= MAX_RECORD_BYTES) {
        await hold(Math.min(2 * (held.length - at), MAX_RECORD_BYTES + 1));
        end = pieceEnd();
      }
      const tooLong = end < 0 || end - at > MAX_RECORD_BYTES;
      if (tooLong) end = utmostEnd();
      const most = tooLong || wanted === MAX_RECORD_BYTES;
      wanted = PIECE_BYTES;
      open = 0;
      if (end === at) return null;
      const last = atEnd() && end === held.length;
      const piece = { offset: here(), bytes: held.subarray(at, end), last, most };
      at = end;
      return piece;
    },
    unread(count) {
      at -= count;
      open = count;
      // Twice as much next time, so that a long record is not parsed again for every block.
      wanted = Math.min(Math.max(PIECE_BYTES, 2 * count), MAX_RECORD_BYTES);
    },
    async skipRecord(borders) {
      const start = here();
      let lines = 0;
      wanted = PIECE_BYTES;
      open = 0;
      for (;;) {
        borders.feed(held.subarray(at));
        const end = borders.next(1);
        const stop = end < 0 ? held.length : start + end - origin;
        lines += newlinesIn(held.subarray(at, stop));
        at = stop;
        if (end >= 0) return { lines, toEnd: false };
        const unended = held.at(-1) !== NEWLINE;
        await hold(1);
        if (at === held.length) return { lines: unended ? lines + 1 : lines, toEnd: true };
      }
    },
    async close() {
      await iterator.return?.();
    },
  };
}
