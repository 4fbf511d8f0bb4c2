/** Where records end: streaming scans over blocks of any size, one for plain lines and one for quoted fields. */

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;

/** A search for record ends that goes forward only. Positions count bytes from the first byte that was fed. */
export interface Borders {
  /** The bytes that follow. To be called when `next` has found no more. */
  feed(block: Uint8Array): void;
  /** The end (after its newline) of the first record that ends at `from` or later, −1 if it is not in what was fed. `from` must never decrease. */
  next(from: number): number;
  /** Whether the newline found last is preceded by a carriage return. */
  afterReturn(): boolean;
}

/** Makes a search that begins at the start of a record. */
export type NewBorders = () => Borders;

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether a record of `length` bytes with its newline holds nothing else. */
export function isBlank(length: number, afterReturn: boolean): boolean {
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
    afterReturn: () => (found > 0 ? block[found - 1] : before) === RETURN,
  };
}

/** How far a quote is looked for byte by byte: near ones are found sooner so, far ones by the native search. */
const NEAR_BYTES = 24;

function nextQuote(block: Buffer, from: number): number {
  const near = Math.min(from + NEAR_BYTES, block.length);
  for (let i = from; i < near; i++) if (block[i] === QUOTE) return i;
  const far = block.indexOf(QUOTE, near);
  return far < 0 ? block.length : far;
}

/** `closing`: a quote was met inside quotes; the next byte says whether it ends the field or is the first of a doubled one. */
type QuoteState = "outside" | "inside" | "closing";

/**
 * A newline outside quotes ends a record. A quote opens a field only where a field begins, as in every common CSV parser; elsewhere it is data,
 * so that `5" pipe` costs nothing and a stray quote cannot turn the rest of the file inside out.
 */
export function quotedBorders(delimiter: number): Borders {
  let block: Buffer = Buffer.alloc(0);
  let base = 0;
  let at = 0;
  let before = NEWLINE;
  let state: QuoteState = "outside";
  // The next quote and newline at `at` or later, once known; found again only when passed.
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

  function passQuote(): void {
    const previous = byteBefore(quote);
    at = quote + 1;
    if (state === "inside") passClosing();
    else if (previous === delimiter || previous === NEWLINE) state = "inside";
  }

  /** After a quote inside quotes. Most are followed by a delimiter and the next quote: that step is taken here, for speed. */
  function passClosing(): void {
    if (at === block.length) state = "closing";
    else if (block[at] === QUOTE) at++;
    else if (block[at] === delimiter && block[at + 1] === QUOTE) at += 2;
    else state = "outside";
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
        if (state === "closing") {
          state = "inside";
          passClosing();
          continue;
        }
        if (quote < at) quote = nextQuote(block, at);
        if (state === "outside" && newlineBefore(quote, Math.max(at, wanted))) {
          at = newline + 1;
          return base + at;
        }
        if (quote === block.length) at = quote;
        else passQuote();
      }
      return -1;
    },
    afterReturn: () => byteBefore(newline) === RETURN,
  };
}
