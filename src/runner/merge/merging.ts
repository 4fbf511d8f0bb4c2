/** What the children of a node come to: values, outputs and failed items, in order. */
import type { Failure } from "../../core/records/batch/batch.ts";
import type { Contribution, FailedPiece, KeyedPieces, Piece } from "../../core/records/contribution.ts";
import { fullText } from "../../core/errors/described-error.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Json } from "../../core/json/json.ts";
import { GAP, NO_SPAN, addSpans } from "../../core/span.ts";
import type { Span } from "../../core/span.ts";
import type { Join } from "../../joins/join.ts";
import type { ObjectStore } from "../../ports.ts";
import { BLOCK_CHARS, isTooLarge, readBlocks, tooLarge, writeBlocks } from "../contribution/value-blocks.ts";
import type { LargeValues } from "../contribution/value-blocks.ts";
import { describeError } from "../describe-error.ts";
import type { BatchFiles } from "../../batch/summary/files.ts";
import { KeyedMerge } from "../keyed/keyed-merge.ts";
import { writeKeyedFiles } from "../keyed/keyed-files.ts";
import { bytesOf } from "../contribution/piece-text.ts";
import { resultText } from "./result-text.ts";
import type { Unmerged } from "./unmerged.ts";

/** Too many keys, and a value that does not fit into its file. */
const OUTPUT_ERRORS: ReadonlySet<string> = new Set(["JOIN_TOO_LARGE", "MERGE_FAILED"]);

/** The most characters of JSON of a joined value in one piece: it passes through memory on every level. */
const MAX_VALUE_CHARS = 64 * 1024 * 1024;
/**
 * The text of a result with so many groups is longer than what is indented or kept in the batch's record:
 * each has a name, a colon and a comma.
 */
const MANY_GROUPS = 16_384;

export interface MergingOptions {
  /** A redrive has done some of the children again, and readers of outputs want those alone. */
  readonly notesAdded: boolean;
  /** Where values may be passed on as they are; `null`: nowhere. */
  readonly unmerged: Unmerged | null;
}

/** Merges neighbours from left to right. If a merge throws, the counts stay exact and there is no value. */
export class Merging {
  readonly #join: Join<unknown, unknown> | null;
  readonly #store: ObjectStore;
  readonly outputs: Piece[] = [];
  readonly failed: FailedPiece[] = [];
  #acc: { value: unknown } | null = null;
  #span: Span = NO_SPAN;
  #error: Failure | null = null;
  /** What a redrive added to the outputs, as ranges of bytes. */
  readonly #added: [number, number][] | null;
  #outputBytes = 0;
  readonly #byKey: KeyedMerge | null;
  #isWithoutOutputs = false;
  /** The values of the children as they are. `null`: they are merged. */
  #unmerged: Unmerged | null;

  constructor(
    join: Join<unknown, unknown> | null,
    store: ObjectStore,
    { notesAdded, unmerged }: MergingOptions,
  ) {
    this.#added = notesAdded ? [] : null;
    this.#unmerged = join?.large ? unmerged : null;
    this.#join = join;
    this.#store = store;
    this.#byKey = join?.keyed ? new KeyedMerge(store, join.keyed) : null;
  }

  skip(): void {
    this.#span = addSpans(this.#span, GAP);
  }

