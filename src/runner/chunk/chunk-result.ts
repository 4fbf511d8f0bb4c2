/**
 * What a chunk comes to while its items are done, in input order: the joined value, the outputs, the failed
 * items.
 */
import { INLINE_TEXT } from "../../core/records/contribution.ts";
import type { Contribution, Piece } from "../../core/records/contribution.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { drop } from "../../core/drop.ts";
import { AS_TEXT, jsonProblem, problemText } from "../../core/strict-json.ts";
import { JoinedValue } from "./joined-value.ts";
import type { JoinMode } from "./joined-value.ts";
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
 * A chunk's share of a contribution. Failed items are JSON lines whose positions count from the chunk's
 * beginning.
 */
export interface ResultParts {
  readonly parts: Pick<Contribution, "value" | "segments" | "cuts" | "outputs" | "error">;
  readonly failed: readonly Piece[];
}

/** How values are taken. */
export interface ResultRules extends JoinMode {
  /** Every value has to be JSON, whether or not it is written. */
  readonly strict: boolean;
}

interface ResultMode extends ResultRules {
  readonly job: Job;
}

export class ChunkResult {
  readonly #join: Join<unknown, unknown> | null;
  readonly #value: JoinedValue | null;
  readonly #strict: boolean;
  readonly #store: ObjectStore;
  readonly #failed: PieceWriter;
  readonly #outputs: PieceWriter | null;
  /** In a redrive: outputs that were written before, and new ones between them. */
  readonly #pieces: Piece[] | null;
  #pieceBytes = 0;
  readonly #cuts: number[] = [];
  succeeded = 0;
  failures = 0;

  /** `rebuilds`: it takes over what another attempt made. */
  constructor(
    { job: { join }, strict, guarded }: ResultMode,
    store: ObjectStore,
    chunk: number,
    { rebuilds }: { readonly rebuilds: boolean },
  ) {
    this.#strict = strict;
    this.#join = join;
    this.#store = store;
    this.#value = join && new JoinedValue(join, { guarded });
    this.#outputs = join?.outputs ? new PieceWriter(store, `outputs/${chunk}`) : null;
    this.#failed = new PieceWriter(store, `failed/${chunk}`);
    this.#pieces = rebuilds ? [] : null;
  }

  /** Takes what `process` returned; or says why it cannot be taken, and nothing has changed. */
  add(value: unknown): Refused | null {
    if (this.#value && value !== drop) {
      let text: string | undefined;
      try {
        if (this.#outputs) text = outputText(value, this.#join?.flat === true);
        // A join that keeps no outputs may take `undefined`, and leave it out.
        else if (this.#strict && value !== undefined) outputLine(value, "process returned");
      } catch (thrown) {
        return { code: "ITEM_NOT_JSON", error: describeError(thrown) };
      }
      const refused = this.#value.add(value);
      if (refused) return refused;
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
    this.#value?.close();
    if (this.#outputs) this.#cuts.push(this.#outputs.bytes + this.#pieceBytes);
  }

  /** Takes over a segment, and outputs, of the attempt that a redrive builds on. */
  takeOver(segment: readonly Json[], outputs: readonly Piece[]): void {
    this.#value?.takeOver(segment);
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
    const values = this.#value?.parts(this.failures) ?? {};
    const parts = values.segments && this.#outputs ? { ...values, cuts: this.#cuts } : values;
    return { parts: outputs.length > 0 ? { ...parts, outputs } : parts, failed };
  }

  #outputPieces(): Promise<Piece[]> | undefined {
    return this.#pieces ? coalesceOutputs(this.#store, this.#pieces) : this.#outputs?.close(INLINE_TEXT);
  }

  /** How the chunk has to be run once more before it counts; `null`: it need not. */
  get again(): Partial<ResultRules> | null {
    if (this.#value?.spoiled === true) return { guarded: true };
    // Which value is to blame is not known: then each is looked at.
    return this.#value?.notJson === true && !this.#strict ? { strict: true } : null;
  }
}

/** The lines of a value in `outputs.jsonl`: one, or with `flat` one for each element. Throws `TypeError`. */
function outputText(value: unknown, flat: boolean): string {
  if (!flat) return outputLine(value, "process returned");
  // The join refuses it, in its own words.
  if (!Array.isArray(value)) return "";
  return value
    .map((one, place) => outputLine(one, `process returned an array whose element ${place} is`))
    .join("");
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
