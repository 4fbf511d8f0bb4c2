/** The requests of a runner, as calls to the threads of a pool. */
import type { Cut } from "../../../core/records/plan.ts";
import type {
  ChunksEvents,
  ChunksReply,
  ChunksRequest,
  MergeReply,
  MergeRequest,
  PlanRequest,
  Runner,
} from "../../../runner/runner.ts";
import type { Pending, Thread } from "./thread.ts";
import { packChunks, unpackDone } from "../packed-chunks.ts";
import type { Answer, Call } from "../thread-messages.ts";

export interface ThreadRunner extends Runner {
  chunks(request: ThreadChunksRequest, events?: ChunksEvents): Promise<ThreadChunksReply>;
  merge(request: MergeRequest, events?: Pick<ChunksEvents, "onThread">): Promise<MergeReply>;
}

export interface ThreadChunksRequest extends ChunksRequest {
  /** The chunks are a whole leaf: the thread goes on with its merge, under this tag. */
  readonly leaf?: WholeLeaf & { readonly tag: string };
}

/** A leaf of the tree of which all chunks are in one bundle. */
export interface WholeLeaf {
  /** The number of the leaf. */
  readonly index: number;
  /** It is the root as well: the bundle is the whole batch. */
  readonly root: boolean;
}

export interface ThreadChunksReply extends ChunksReply {
  /** The merge that the thread goes on with. */
  readonly merging?: Promise<EarlyMerged>;
}

/** A merge that was made before it was asked for. Times in milliseconds since the epoch. */
export interface EarlyMerged {
  readonly reply: MergeReply;
  /** The number of the thread. */
  readonly thread: number;
  readonly from: number;
  readonly to: number;
}

export type MakeCall = (thread: Thread, id: number) => Call;

export interface ThreadCalls {
  /** Sends a call to the thread with the least to do. */
  readonly ask: (make: MakeCall, events?: ChunksEvents) => Promise<Answer>;
  readonly newId: () => number;
  /** Takes over the answer that a thread has announced under this number. */
  readonly announced: (id: number) => Promise<Answer> | undefined;
}

export function threadRunner({ ask, newId, announced }: ThreadCalls): ThreadRunner {
  async function chunks(
    { spec, chunks: messages, previousBodies, careful, leaf }: ThreadChunksRequest,
    events?: ChunksEvents,
  ): Promise<ThreadChunksReply> {
    const { batch } = spec;
    // A redrive has a spec of its own, and limits may be changed while a batch runs.
    const version = JSON.stringify([messages[0]?.generation, spec.rateLimit, spec.inFlight]);
    const packed = packChunks(messages);
    const early = leaf === undefined ? null : { id: newId(), ...leaf };
    let number = 0;
    const answer = await ask((thread, id) => {
      number = thread.number;
      const told = thread.knows.get(batch) === version ? null : spec;
      thread.knows.set(batch, version);
      return {
        type: "chunks",
        id,
        batch,
        spec: told,
        chunks: packed,
        previousBodies: previousBodies ?? {},
        careful,
        early,
      };
    }, events);
    if (answer.type !== "chunks") throw unexpected();
    const reply = replyIn(answer);
    const merge = answer.merging === null ? undefined : announced(answer.merging);
    if (!merge) return reply;
    const merging = timed(merge, number);
    // It may not be wanted in the end.
    merging.catch(() => undefined);
    return { ...reply, merging };
  }

  async function merge(request: MergeRequest, events?: Pick<ChunksEvents, "onThread">): Promise<MergeReply> {
    return mergeReplyOf(await ask((_, id) => ({ type: "merge", id, request }), events));
  }

  async function plan(request: PlanRequest): Promise<Cut | null> {
    const answer = await ask((_, id) => ({ type: "plan", id, request }));
    if (answer.type !== "plan") throw unexpected();
    return answer.cut;
  }

  return { chunks, merge, plan };
}

async function timed(merge: Promise<Answer>, thread: number): Promise<EarlyMerged> {
  const from = Date.now();
  const reply = mergeReplyOf(await merge);
  return { reply, thread, from, to: Date.now() };
}

function mergeReplyOf(answer: Answer): MergeReply {
  if (answer.type !== "merge") throw unexpected();
  return answer.reply;
}

function unexpected(): Error {
  return new Error("the thread answered something else");
}

/** An answer that a thread owes. It rejects if the thread dies. */
export function owed(thread: Thread, request: Omit<Pending, "resolve" | "reject">): Promise<Answer> {
  return new Promise((resolve, reject) => thread.pending.set(request.id, { ...request, resolve, reject }));
}

type PackedReply = Pick<Extract<Answer, { type: "part" }>, "body" | "done" | "cuts" | "seen"> &
  Partial<Pick<Extract<Answer, { type: "chunks" }>, "overtaken">>;

export function replyIn({ body, done, cuts, overtaken, seen }: PackedReply): ChunksReply {
  const some = { ...(cuts ? { cuts } : {}), ...(overtaken ? { overtaken } : {}) };
  return { body, done: unpackDone(done), ...some, ...seen };
}
