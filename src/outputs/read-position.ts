/** How far a reader of outputs is, and the cursor that its caller holds in between. */
import { checksum } from "../checksum.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { ChunkSet } from "./chunk-set.ts";

/** `input`: in input order. `completed`: as chunks settle. */
export type OutputOrder = "input" | "completed";

/**
 * A reader passes over the chunks of the generation in which it began, its base. Then it passes over those of
 * each later generation, of which it reads only what is new.
 */
export class ReadPosition {
  readonly order: OutputOrder;
  readonly base: number;
  /** The generation of the pass under way. */
  pass: number;
  /** The chunks of this pass that are done. */
  seen: ChunkSet;
  /** In input order: how many bytes of the base pass were read, which is a place in its file. */
  at: number;
  /** The chunk that was read in part; in input order the first one that is not done. */
  partial: number;
  /**
   * How many bytes of `partial` were read. In input order it may be more than the chunk has: then the rest
   * belongs to the chunks after it.
   */
  skip: number;

  constructor(fields: Omit<PositionFields, "seen"> & { readonly seen?: ChunkSet }) {
    this.order = fields.order;
    this.base = fields.base;
    this.pass = fields.pass;
    this.at = fields.at;
    this.partial = fields.partial;
    this.skip = fields.skip;
    this.seen = fields.seen ?? ChunkSet.upTo(0);
  }

  static begin(order: OutputOrder, generation: number): ReadPosition {
    return new ReadPosition({ order, base: generation, pass: generation, at: 0, partial: 0, skip: 0 });
  }

  get isBase(): boolean {
    return this.pass === this.base;
  }

  beginPass(generation: number): void {
    this.pass = generation;
    this.finishUpTo(0);
  }

  finishUpTo(end: number): void {
    this.seen = ChunkSet.upTo(end);
    this.partial = this.order === "input" ? end : 0;
    this.skip = 0;
  }

  /** How many bytes of `chunk` were read before. */
  skipOf(chunk: number): number {
    return chunk === this.partial ? this.skip : 0;
  }

  /** `bytes` more of `chunk` were read. */
  advance(chunk: number, bytes: number): void {
    this.skip = this.skipOf(chunk) + bytes;
    this.partial = chunk;
    if (this.isBase && this.order === "input") this.at += bytes;
  }

  /** All of a chunk is read; it has `size` bytes. */
  finish(chunk: number, size: number): void {
    this.seen.add(chunk);
    if (this.order === "input") {
      this.skip = Math.max(0, this.skip - size);
      this.partial = chunk + 1;
    } else if (this.partial === chunk) this.partial = this.skip = 0;
  }
}

interface PositionFields {
  readonly order: OutputOrder;
  readonly base: number;
  readonly pass: number;
  readonly at: number;
  readonly partial: number;
  readonly skip: number;
  readonly seen: ChunkSet;
}

const LETTERS = { input: "i", completed: "c" } as const satisfies Record<OutputOrder, string>;
/** The largest is a position in bytes. */
const MAX_DIGITS = 11;

/** A cursor is for one batch: `12.34…`, without characters that a URL has to escape. */
export function cursorOf(batch: string, position: ReadPosition): string {
  const { order, base, pass, at, partial, skip, seen } = position;
  const numbers = [base, pass, at, partial, skip, ...seen.distances()];
  return signed(batch, `${LETTERS[order]}${numbers.map((number) => number.toString(36)).join(".")}`);
}

/** The end of a cursor tells a damaged one, and one of another batch, from a good one. */
function signed(batch: string, text: string): string {
  return `${text}.${checksum(`${batch} ${text}`).toString(36)}`;
}

/** `newest`: the generation that the batch is in. Throws `REQUEST_INVALID`. */
export function parseCursor(batch: string, cursor: string, newest: number): ReadPosition {
  const text = cursor.slice(0, Math.max(0, cursor.lastIndexOf(".")));
  const order = text.startsWith(LETTERS.input) ? "input" : "completed";
  const parts = text.slice(1).split(".");
  const isWhole = signed(batch, text) === cursor && text.startsWith(LETTERS[order]);
  if (!isWhole || !parts.every((part) => /^[0-9a-z]+$/.test(part) && part.length <= MAX_DIGITS))
    throw wrongCursor(batch);
  const [base = 0, pass = 0, at = 0, partial = 0, skip = 0, ...distances] = parts.map((part) =>
    parseInt(part, 36),
  );
  const seen = ChunkSet.parse(distances);
  if (seen === null || base > pass || pass > newest) throw wrongCursor(batch);
  return new ReadPosition({ order, base, pass, at, partial, skip, seen });
}

function wrongCursor(batch: string): FanjoinError {
  return new FanjoinError(
    "REQUEST_INVALID",
    `the cursor does not come from an earlier page of the outputs of batch ${batch}: begin again without one`,
  );
}
