/**
 * The result of a chunk while its items are running, in input order: the joined value, the outputs, the
 * failed items.
 */
import { INLINE_TEXT } from "../../core/records/contribution.ts";
import type { Contribution, Piece } from "../../core/records/contribution.ts";
import { FailureDigest } from "../../core/failures/failure-digest.ts";
import type { Digest } from "../../core/failures/failure-digest.ts";
import { failedLineText } from "../../core/failures/failed-line.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import type { Json } from "../../core/json/json.ts";
import { drop } from "../../core/drop.ts";
import { AS_TEXT, jsonProblem, problemText } from "../../core/json/strict-json.ts";
import { JoinedValue } from "./joined-value.ts";
import type { JoinMode } from "./joined-value.ts";
import type { Join } from "../../joins/join.ts";
import type { InputPlace } from "../../joins/place.ts";
import type { KeyedOutputs } from "../../joins/keyed-outputs.ts";
import type { ObjectStore } from "../../ports.ts";
import { describeError } from "../describe-error.ts";
import { coalesceOutputs } from "../merge/coalesce.ts";
import { keyedLine } from "../keyed/keyed-lines.ts";
import { bytesOf } from "../contribution/piece-text.ts";
import { writeBlocks } from "../contribution/value-blocks.ts";
import type { LargeValues } from "../contribution/value-blocks.ts";
import { PieceWriter } from "../contribution/piece-writer.ts";
import type { AttemptContext } from "./attempt-context.ts";
import type { FailedOutcome } from "../item/item-outcome.ts";

/**
 * A chunk's share of a contribution. Failed items are JSON lines whose positions count from the chunk's
 * beginning.
 */
export interface ResultParts {
  readonly parts: Pick<
    Contribution,
    "value" | "blocks" | "groups" | "segments" | "cuts" | "outputs" | "added" | "error"
  >;
  readonly failed: readonly Piece[];
}

type Values = Pick<Contribution, "value" | "blocks" | "groups" | "segments" | "error">;

/** How values are added. */
export interface ResultRules extends JoinMode {
  /** Every value has to be JSON, whether or not it is written. */
  readonly strict: boolean;
}

type ResultContext = ResultRules & Pick<AttemptContext, "job" | "store" | "chunk" | "largeValues">;

export class ChunkResult {
  readonly #join: Join<unknown, unknown> | null;
  readonly #value: JoinedValue | null;
  readonly #strict: boolean;
  readonly #store: ObjectStore;
  readonly #largeValues: LargeValues | undefined;
  readonly #failed: PieceWriter;
  readonly #outputs: PieceWriter | null;
  /** In a redrive: earlier outputs, with new ones between them. */
  readonly #pieces: Piece[] | null;
  #pieceBytes = 0;
  /** Where the new ones are. */
  readonly #added: number[][] = [];
  readonly #cuts: number[] = [];
  #digest: FailureDigest | null = null;
  succeeded = 0;
  failures = 0;

  /** `rebuilds`: in a redrive, which takes over parts of an earlier attempt's result. */
  constructor(
    { job: { join }, strict, guarded, store, chunk, largeValues }: ResultContext,
    { rebuilds }: { readonly rebuilds: boolean },
  ) {
    this.#strict = strict;
    this.#join = join;
    this.#store = store;
    this.#largeValues = largeValues;
    this.#value = join && new JoinedValue(join, { guarded });
    this.#outputs = join?.outputs ? new PieceWriter(store, `outputs/${chunk}`) : null;
    this.#failed = new PieceWriter(store, `failed/${chunk}`);
    this.#pieces = rebuilds ? [] : null;
  }

