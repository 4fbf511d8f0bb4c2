/** The pages of one column of a row group, loaded as far as rows are wanted. */
import { Damage } from "../../unpack/damage.ts";
import type { ColumnChunk } from "../footer.ts";
import type { GroupBytes } from "../group-bytes.ts";
import { lostPage, pageHeader, readDictionary, readPage, refersToDictionary, verifyPage } from "./page.ts";
import type { Dictionary, ColumnPage, PageHeader, StoredPage } from "./page.ts";
import type { Leaf } from "../schema.ts";
import { codecName, unpackerOf } from "./unpack-page.ts";
import type { UnpackPage } from "./unpack-page.ts";

/** Nearly all headers are shorter; statistics may make them long. */
const HEADER_BYTES = 8 * 1024;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** A place among the entries of a column. */
export interface DataPagePlace {
  readonly page: ColumnPage | null;
  readonly entry: number;
  /** The number of the page's next value that is not null. */
  readonly value: number;
}

export class ColumnPages {
  readonly leaf: Leaf;
  readonly #chunk: ColumnChunk;
  readonly #bytes: GroupBytes;
  readonly #unpack: UnpackPage;
  readonly #columnName: string;
  #at: number;
  #dictionary: Dictionary | null = null;
  /** Entries of all pages so far, also of those that were passed over. */
  #entries = 0;
  /** Rows that begin in the pages that are held, from `#first` on. */
  #begun = 0;
  #fault: Damage | null = null;
  #dictionaryFault: Damage | null = null;
  #unfit = false;
  #last: ColumnPage | null = null;
  /** Where the next row begins. */
  #page: ColumnPage | null = null;
  #entry = 0;
  #value = 0;

  constructor(leaf: Leaf, chunk: ColumnChunk, bytes: GroupBytes, columnName: string) {
    this.leaf = leaf;
    this.#chunk = chunk;
    this.#bytes = bytes;
    this.#columnName = columnName;
    this.#at = chunk.start;
    const unpack = unpackerOf(chunk.codec);
    if (unpack === null) {
      throw this.#damage(`it is packed with ${codecName(chunk.codec)}, which is not known here`);
    }
    this.#unpack = unpack;
  }

