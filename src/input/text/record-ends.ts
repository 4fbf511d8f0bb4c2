/**
 * Finds record ends in a stream of blocks of any size: one search for plain lines, one for quoted fields.
 */
import { asBuffer } from "./as-buffer.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * A forward search for record ends. Positions count bytes from the first byte that was fed.
 */
export interface Borders {
  /** Takes the next bytes. To be called when `next` finds no more record ends. */
  feed(block: Uint8Array): void;
  /**
   * The end (after its newline) of the first record that ends at `from` or later; −1 if it has not been fed
   * yet. `from` must never decrease.
   */
  next(from: number): number;
  /**
   * Whether the record found last, of `length` bytes with its newline, is a blank line or a comment.
   */
  blank(length: number): boolean;
}

/** Makes a search that begins at the start of a record. */
export type NewBorders = () => Borders;

/** Whether a record of `length` bytes is only a line end. */
function isBlank(length: number, afterReturn: boolean): boolean {
  return length === 1 || (length === 2 && afterReturn);
}

/** Every newline ends a record. */
export function lineBorders(): Borders {
  let block: Buffer = Buffer.alloc(0);
  let base = 0;
  let at = 0;
  let found = 0;
  let before = NEWLINE;
  return {
    feed(next) {
      before = block.at(-1) ?? before;
      base += block.length;
      block = asBuffer(next);
      at = 0;
    },
    next(from) {
      found = block.indexOf(NEWLINE, Math.max(at, from - 1 - base));
      at = found < 0 ? block.length : found + 1;
      return found < 0 ? -1 : base + at;
    },
    blank: (length) => isBlank(length, (found > 0 ? block[found - 1] : before) === RETURN),
  };
}

/**
 * How far to search for a quote byte by byte: that is faster for near quotes, the native search for far ones.
 */
const NEAR_BYTES = 24;

function nextQuote(block: Buffer, quote: number, from: number): number {
  const near = Math.min(from + NEAR_BYTES, block.length);
  for (let i = from; i < near; i++) if (block[i] === quote) return i;
  const far = block.indexOf(quote, near);
  return far < 0 ? block.length : far;
}

/** The special bytes of records with quoted fields; `null` if there is none. */
export interface QuotedFormat {
  readonly delimiter: number;
  readonly quote: number | null;
  /** A record that begins with it is a comment: a line without quoting. */
  readonly comment: number | null;
}

/**
 * `closing`: after a quote inside quotes; the next byte shows whether it closes the field or is doubled.
 * `start`: the next byte shows whether the record is a comment.
 */
type QuoteState = "start" | "comment" | "outside" | "inside" | "closing";

/**
 * A newline outside quotes ends a record. A quote opens a field only at its beginning, as in every common CSV
 * parser. Elsewhere it is data: `5" pipe` is a valid field, and a stray quote cannot swap inside and outside
 * for the rest of the file.
 */
export function quotedBorders({ delimiter, quote: quoteByte, comment }: QuotedFormat): Borders {
  // Without comments the first bytes of records need no check, which is faster.
  const fresh = comment === null ? "outside" : "start";
  let block: Buffer = Buffer.alloc(0);
  let base = 0;
  let at = 0;
  let before = NEWLINE;
  let state: QuoteState = fresh;
  let wasComment = false;
  // The next quote and newline at `at` or later, if known; searched for again only when passed.
  let quote = -1;
  let newline = -1;

  const byteBefore = (index: number): number | undefined => (index > 0 ? block[index - 1] : before);

  function newlineBefore(stop: number, wanted: number): boolean {
    if (wanted >= stop) return false;
    if (newline < wanted) {
      newline = block.indexOf(NEWLINE, wanted);
      if (newline < 0) newline = block.length;
    }
    return newline < stop;
  }

  /** The next byte that may change the state. */
  function nextStop(): number {
    if (quoteByte === null || state === "comment") return block.length;
    if (quote < at) quote = nextQuote(block, quoteByte, at);
    return quote;
  }

  function passQuote(): void {
    const previous = byteBefore(quote);
    at = quote + 1;
    if (state === "inside") passClosing();
    else if (previous === delimiter || previous === NEWLINE) state = "inside";
  }

  /**
   * After a quote inside quotes. Usually a delimiter and an opening quote follow: both are skipped here, for
   * speed.
   */
  function passClosing(): void {
    if (at === block.length) state = "closing";
    else if (block[at] === quoteByte) at++;
    else if (block[at] === delimiter && block[at + 1] === quoteByte) at += 2;
    else state = "outside";
  }

  /** Lets the byte at `at` decide between two states. */
  function look(): void {
    if (state === "start") state = block[at] === comment ? "comment" : "outside";
    if (state !== "closing") return;
    state = "inside";
    passClosing();
  }

  return {
    feed(next) {
      before = block.at(-1) ?? before;
      base += block.length;
      block = asBuffer(next);
      at = 0;
      quote = -1;
      newline = -1;
    },
    next(from) {
      const wanted = from - 1 - base;
      while (at < block.length) {
        if (state === "start" || state === "closing") look();
        const stop = nextStop();
        if (state !== "inside" && newlineBefore(stop, comment === null ? Math.max(at, wanted) : at)) {
          at = newline + 1;
          wasComment = state === "comment";
          state = fresh;
          if (at > wanted) return base + at;
        } else if (stop === block.length) at = stop;
        else passQuote();
      }
      return -1;
    },
    blank: (length) => wasComment || isBlank(length, byteBefore(newline) === RETURN),
  };
}