  /** Adds a value that `process` returned. If it cannot be added, returns why, and nothing has changed. */
  add(value: unknown, place: InputPlace): FailedOutcome | null {
    if (this.#value && value !== drop) {
      let text: string | undefined;
      try {
        if (this.#outputs && this.#join) text = outputText(value, this.#join);
        // A join that keeps no outputs may take `undefined`, and leave it out.
        else if (this.#strict && value !== undefined) outputLine(value, "process returned");
      } catch (thrown) {
        return { ok: false, code: "ITEM_NOT_JSON", error: describeError(thrown), attempts: 1 };
      }
      const refused = this.#value.add(value, place);
      if (refused) return refused;
      if (text !== undefined) this.#output(text);
    }
    this.succeeded++;
    return null;
  }

  #output(text: string): void {
    if (this.#pieces && this.#outputs) this.#addNew(this.#pieces, text);
    else this.#outputs?.add(text);
  }

  #addNew(to: Piece[], text: string): void {
    const begin = this.#pieceBytes;
    this.#addPieces(to, [{ text }]);
    const last = this.#added.at(-1);
    if (last?.[1] === begin) last[1] = this.#pieceBytes;
    else if (text !== "") this.#added.push([begin, this.#pieceBytes]);
  }

  #addPieces(to: Piece[], pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      to.push(piece);
      this.#pieceBytes += bytesOf(piece);
    }
  }

  /**
   * Adds an item that this attempt saw fail. `index`: its number in its source, where that is known by now.
   */
  failNow(line: FailedLine, index: number | null): void {
    this.fail(failedLineText(line));
    this.#digest ??= new FailureDigest();
    this.#digest.add({ ...line, index, line: null });
  }

  /** The failed items that this attempt saw, by kind, since the last call; `null`: none. */
  takeDigest(): Digest | null {
    return this.#digest?.take() ?? null;
  }

  /** Adds a failed item, as a JSON line. It closes a segment. */
  fail(line: string): void {
    this.failures++;
    this.#failed.add(`${line}\n`);
    this.#value?.close();
    if (this.#outputs) this.#cuts.push(this.#outputs.bytes + this.#pieceBytes);
  }

  /** Adds a segment and outputs of the attempt that a redrive builds on. */
  takeOver(segment: readonly Json[], outputs: readonly Piece[]): void {
    this.#value?.takeOver(segment);
    if (this.#pieces) this.#addPieces(this.#pieces, outputs);
  }

  /** Whether it is time to `unload`. */
  get heavy(): boolean {
    return this.#failed.heavy || this.#outputs?.heavy === true;
  }

  async unload(): Promise<void> {
    await this.#outputs?.unload();
    await this.#failed.unload();
  }

  /** A promise only if there are outputs or failed items to write. */
  finish(): ResultParts | Promise<ResultParts> {
    const written = this.#outputPieces();
    const large = this.#largeValues;
    const inBlocks = large && this.#value?.isLarge(this.failures, large.fromGroups) ? large : null;
    if (written || inBlocks || this.failures > 0) return this.#written(written ?? [], inBlocks);
    return this.#parts([], [], this.#value?.parts(this.failures) ?? {});
  }

  async #written(outputs: Piece[] | Promise<Piece[]>, inBlocks: LargeValues | null): Promise<ResultParts> {
    const pieces = await outputs;
    const values = inBlocks
      ? await this.#value?.blocks((texts) => writeBlocks(this.#store, texts, inBlocks))
      : this.#value?.parts(this.failures);
    return this.#parts(pieces, this.failures > 0 ? await this.#failed.close(INLINE_TEXT) : [], values ?? {});
  }

  #parts(outputs: readonly Piece[], failed: readonly Piece[], values: Values): ResultParts {
    const parts = values.segments && this.#outputs ? { ...values, cuts: this.#cuts } : values;
    if (outputs.length === 0) return { parts, failed };
    return { parts: { ...parts, outputs, ...(this.#pieces ? { added: this.#added } : {}) }, failed };
  }

  #outputPieces(): Promise<Piece[]> | undefined {
    return this.#pieces ? coalesceOutputs(this.#store, this.#pieces) : this.#outputs?.close(INLINE_TEXT);
  }

  /** The rules under which the chunk has to run once more before it counts; `null`: it counts. */
  get again(): Partial<ResultRules> | null {
    if (this.#value?.spoiled === true) return { guarded: true };
    // It is unknown which value is to blame, so the next run checks each.
    return this.#value?.notJson === true && !this.#strict ? { strict: true } : null;
  }
}

/** The lines of a value among the outputs: one, or with `flat` one for each element. Throws `TypeError`. */
function outputText(value: unknown, { flat, keyed }: Pick<Join<unknown, unknown>, "flat" | "keyed">): string {
  const lineOf = (one: unknown, what: string): string => {
    const line = outputLine(one, what);
    return keyed ? withKey(keyed, one, line) : line;
  };
  if (flat !== true) return lineOf(value, "process returned");
  // The join refuses it, with a better message.
  if (!Array.isArray(value)) return "";
  return value
    .map((one, place) => lineOf(one, `process returned an array whose element ${place} is`))
    .join("");
}

/** Nothing for a value without a key: the join refuses it, with its own code. */
function withKey(keyed: KeyedOutputs, value: unknown, line: string): string {
  try {
    return keyedLine(keyed, value, line.trimEnd());
  } catch {
    return "";
  }
}

function outputLine(value: unknown, what: string): string {
  const problem = jsonProblem(value, AS_TEXT);
  if (problem === null) return `${JSON.stringify(value)}\n`;
  if (value === undefined)
    throw new TypeError(
      `${what} undefined, which JSON cannot hold: return null, or \`drop\` (of fanjoin) to leave the item out`,
    );
  throw new TypeError(problemText(what, problem));
}