  /** How many rows are loaded to their ends. */
  get rows(): number {
    if (this.leaf.maxRep === 0 || this.#isAtEnd) return this.#begun;
    return Math.max(0, this.#begun - 1);
  }

  get #isAtEnd(): boolean {
    return this.#entries >= this.#chunk.entries;
  }

  /** A page had a value that cannot be an item's. */
  get unfit(): boolean {
    return this.#unfit;
  }

  get place(): DataPagePlace {
    return { page: this.#page, entry: this.#entry, value: this.#value };
  }

  /** Loads pages until so many rows are there. Throws `Damage`, the same each time. */
  async load(rows: number): Promise<void> {
    if (this.#fault !== null) throw this.#fault;
    try {
      while (this.rows < rows) await this.#loadNext(0);
    } catch (thrown) {
      if (!(thrown instanceof Damage)) throw thrown;
      this.#fault = this.#damage(thrown.message);
      throw this.#fault;
    }
  }

  /** Passes over rows at the beginning: pages of such rows alone are not unpacked. Throws `Damage`. */
  async skip(rows: number): Promise<void> {
    let left = rows;
    try {
      while (left > 0 && this.#page === null) left -= await this.#loadNext(left);
    } catch (thrown) {
      if (!(thrown instanceof Damage)) throw thrown;
      this.#fault = this.#damage(thrown.message);
      throw this.#fault;
    }
    await this.load(left);
    this.drop(left);
  }

  /** Loads a page, or passes over one with no more than `skippable` rows: then returns how many it has. */
  async #loadNext(skippable: number): Promise<number> {
    const { header, begin } = await this.#nextHeader();
    if (header.type === "other") return this.#pass(header, begin, 0);
    const rows = this.leaf.maxRep === 0 ? header.entries : header.rows;
    if (header.type !== "dictionary" && rows !== null && rows <= skippable) {
      this.#entries += header.entries;
      return this.#pass(header, begin, rows);
    }
    const bytes = await this.#bytes.read(begin, begin + header.stored);
    const stored: StoredPage = { header, bytes, unpack: this.#unpack };
    this.#pass(header, begin, 0);
    if (header.type === "dictionary") this.#readDictionary(stored);
    else this.#add(this.#pageOf(stored, rows), header.entries);
    return 0;
  }

  /** Without it, the pages that refer to it are damaged. */
  #readDictionary(stored: StoredPage): void {
    try {
      verifyPage(stored);
      this.#dictionary = readDictionary(this.leaf, stored);
    } catch (thrown) {
      if (!(thrown instanceof Damage)) throw thrown;
      this.#dictionaryFault = thrown;
    }
  }

  /**
   * The values of a page. Of a damaged one, none of its rows can be an item, and the others can. `rows`: how
   * many it has; `null` if only its values would tell: then no row behind it can be found.
   */
  #pageOf(stored: StoredPage, rows: number | null): ColumnPage {
    try {
      verifyPage(stored);
      if (this.#dictionaryFault && refersToDictionary(stored)) throw this.#dictionaryFault;
      return readPage(this.leaf, stored, this.#dictionary);
    } catch (thrown) {
      if (!(thrown instanceof Damage) || rows === null) throw thrown;
      return lostPage(rows, `has a damaged page (${thrown.message})`);
    }
  }

  #pass(header: PageHeader, begin: number, rows: number): number {
    this.#at = begin + header.stored;
    return rows;
  }

  /** `entries`: as the footer counts them. */
  #add(page: ColumnPage, entries: number): void {
    this.#entries += entries;
    if (this.#entries > this.#chunk.entries)
      throw new Damage("its pages have more values than its footer says");
    if (page.entries === 0) return;
    if (page.unfit) this.#unfit = true;
    if (this.#last) this.#last.next = page;
    this.#last = page;
    this.#page ??= page;
    this.#begun += page.rep === null ? page.entries : beginnings(page.rep);
  }

  async #nextHeader(): Promise<{ readonly header: PageHeader; readonly begin: number }> {
    const { end } = this.#chunk;
    if (this.#isAtEnd || this.#at >= end)
      throw new Damage("its pages have fewer values than its footer says");
    for (let size = HEADER_BYTES; ; size *= 8) {
      const stop = Math.min(end, this.#at + size);
      const bytes = await this.#bytes.read(this.#at, stop);
      try {
        const { header, length } = pageHeader(bytes);
        const begin = this.#at + length;
        if (begin + header.stored > end) throw new Damage("a page is longer than its column");
        return { header, begin };
      } catch (thrown) {
        if (thrown instanceof Damage) throw thrown;
        if (stop === end || size > MAX_HEADER_BYTES || !(thrown instanceof RangeError)) {
          throw new Damage("the header of a page is damaged", { cause: thrown });
        }
      }
    }
  }

  /** Goes over rows that are loaded. */
  drop(rows: number): void {
    for (let row = 0; row < rows; row++) {
      do this.#step();
      while (this.#page !== null && (this.#page.rep?.[this.#entry] ?? 0) > 0);
    }
    this.#begun -= rows;
  }

  #step(): void {
    const page = this.#page;
    if (page === null) return;
    if (page.def === null || page.def[this.#entry] === this.leaf.maxDef) this.#value++;
    this.#entry++;
    if (this.#entry < page.entries) return;
    this.#page = page.next;
    this.#entry = 0;
    this.#value = 0;
  }

  /** The values of the next rows, of a column that is neither nested nor repeated. */
  take(rows: number): ArrayLike<unknown> {
    const page = this.#page;
    this.#begun -= rows;
    const from = this.#entry;
    if (page !== null && from + rows <= page.entries) {
      this.#moveTo(page, from + rows);
      return from === 0 && rows === page.entries ? page.values : part(page.values, from, from + rows);
    }
    const values: unknown[] = [];
    for (let next = page; next !== null && values.length < rows; next = this.#page) {
      const end = Math.min(next.entries, this.#entry + rows - values.length);
      for (let entry = this.#entry; entry < end; entry++) values.push(next.values[entry]);
      this.#moveTo(next, end);
    }
    return values;
  }

  #moveTo(page: ColumnPage, entry: number): void {
    const isDone = entry === page.entries;
    this.#page = isDone ? page.next : page;
    this.#entry = isDone ? 0 : entry;
    if (isDone && page.next === null) this.#last = null;
  }

  #damage(message: string): Damage {
    return new Damage(`column ${JSON.stringify(this.#columnName)}: ${message}`);
  }
}

function beginnings(rep: Uint8Array): number {
  let count = 0;
  for (const level of rep) if (level === 0) count++;
  return count;
}

function part(values: ArrayLike<unknown>, from: number, to: number): ArrayLike<unknown> {
  if (values instanceof Int32Array || values instanceof Float64Array || values instanceof Float32Array) {
    return values.subarray(from, to);
  }
  return Array.isArray(values) ? (values.slice(from, to) as unknown[]) : Array.from(values).slice(from, to);
}
