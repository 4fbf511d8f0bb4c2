/** A merge: the contributions of a node's children, in order, become one. At the root they become files. */
import type { Failure } from "../../core/records/batch.ts";
import type { Contribution, FailedPiece, Piece } from "../../core/records/contribution.ts";
import { fullText } from "../../core/errors/described-error.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { FailureGroups } from "../../core/failures/failure-groups.ts";
import type { Json } from "../../core/json/json.ts";
import { GAP, NO_SPAN, addSpans } from "../../core/span.ts";
import type { Span } from "../../core/span.ts";
import type { Job } from "../../job/job.ts";
import type { Join } from "../../joins/join.ts";
import type { ObjectStore } from "../../ports.ts";
import { describeError } from "../describe-error.ts";
import { loadBody, storeBody } from "../contribution/body.ts";
import type { Machine } from "../machine.ts";
import { NativePromise } from "../../core/native-promise.ts";
import { BodiesInTurn } from "./bodies-in-turn.ts";
import { resultText } from "./result-text.ts";
import { coalesceFailed, coalesceOutputs, failedLines } from "./coalesce.ts";
import { LEFT_OUT, NOTHING } from "../runner.ts";
import type { MergeReply, MergeRequest } from "../runner.ts";
import type { BatchFiles } from "../../batch/files.ts";

/** The most characters of JSON that a joined value may have: it passes through memory on every level. */
const MAX_VALUE_CHARS = 64 * 1024 * 1024;
/** Results up to this many bytes of JSON are kept in the batch's record. */
const INLINE_RESULT_BYTES = 64 * 1024;

/** Where a merge runs: `timeBudget` and `now` on a platform with a time limit. */
export type MergeMachine = Pick<Machine, "job" | "store" | "timeBudget" | "now">;

/**
 * Merges all children; or as many as there is time for, but one at least, so that every invocation gets
 * further. The rest is for another invocation.
 */
export async function runMerge(machine: MergeMachine, request: MergeRequest): Promise<MergeReply> {
  const { job, store } = machine;
  const merging = new Merging(job.join);
  const until = await mergeChildren(machine, request, merging);
  if (request.root && until === null) return finish(job, store, request, merging);
  const contribution = merging.contribution();
  const compact: Contribution = {
    ...contribution,
    ...(contribution.outputs ? { outputs: await coalesceOutputs(store, contribution.outputs) } : {}),
    ...(contribution.failed ? { failed: await coalesceFailed(store, contribution.failed) } : {}),
    ...(request.split ? { split: request.split.generation } : {}),
  };
  return {
    body: await storeBody(store, { [request.index]: compact }),
    ...(until === null ? {} : { until }),
    files: null,
    error: contribution.error ?? null,
  };
}

/** The number of children that are merged, if that is all there was time for; else `null`. */
async function mergeChildren(
  machine: MergeMachine,
  request: MergeRequest,
  merging: Merging,
): Promise<number | null> {
  const { store } = machine;
  const { children, merged } = request;
  const from = merged?.children ?? 0;
  if (merged) merging.add((await loadBody(store, merged.body))[request.index]);
  const isTimeUp = timeFor(machine, request);
  const bodies = new BodiesInTurn(store, request);
  try {
    for (let place = from; place < children.length; place++) {
      if (place > from && isTimeUp()) return place;
      const body = children[place];
      if (body === LEFT_OUT) merging.skip();
      else if (body !== NOTHING) {
        const contribution = bodies.take(place);
        merging.add(contribution instanceof NativePromise ? await contribution : contribution);
      }
    }
  } finally {
    await bodies.close();
  }
  const isWorkLeft = request.root && from < children.length;
  return isWorkLeft && isTimeUp() ? children.length : null;
}

/** At the root, half of the time is kept for `finish` and the files. */
function timeFor({ timeBudget, now }: MergeMachine, { root }: MergeRequest): () => boolean {
  if (timeBudget === undefined) return () => false;
  if (!root) return () => timeBudget.isOver();
  const halfAt = (now() + timeBudget.endsAt()) / 2;
  return () => now() >= halfAt;
}

