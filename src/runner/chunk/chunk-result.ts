/**
 * What a chunk comes to while its items are done, in input order: the joined value, the outputs, the failed
 * items.
 */
import { INLINE_TEXT } from "../../core/records/contribution.ts";
import type { Contribution, Piece } from "../../core/records/contribution.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Job } from "../../job/job.ts";
import type { Join } from "../../joins/join.ts";
import type { ObjectStore } from "../../ports.ts";
import { describeError } from "../describe-error.ts";
import type { DescribedError } from "../describe-error.ts";
import { coalesceOutputs } from "../merge/coalesce.ts";
import { bytesOf } from "../contribution/piece-text.ts";
import { PieceWriter } from "../contribution/piece-writer.ts";

/** Why a value cannot be taken: its item has failed. */
export interface Refused {
  readonly code: ErrorCode;
  readonly error: DescribedError;
}

/**
 * The parts of a contribution that a tally makes; failed items as JSON lines that count from the chunk's
 * beginning.
 */
export interface ResultParts {
  readonly parts: Pick<Contribution, "value" | "segments" | "cuts" | "outputs">;
  readonly failed: readonly Piece[];
}

/**
 * Characters of JSON that the segments of one chunk may take; beyond it they become one, and a redrive runs
 * the whole chunk.
 */
const MOST_SEGMENT_CHARS = 16 * 1024 * 1024;

export class ChunkResult {
  readonly #join: Join<unknown, unknown> | null;
  readonly #strict: boolean;
  readonly #store: ObjectStore;
  readonly #failed: PieceWriter;
  readonly #outputs: PieceWriter | null;
  /** In a redrive: outputs that were written before, and new ones between them. */
  readonly #pieces: Piece[] | null;
  #pieceBytes = 0;
  #acc: unknown;
  /** Nothing was added to `#acc` yet. */
  #fresh = true;
  /** Closed by failed items; `null` once they took too much room. */
  #segments: (readonly Json[])[] | null = [];
  #segmentChars = 0;
  readonly #cuts: number[] = [];
  succeeded = 0;
  failures = 0;

  /**
   * `strict`: every value has to be JSON, whether or not it is written. `rebuilds`: it takes over what
   * another attempt made.
   */
  constructor(
    { job: { join }, strict }: { readonly job: Job; readonly strict: boolean },
    store: ObjectStore,
    chunk: number,
    { rebuilds }: { readonly rebuilds: boolean },
  ) {
    this.#strict = strict;
    this.#join = join;
    this.#store = store;
    this.#acc = join?.init();
    this.#outputs = join?.outputs ? new PieceWriter(store, `outputs/${chunk}`) : null;
    this.#failed = new PieceWriter(store, `failed/${chunk}`);
    this.#pieces = rebuilds ? [] : null;
  }

  /** Takes what `process` returned; or says why it cannot be taken, and nothing has changed. */
  add(value: unknown): Refused | null {
    const join = this.#join;
    if (join) {
      let text: string | undefined;
      try {
        if (this.#outputs || this.#strict) text = outputText(value);
      } catch (thrown) {
        return { code: "ITEM_NOT_JSON", error: describeError(thrown) };
      }
      try {
        this.#acc = join.add(this.#acc, join.prepare(value));
      } catch (thrown) {
        return { code: "JOIN_FAILED", error: describeError(thrown) };
      }
      this.#fresh = false;
      if (text !== undefined) this.#output(text);
    }
    this.succeeded++;
    return null;
  }

  #output(text: string): void {
    if (this.#pieces && this.#outputs) this.#lay(this.#pieces, [{ text }]);
    else this.#outputs?.add(text);
  }

  #lay(among: Piece[], pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      among.push(piece);
      this.#pieceBytes += bytesOf(piece);
    }
  }

  /** A failed item, as a JSON line, closes a segment. */
  fail(line: string): void {
    this.failures++;
    this.#failed.add(`${line}\n`);
    if (!this.#join) return;
    if (this.#segments) this.#close(this.#join, this.#segments);
    if (this.#outputs) this.#cuts.push(this.#outputs.bytes + this.#pieceBytes);
  }

  #close(join: Join<unknown, unknown>, segments: (readonly Json[])[]): void {
    const segment = this.#segment(join);
    segments.push(segment);
    if (this.#fresh) return;
    this.#segmentChars += charsOf(segment);
    this.#acc = join.init();
    this.#fresh = true;
    if (this.#segmentChars > MOST_SEGMENT_CHARS) this.#uniteSegments(join, segments);
  }

  #segment(join: Join<unknown, unknown>): readonly Json[] {
    return this.#fresh ? [] : [join.encode(this.#acc)];
  }

  #uniteSegments(join: Join<unknown, unknown>, segments: readonly (readonly Json[])[]): void {
    this.#segments = null;
    for (const segment of segments) this.#merge(join, segment);
  }

  #merge(join: Join<unknown, unknown>, segment: readonly Json[]): void {
    for (const encoded of segment) {
      const value = join.decode(encoded);
      this.#acc = this.#fresh ? value : join.merge(this.#acc, value);
      this.#fresh = false;
    }
  }

  /** Takes over a segment, and outputs, of the attempt that a redrive builds on. */
  takeOver(segment: readonly Json[], outputs: readonly Piece[]): void {
    if (this.#join) this.#merge(this.#join, segment);
    if (this.#pieces) this.#lay(this.#pieces, outputs);
  }

  /** Whether it is time to `unload`. */
  get heavy(): boolean {
    return this.#failed.heavy || this.#outputs?.heavy === true;
  }

  async unload(): Promise<void> {
    await this.#outputs?.unload();
    await this.#failed.unload();
  }

  async finish(): Promise<ResultParts> {
    const written = this.#outputPieces();
    const outputs = written ? await written : [];
    const failed = this.failures > 0 ? await this.#failed.close(INLINE_TEXT) : [];
    const values = this.#values();
    return { parts: outputs.length > 0 ? { ...values, outputs } : values, failed };
  }

  #outputPieces(): Promise<Piece[]> | undefined {
    return this.#pieces ? coalesceOutputs(this.#store, this.#pieces) : this.#outputs?.close(INLINE_TEXT);
  }

  #values(): Pick<Contribution, "value" | "segments" | "cuts"> {
    const join = this.#join;
    if (!join) return {};
    if (this.failures === 0 || !this.#segments) return { value: join.encode(this.#acc) };
    const segments = [...this.#segments, this.#segment(join)];
    return { segments, ...(this.#outputs ? { cuts: this.#cuts } : {}) };
  }
}

/** What cannot be written at all is found out, and told, when the chunk's body is. */
function charsOf(segment: readonly Json[]): number {
  try {
    return JSON.stringify(segment).length;
  } catch {
    return 0;
  }
}

/** One line of `outputs.jsonl`. */
function outputText(value: unknown): string {
  if (value === undefined) return "null\n";
  const text: unknown = JSON.stringify(value);
  if (typeof text !== "string")
    throw new TypeError(`process returned a ${typeof value}, which JSON cannot hold`);
  return `${text}\n`;
}
