/** The joined value of a chunk's items. Failed items divide it into segments, for a redrive. */
import type { Contribution, Piece } from "../../core/records/contribution.ts";
import type { Failure } from "../../core/records/batch/batch.ts";
import type { Json } from "../../core/json/json.ts";
import { fullText } from "../../core/errors/described-error.ts";
import { FoldError } from "../../core/errors/fold-error.ts";
import type { Join } from "../../joins/join.ts";
import type { InputPlace } from "../../joins/place.ts";
import { describeError } from "../describe-error.ts";
import { BLOCK_CHARS, isTooLarge } from "../contribution/value-blocks.ts";
import type { FailedOutcome } from "../item/item-outcome.ts";

/**
 * The most characters of JSON that the segments of one chunk may take. Beyond it they are united, and a
 * redrive runs the whole chunk.
 */
const MAX_SEGMENT_CHARS = 16 * 1024 * 1024;

export interface JoinMode {
  /**
   * Saves the accumulator before each value. Then an `add` that changes it and throws costs its own item
   * only. This is slow, so it is used only after an `add` has thrown.
   */
  readonly guarded: boolean;
}

export class JoinedValue {
  readonly #join: Join<unknown, unknown>;
  readonly #guarded: boolean;
  #acc: unknown;
  /** Nothing has been added to `#acc` yet. */
  #fresh = true;
  /** Those that failed items have closed; `null` once they took too much room. */
  #segments: (readonly Json[])[] | null = [];
  #segmentChars = 0;
  #error: Failure | null = null;
  /** The accumulator is not JSON. One of the values may be to blame. */
  notJson = false;
  /** An `add` threw and may have changed the accumulator first: the chunk has to run again, guarded. */
  spoiled = false;

  constructor(join: Join<unknown, unknown>, { guarded }: JoinMode) {
    this.#join = join;
    this.#guarded = guarded;
    this.#begin();
  }

  /** Adds a value. If it cannot be added, returns the failure of its item. */
  add(value: unknown, place: InputPlace): FailedOutcome | null {
    if (this.#error) return null;
    let prepared: unknown;
    try {
      prepared = this.#join.prepare(value);
    } catch (thrown) {
      return refused(thrown);
    }
    return this.#guarded ? this.#addGuarded(prepared, place) : this.#add(prepared, place);
  }

  #add(prepared: unknown, place: InputPlace): FailedOutcome | null {
    try {
      this.#acc = this.#join.add(this.#acc, prepared, place);
      this.#fresh = false;
      return null;
    } catch (thrown) {
      if (this.#isBroken(thrown)) return null;
      if (this.#fresh) this.#begin();
      else this.spoiled = true;
      return refused(thrown);
    }
  }

  #addGuarded(prepared: unknown, place: InputPlace): FailedOutcome | null {
    const before = this.#fresh
      ? undefined
      : this.#attempt(() => JSON.stringify(this.#join.encode(this.#acc)));
    const result = this.#add(prepared, place);
    if (result === null) return null;
    this.spoiled = false;
    if (before === undefined) this.#begin();
    else this.#attempt(() => (this.#acc = this.#join.decode(JSON.parse(before) as Json)));
    return result;
  }

  /** A failed item closes a segment. */
  close(): void {
    const segments = this.#segments;
    if (segments === null) return;
    const segment = this.#attempt(() => this.#segment()) ?? [];
    segments.push(segment);
    if (this.#fresh) return;
    this.#segmentChars += JSON.stringify(segment).length;
    this.#begin();
    if (this.#segmentChars > MAX_SEGMENT_CHARS) this.#unite(segments);
  }

  #segment(): readonly Json[] {
    return this.#fresh ? [] : [this.#join.encode(this.#acc)];
  }

  #begin(): void {
    this.#fresh = true;
    this.#attempt(() => (this.#acc = this.#join.init()));
  }

  #unite(segments: readonly (readonly Json[])[]): void {
    this.#segments = null;
    for (const segment of segments) this.takeOver(segment);
  }

  /** Adds a segment of the attempt that a redrive builds on. */
  takeOver(segment: readonly Json[]): void {
    for (const encoded of segment) {
      this.#attempt(() => {
        const value = this.#join.decode(encoded);
        this.#acc = this.#fresh ? value : this.#join.merge(this.#acc, value);
        this.#fresh = false;
      });
    }
  }

  /** The value as it is kept: in segments if an item failed. */
  parts(failures: number): Pick<Contribution, "value" | "segments" | "error"> {
    const whole = this.#isWhole(failures);
    const kept = this.#attempt(() =>
      whole
        ? { value: this.#join.encode(this.#acc) }
        : { segments: [...(this.#segments ?? []), this.#segment()] },
    );
    return this.#error ? { error: this.#error } : (kept ?? {});
  }

  /** Whether the value has so many groups that it is kept in blocks. */
  isLarge(failures: number, fromGroups: number): boolean {
    const { large } = this.#join;
    if (large === undefined || this.#error || this.#fresh) return false;
    return this.#isWhole(failures) && large.groups(this.#acc) >= fromGroups;
  }

  #isWhole(failures: number): boolean {
    return failures === 0 || this.#segments === null;
  }

  /** The value in blocks, which `write` writes. */
  async blocks(
    write: (texts: Iterable<string>) => Promise<readonly Piece[]>,
  ): Promise<Pick<Contribution, "blocks" | "groups" | "error">> {
    const groups = this.#attempt(() => this.#join.large?.groups(this.#acc)) ?? 0;
    const texts = this.#attempt(() => this.#join.large?.blocks(this.#acc, BLOCK_CHARS)) ?? [];
    try {
      const blocks = await write(this.#attempted(texts));
      return this.#error ? { error: this.#error } : { blocks, groups };
    } catch (thrown) {
      if (!isTooLarge(thrown)) throw thrown;
      return { error: { code: thrown.code, message: thrown.message } };
    }
  }

  *#attempted(texts: Iterable<string>): Generator<string> {
    const next = texts[Symbol.iterator]();
    for (;;) {
      const step = this.#attempt(() => next.next());
      if (step === undefined || step.done === true) return;
      yield step.value;
    }
  }

  /** Runs a part of the job's join that belongs to no single item. The first error is kept. */
  #attempt<T>(step: () => T): T | undefined {
    if (this.#error) return undefined;
    try {
      return step();
    } catch (thrown) {
      if (!this.#isBroken(thrown)) this.#fail(fullText(describeError(thrown)));
      return undefined;
    }
  }

  /** Whether the join broke its contract: then no item is to blame. */
  #isBroken(thrown: unknown): boolean {
    if (!(thrown instanceof FoldError)) return false;
    this.notJson = thrown.notJson;
    this.#fail(thrown.message);
    return true;
  }

  #fail(message: string): void {
    this.#error ??= { code: "MERGE_FAILED", message };
  }
}

function refused(thrown: unknown): FailedOutcome {
  return { ok: false, code: "JOIN_FAILED", error: describeError(thrown), attempts: 1 };
}