/** Merges neighbours from left to right. If a merge throws, the counts stay exact and there is no value. */
class Merging {
  readonly #join: Join<unknown, unknown> | null;
  readonly #outputs: Piece[] = [];
  readonly #failed: FailedPiece[] = [];
  #acc: { value: unknown } | null = null;
  #span: Span = NO_SPAN;
  #error: Failure | null = null;

  constructor(join: Join<unknown, unknown> | null) {
    this.#join = join;
  }

  skip(): void {
    this.#span = addSpans(this.#span, GAP);
  }

  add(contribution: Contribution | undefined): void {
    if (!contribution) throw new Error("a partial lacks the child that the ledger names");
    const { value, segments, outputs = [], failed = [], span, error } = contribution;
    if (error) this.#error ??= error;
    const values = segments?.flat() ?? (value === undefined ? [] : [value]);
    for (const one of values) this.#attempt((join) => this.#merge(join, one));
    this.#outputs.push(...outputs);
    for (const { piece, base } of failed) this.#failed.push({ piece, base: addSpans(this.#span, base) });
    this.#span = addSpans(this.#span, span);
  }

  #merge(join: Join<unknown, unknown>, encoded: Json): void {
    const value = join.decode(encoded);
    this.#acc = { value: this.#acc ? join.merge(this.#acc.value, value) : value };
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

  contribution(): Contribution {
    const value = this.#attempt((join) => (this.#acc ? limited(join.encode(this.#acc.value)) : undefined));
    if (value instanceof FanjoinError) this.#error = { code: value.code, message: value.message };
    return {
      ...(value === undefined || value instanceof FanjoinError ? {} : { value }),
      ...(this.#outputs.length > 0 ? { outputs: this.#outputs } : {}),
      ...(this.#failed.length > 0 ? { failed: this.#failed } : {}),
      span: this.#span,
      ...(this.#error ? { error: this.#error } : {}),
    };
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

function limited(value: Json): Json | FanjoinError {
  const { length } = JSON.stringify(value);
  if (length <= MAX_VALUE_CHARS) return value;
  return new FanjoinError(
    "JOIN_TOO_LARGE",
    `the joined value has ${length} characters of JSON, the limit is ${MAX_VALUE_CHARS}: collect() has none`,
  );
}

async function finish(
  job: Job,
  store: ObjectStore,
  { batch, tag }: MergeRequest,
  merging: Merging,
): Promise<MergeReply> {
  const { outputs = [], failed = [] } = merging.contribution();
  // Each attempt has its own names. Only the files that the batch's record names count.
  const folder = `batches/${batch}`;
  const result = merging.result();
  const files: BatchFiles = {
    result: result === undefined ? null : await writeResult(store, `${folder}/result-${tag}.json`, result),
    outputs: job.join?.outputs ? await compose(store, `${folder}/outputs-${tag}.jsonl`, each(outputs)) : null,
    failed: failed.length > 0 ? await writeFailed(store, `${folder}/failed-${tag}.jsonl`, failed) : null,
  };
  return { body: null, files, error: merging.error };
}

async function writeResult(
  store: ObjectStore,
  name: string,
  text: string,
): Promise<NonNullable<BatchFiles["result"]>> {
  // A small one is in the batch's record, too.
  const kept = Buffer.byteLength(text) < INLINE_RESULT_BYTES;
  const bytes = await store.compose(name, each([{ text: `${text}\n` }]), { kept });
  return kept ? { name, bytes, value: JSON.parse(text) as Json } : { name, bytes };
}

/**
 * Writes the failed items of the whole batch, and groups them on the way. Each of them passes here once, also
 * in a redrive, so the groups are exact.
 */
async function writeFailed(
  store: ObjectStore,
  name: string,
  failed: readonly FailedPiece[],
): Promise<NonNullable<BatchFiles["failed"]>> {
  const groups = new FailureGroups();
  const written = await compose(
    store,
    name,
    failedLines(store, failed, (line) => groups.add(line)),
  );
  return { ...written, failures: groups.summary() };
}

async function compose(
  store: ObjectStore,
  name: string,
  pieces: AsyncIterable<Piece>,
): Promise<{ name: string; bytes: number }> {
  return { name, bytes: await store.compose(name, pieces) };
}

async function* each(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}