  /** `isKept`: as it was before a redrive. A promise only if there is something to read. */
  add(contribution: Contribution | undefined, isKept = false): Promise<void> | void {
    if (!contribution) throw new Error("a partial lacks the child that the ledger names");
    const { blocks, outputs = [], failed = [], span, error } = contribution;
    if (error) this.#error ??= error;
    const values = valuesIn(contribution);
    const isPassing = this.#unmerged?.isDecided === true;
    if (!isPassing) this.#mergeValues(values);
    if (this.#added) this.#note(this.#added, contribution, isKept);
    if (this.#byKey === null) this.outputs.push(...outputs);
    for (const { piece, base } of failed) this.failed.push({ piece, base: addSpans(this.#span, base) });
    this.#span = addSpans(this.#span, span);
    const wanted = blocks && this.#join && !this.#error ? blocks : null;
    if (wanted || this.#byKey || isPassing)
      return this.#addStored(contribution, wanted, isPassing ? values : []);
  }

  /** Values that are merged here cannot be passed on any more. */
  #mergeValues(values: readonly Json[]): void {
    if (values.length > 0) this.#unmerged = null;
    for (const one of values) this.#attempt((join) => this.#merge(join, one));
  }

  #note(ranges: [number, number][], { outputs = [], added }: Contribution, isKept: boolean): void {
    const bytes = outputs.reduce((sum, piece) => sum + bytesOf(piece), 0);
    const own = isKept || bytes === 0 ? [] : (added ?? [[0, bytes]]);
    for (const [from = 0, to = 0] of own) ranges.push([this.#outputBytes + from, this.#outputBytes + to]);
    this.#outputBytes += bytes;
  }

  async #addStored(
    contribution: Contribution,
    blocks: readonly Piece[] | null,
    values: readonly Json[],
  ): Promise<void> {
    if (this.#unmerged !== null) await this.#addUnmerged(this.#unmerged, contribution, values);
    else if (blocks) await this.#addBlocks(blocks);
    await this.#tried(async () => this.#byKey?.add(contribution));
  }

  /** The outputs by key; `undefined` if there are none. */
  async keyed(): Promise<KeyedPieces | undefined> {
    const pieces = await this.#tried(async () => this.#byKey?.pieces());
    return pieces?.length === 0 ? undefined : pieces;
  }

  /** Writes the files of outputs by key. `null`: they cannot be written, and the error says why. */
  async keyedFiles(base: string): Promise<BatchFiles["outputs"]> {
    const store = this.#store;
    const files = await this.#tried(async () => {
      const outputs = this.#join?.keyed;
      const keyed = await this.#byKey?.pieces();
      return outputs && keyed && writeKeyedFiles({ store, base, outputs, keyed });
    });
    return files ?? null;
  }

  /** Errors that no further try would help are those of the batch, and there are no outputs then. */
  async #tried<T>(step: () => Promise<T>): Promise<T | undefined> {
    if (this.#isWithoutOutputs) return undefined;
    try {
      return await step();
    } catch (thrown) {
      if (!(thrown instanceof FanjoinError) || !OUTPUT_ERRORS.has(thrown.code)) throw thrown;
      this.#error ??= { code: thrown.code, message: thrown.message };
      this.#isWithoutOutputs = true;
      return undefined;
    }
  }

  async #addUnmerged(unmerged: Unmerged, contribution: Contribution, values: readonly Json[]): Promise<void> {
    const { blocks = [] } = contribution;
    const wasPassing = unmerged.isDecided;
    if (!unmerged.takes(contribution)) {
      if (wasPassing) await this.#addBlocks(unmerged.pieces);
      this.#mergeValues(values);
      this.#unmerged = null;
      return this.#addBlocks(blocks);
    }
    await unmerged.add(contribution, values);
    if (wasPassing) return;
    await this.#addBlocks(blocks);
    unmerged.decide(this.#groups, false);
    if (unmerged.isDecided) this.#acc = null;
  }

  async #addBlocks(blocks: readonly Piece[]): Promise<void> {
    for await (const one of readBlocks(this.#store, blocks)) this.#attempt((join) => this.#merge(join, one));
  }

  #merge(join: Join<unknown, unknown>, encoded: Json): void {
    if (this.#acc === null) this.#acc = { value: join.decode(encoded) };
    else if (join.large) this.#acc.value = join.large.mergeEncoded(this.#acc.value, encoded);
    else this.#acc.value = join.merge(this.#acc.value, join.decode(encoded));
  }

  #attempt<T>(step: (join: Join<unknown, unknown>) => T): T | undefined {
    if (!this.#join || this.#error) return undefined;
    try {
      return step(this.#join);
    } catch (thrown) {
      this.#error = { code: "MERGE_FAILED", message: fullText(describeError(thrown)) };
      return undefined;
    }
  }

  /** `large`: when the value is kept in blocks; `null`: never. */
  async contribution(large: LargeValues | null): Promise<Contribution> {
    return {
      ...(await this.#values(large)),
      ...(this.outputs.length > 0 ? { outputs: this.outputs } : {}),
      ...(this.#added ? { added: this.#added } : {}),
      ...(this.failed.length > 0 ? { failed: this.failed } : {}),
      span: this.#span,
      ...(this.#error ? { error: this.#error } : {}),
    };
  }

  async #values(large: LargeValues | null): Promise<Pick<Contribution, "value" | "blocks" | "groups">> {
    const unmerged = this.#unmerged;
    if (unmerged?.isDecided === false) unmerged.decide(this.#groups, true);
    if (unmerged?.isDecided) return this.#error ? {} : { blocks: unmerged.pieces, groups: unmerged.groups };
    return large && this.#groups >= large.fromGroups ? this.#blocks(large) : this.#value();
  }

  #value(): Pick<Contribution, "value"> {
    const value = this.#attempt((join) => (this.#acc ? join.encode(this.#acc.value) : undefined));
    if (value === undefined) return {};
    const { length } = JSON.stringify(value);
    if (length <= MAX_VALUE_CHARS) return { value };
    this.#fail(tooLarge(`${length}`, MAX_VALUE_CHARS));
    return {};
  }

  async #blocks(large: LargeValues): Promise<Pick<Contribution, "blocks" | "groups">> {
    const texts = this.#join?.large?.blocks(this.#acc?.value, BLOCK_CHARS) ?? [];
    try {
      const blocks = await writeBlocks(this.#store, this.#attempted(texts), large);
      return this.#error ? {} : { blocks, groups: this.#groups };
    } catch (thrown) {
      if (!isTooLarge(thrown)) throw thrown;
      this.#fail(thrown);
      return {};
    }
  }

  /** At the root, which keeps no value: one that is written in blocks has no limit there. */
  checkSize(large: LargeValues | null): void {
    if (large === null || this.#groups < large.fromGroups) this.#value();
  }

  #fail({ code, message }: FanjoinError): void {
    this.#error = { code, message };
  }

  get #groups(): number {
    return this.#attempt((join) => (this.#acc ? join.large?.groups(this.#acc.value) : undefined)) ?? 0;
  }

  /** Steps of the join, the first error of which is kept. */
  *#attempted(texts: Iterable<string>): Generator<string> {
    const iterator = texts[Symbol.iterator]();
    for (;;) {
      const next = this.#attempt(() => iterator.next());
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  }

  /** Whether the result is written in parts. */
  get isResultLarge(): boolean {
    const acc = this.#acc;
    if (acc === null) return false;
    return (this.#attempt((join) => join.large?.resultGroups(acc.value)) ?? 0) >= MANY_GROUPS;
  }

  /** The text of a large result. Throws if `finish` does: there is no result then, but an `error`. */
  async *resultPieces(): AsyncGenerator<{ text: string }> {
    const texts = this.#join?.large?.resultText(this.#acc?.value, "") ?? [];
    for (const text of this.#attempted(texts)) yield { text };
    if (this.#error) throw new Error(this.#error.message);
    yield { text: "\n" };
  }

  /**
   * The joined value as text, of nothing if nothing was joined. What `finish` returns may be anything, JSON
   * or not.
   */
  result(): string | undefined {
    return this.#attempt((join) => {
      return resultText(join.finish(this.#acc ? this.#acc.value : join.init()));
    });
  }

  get error(): Failure | null {
    return this.#error;
  }
}

/** The encoded accumulators of a contribution that are in one piece each. */
function valuesIn({ value, segments }: Contribution): readonly Json[] {
  return segments?.flat() ?? (value === undefined ? [] : [value]);
}
