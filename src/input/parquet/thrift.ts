/**
 * Reads structures of Thrift's compact protocol, in which Parquet keeps its footer and its page headers.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 *
 * Only wanted fields are kept: others, such as statistics, are passed over. A size is believed only as far as
 * there are bytes for it, so a small text cannot ask for much memory.
 */

/** The wanted fields of a structure by their number: those of a structure in it, or any value. */
export interface WantedFields {
  readonly [field: number]: WantedFields | true;
}

/** A structure: its wanted fields by their number. */
export type Struct = readonly unknown[];

/** The text is no structure. */
export class ThriftError extends Error {
  override readonly name = "ThriftError";
}

const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;
const UUID = 13;

const UUID_BYTES = 16;
const DOUBLE_BYTES = 8;
/** Parquet's own structures are seven deep. */
const MAX_DEPTH = 32;
/** Kept structures of one text: a file with 10,000 columns has as many in 100 of its row groups. */
const MAX_STRUCTS = 4_000_000;
const LONG_SIZE = 15;
const BITS_OF_BYTE = 7;
const MAX_VARINT_BITS = 63;

export class ThriftReader {
  readonly #bytes: Buffer;
  #structs = 0;
  offset: number;

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  /** Throws `ThriftError`, and `RangeError` where the text ends too early. */
  struct(wanted: WantedFields, depth = 0): Struct {
    if (depth > MAX_DEPTH) throw new ThriftError("it is nested too deeply");
    if (++this.#structs > MAX_STRUCTS) throw new ThriftError("it has too many parts");
    const fields: unknown[] = [];
    let field = 0;
    for (let head = this.#byte(); head !== STOP; head = this.#byte()) {
      const type = head & 0x0f;
      const step = head >> 4;
      field = step === 0 ? this.#zigzag() : field + step;
      const inner = wanted[field];
      if (inner === undefined) this.#skip(type, depth);
      else fields[field] = this.#value(type, inner, depth);
    }
    return fields;
  }

  #value(type: number, wanted: WantedFields | true, depth: number): unknown {
    switch (type) {
      case TRUE:
      case FALSE:
        return type === TRUE;
      case BYTE:
        return (this.#byte() << 24) >> 24;
      case I16:
      case I32:
      case I64:
        return this.#zigzag();
      case BINARY:
        return this.#binary();
      case LIST:
      case SET:
        return this.#list(wanted, depth);
      case STRUCT:
        return this.struct(wanted === true ? {} : wanted, depth + 1);
      default:
        throw new ThriftError(`it has a value of type ${type}`);
    }
  }

  #list(wanted: WantedFields | true, depth: number): unknown[] {
    if (depth > MAX_DEPTH) throw new ThriftError("it is nested too deeply");
    const { type, size } = this.#listHead();
    const values: unknown[] = [];
    for (let at = 0; at < size; at++) {
      if (type === TRUE || type === FALSE) values.push(this.#byte() === TRUE);
      else values.push(this.#value(type, wanted, depth + 1));
    }
    return values;
  }

  #listHead(): { readonly type: number; readonly size: number } {
    const head = this.#byte();
    const size = head >> 4 === LONG_SIZE ? this.varint() : head >> 4;
    // Each element has a byte at least.
    if (size > this.#bytes.length - this.offset) throw new ThriftError("a list is longer than the text");
    return { type: head & 0x0f, size };
  }

  #skip(type: number, depth: number): void {
    if (depth > MAX_DEPTH) throw new ThriftError("it is nested too deeply");
    switch (type) {
      case TRUE:
      case FALSE:
        return;
      case BYTE:
        this.offset += 1;
        return;
      case I16:
      case I32:
      case I64:
        this.varint();
        return;
      case DOUBLE:
        this.offset += DOUBLE_BYTES;
        return;
      case UUID:
        this.offset += UUID_BYTES;
        return;
      case BINARY:
        this.#binary();
        return;
      case LIST:
      case SET:
        this.#skipList(depth);
        return;
      case MAP:
        this.#skipMap(depth);
        return;
      case STRUCT:
        this.#skipStruct(depth);
        return;
      default:
        throw new ThriftError(`it has a value of type ${type}`);
    }
  }

  #skipStruct(depth: number): void {
    for (let head = this.#byte(); head !== STOP; head = this.#byte()) {
      if (head >> 4 === 0) this.varint();
      this.#skip(head & 0x0f, depth + 1);
    }
  }

  #skipList(depth: number): void {
    const { type, size } = this.#listHead();
    for (let at = 0; at < size; at++) this.#skipElement(type, depth + 1);
  }

  #skipMap(depth: number): void {
    const size = this.varint();
    if (size === 0) return;
    if (size > this.#bytes.length - this.offset) throw new ThriftError("a map is longer than the text");
    const types = this.#byte();
    for (let at = 0; at < size; at++) {
      this.#skipElement(types >> 4, depth + 1);
      this.#skipElement(types & 0x0f, depth + 1);
    }
  }

  /** In a list a boolean has a byte of its own. */
  #skipElement(type: number, depth: number): void {
    this.#skip(type === TRUE || type === FALSE ? BYTE : type, depth);
  }

  #byte(): number {
    return this.#bytes.readUInt8(this.offset++);
  }

  #binary(): Buffer {
    const length = this.varint();
    const end = this.offset + length;
    if (end > this.#bytes.length) throw new RangeError("a text ends behind the end");
    const bytes = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return bytes;
  }

  /** A number without a sign, exact up to 2^53: Parquet has sizes and counts here, none of them larger. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let bits = 0; bits <= MAX_VARINT_BITS; bits += BITS_OF_BYTE) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new ThriftError("a number is too long");
  }

  #zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
