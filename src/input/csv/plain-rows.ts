/**
 * Rows that are plain lines: without quotes, and with a field for each column. Most rows of most files are,
 * so this is the hottest code of a CSV. WebAssembly finds their fields, because it compares sixteen bytes at
 * a time: `plain-rows.wat`.
 */
import { PLAIN_ROWS_CODE } from "./plain-rows-code.ts";
import type { Row, RowShape } from "./row-shape.ts";

/** More than nearly every piece of text. */
const WINDOW_BYTES = 128 * 1024;
/** Sixteen bytes are loaded at a time, also of the last ones. */
const CUTS_AT = WINDOW_BYTES + 16;
/** In place of a character that a format does not have: no byte of UTF-8, and no byte at all. */
const NO_QUOTE = 0xff;
const NO_COMMENT = -1;

/** Declared here, because the package's own types are made without those of browsers. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};
// Held before the job is loaded, which may replace them.
const { Instance, Module } = WebAssembly;

/** What `plain-rows.wat` exports. */
interface Scanner {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly end: { readonly value: number };
  readonly stop: { readonly value: number };
  scan(
    from: number,
    length: number,
    unit: number,
    cuts: number,
    room: number,
    columns: number,
    delimiter: number,
    quote: number,
    comment: number,
  ): number;
}

interface Scan {
  readonly scanner: Scanner;
  readonly window: Uint8Array;
  readonly cuts: Int32Array;
}

let made: Scan | null | undefined;

/** One for each thread: it is used for one piece at a time. `null`: this process may not have the memory. */
function scanOf(): Scan | null {
  if (made === undefined) made = newScan();
  return made;
}

function newScan(): Scan | null {
  try {
    const { exports } = new Instance(new Module(Buffer.from(PLAIN_ROWS_CODE, "base64")));
    const scanner = exports as Scanner;
    const { buffer } = scanner.memory;
    const window = new Uint8Array(buffer, 0, WINDOW_BYTES);
    return { scanner, window, cuts: new Int32Array(buffer, CUTS_AT) };
  } catch {
    return null;
  }
}

/** The plain rows of one piece. */
export class PlainRows {
  readonly #text: string;
  readonly #bytes: Buffer;
  readonly #shape: RowShape;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #comment: number;
  /** How many rows have their cuts at once. */
  readonly #room: number;
  readonly #scan = scanOf();
  /** The same place in the text and in the bytes. */
  #unit = 0;
  #byte = 0;
  /** The bytes that are in the window. */
  #from = 0;
  #to = 0;

  /** `text`: the decoded `bytes`. */
  constructor(text: string, bytes: Buffer, shape: RowShape) {
    const { delimiter, quote, comment } = shape.format;
    this.#text = text;
    this.#bytes = bytes;
    this.#shape = shape;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#quote = quote?.charCodeAt(0) ?? NO_QUOTE;
    this.#comment = comment?.charCodeAt(0) ?? NO_COMMENT;
    this.#room = Math.floor((this.#scan?.cuts.length ?? 0) / (shape.columns + 1));
  }

  /**
   * Adds the plain rows from `start` on, where a record begins. Returns where they end: at another record, or
   * at the end of the text. `start` never decreases.
   */
  addTo(rows: (Row | undefined)[], start: number): number {
    const scan = this.#scan;
    if (scan === null) return start;
    this.#moveTo(start);
    for (let count = -1; count !== 0;) {
      if (this.#byte === this.#bytes.length) break;
      if (this.#byte >= this.#to) this.#fill(scan.window);
      count = this.#rowsInWindow(scan, rows);
      // The window may end within a row.
      if (count === 0 && this.#to < this.#bytes.length && this.#from < this.#byte) {
        this.#fill(scan.window);
        count = -1;
      }
    }
    return this.#unit;
  }

  #moveTo(start: number): void {
    const isOneByteEach = this.#text.length === this.#bytes.length;
    this.#byte += isOneByteEach
      ? start - this.#unit
      : Buffer.byteLength(this.#text.slice(this.#unit, start), "utf8");
    this.#unit = start;
  }

  #fill(window: Uint8Array): void {
    this.#from = this.#byte;
    this.#to = Math.min(this.#bytes.length, this.#from + WINDOW_BYTES);
    window.set(this.#bytes.subarray(this.#from, this.#to));
  }

  #rowsInWindow({ scanner, cuts }: Scan, rows: (Row | undefined)[]): number {
    const text = this.#text;
    const { columns, ofCuts } = this.#shape;
    const count = scanner.scan(
      this.#byte - this.#from,
      this.#to - this.#from,
      this.#unit,
      CUTS_AT,
      this.#room,
      columns,
      this.#delimiter,
      this.#quote,
      this.#comment,
    );
    for (let row = 0, first = 0; row < count; row++, first += columns + 1)
      rows.push(ofCuts(text, cuts, first));
    this.#byte = this.#from + scanner.end.value;
    this.#unit = scanner.stop.value;
    return count;
  }
}
