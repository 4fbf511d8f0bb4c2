/** A merge: the contributions of a node's children, in order, become one. At the root they become files. */
import type { Contribution, FailedPiece, Piece } from "../../core/records/contribution.ts";
import { FailureGroups } from "../../core/failures/failure-groups.ts";
import type { Json } from "../../core/json/json.ts";
import type { Job } from "../../job/job.ts";
import type { ObjectStore } from "../../ports.ts";
import { loadBody, storeBody } from "../contribution/body.ts";
import type { Machine } from "../machine.ts";
import { NativePromise } from "../../core/native-promise.ts";
import { BodiesInTurn } from "./bodies-in-turn.ts";
import { Merging } from "./merging.ts";
import { Unmerged } from "./unmerged.ts";
import { coalesceFailed, coalesceOutputs, failedLines } from "./coalesce.ts";
import { LEFT_OUT, NOTHING } from "../runner.ts";
import type { MergeReply, MergeRequest } from "../runner.ts";
import type { BatchFiles } from "../../batch/summary/files.ts";

/** Results up to this many bytes of JSON are kept in the batch's record. */
const INLINE_RESULT_BYTES = 64 * 1024;

/** Where a merge runs: `timeBudget` and `now` on a platform with a time limit. */
export type MergeMachine = Pick<Machine, "job" | "store" | "timeBudget" | "now" | "largeValues">;

/**
 * Merges all children; or as many as there is time for, but one at least, so that every invocation gets
 * further. The rest is for another invocation.
 */
export async function runMerge(machine: MergeMachine, request: MergeRequest): Promise<MergeReply> {
  const { job, store } = machine;
  const large = machine.largeValues;
  const merging = new Merging(job.join, store, {
    notesAdded: request.split?.kept !== undefined,
    unmerged: large && !request.root ? new Unmerged(store, large, request.children.length) : null,
  });
  const until = await mergeChildren(machine, request, merging);
  if (request.root && until === null) {
    merging.checkSize(large ?? null);
    return finish(job, store, request, merging);
  }
  const keyed = await merging.keyed();
  const contribution = await merging.contribution(large ?? null);
  const compact: Contribution = {
    ...contribution,
    ...(contribution.outputs ? { outputs: await coalesceOutputs(store, contribution.outputs) } : {}),
    ...(keyed ? { keyed } : {}),
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
  if (merged) await merging.add((await loadBody(store, merged.body))[request.index]);
  const isTimeUp = timeFor(machine, request);
  const bodies = new BodiesInTurn(store, request);
  try {
    for (let place = from; place < children.length; place++) {
      if (place > from && isTimeUp()) return place;
      const body = children[place];
      if (body === LEFT_OUT) merging.skip();
      else if (body !== NOTHING) {
        const contribution = bodies.take(place);
        const reading = merging.add(
          contribution instanceof NativePromise ? await contribution : contribution,
          request.split?.kept?.[place],
        );
        if (reading) await reading;
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

async function finish(
  job: Job,
  store: ObjectStore,
  { batch, tag }: MergeRequest,
  merging: Merging,
): Promise<MergeReply> {
  const { failed } = merging;
  // Each attempt has its own names. Only the files that the batch's record names count.
  const folder = `batches/${batch}`;
  const files: BatchFiles = {
    result: await writeResult(store, `${folder}/result-${tag}.json`, merging),
    outputs: await outputsOf(job, store, `${folder}/outputs-${tag}`, merging),
    failed: failed.length > 0 ? await writeFailed(store, `${folder}/failed-${tag}.jsonl`, failed) : null,
  };
  return { body: null, files, error: merging.error };
}

async function outputsOf(
  { join }: Job,
  store: ObjectStore,
  base: string,
  merging: Merging,
): Promise<BatchFiles["outputs"]> {
  if (join?.keyed) return merging.keyedFiles(base);
  return join?.outputs ? compose(store, `${base}.jsonl`, each(merging.outputs)) : null;
}

async function writeResult(
  store: ObjectStore,
  name: string,
  merging: Merging,
): Promise<BatchFiles["result"]> {
  if (merging.isResultLarge) return writeLargeResult(store, name, merging);
  const text = merging.result();
  if (text === undefined) return null;
  // A small one is in the batch's record, too.
  const kept = Buffer.byteLength(text) < INLINE_RESULT_BYTES;
  const bytes = await store.compose(name, each([{ text: `${text}\n` }]), { kept });
  return kept ? { name, bytes, value: JSON.parse(text) as Json } : { name, bytes };
}

/** It is written while it is made, so its text is never held as a whole. */
async function writeLargeResult(
  store: ObjectStore,
  name: string,
  merging: Merging,
): Promise<BatchFiles["result"]> {
  try {
    return { name, bytes: await store.compose(name, merging.resultPieces()) };
  } catch (thrown) {
    // What `finish` threw is the batch's error, and what is left of the object is removed.
    if (merging.error === null) throw thrown;
    return null;
  }
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
