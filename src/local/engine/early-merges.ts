/**
 * Early merges: of a batch that is one bundle, and so one node. The thread that has run the bundle goes on
 * with the merge of the root while the bundle is settled. So a small batch waits for one trip to a thread,
 * not for two.
 *
 * Nothing depends on an early merge. It is used if the tree asks for the very same one; else the merge is
 * made again. A thread that dies of it has answered for its chunks, so they are not blamed.
 */
import type { Piece } from "../../core/records/contribution.ts";
import { FAN_IN, NodeView, nodeKey } from "../../core/records/tree.ts";
import type { Ledger } from "../../ports.ts";
import type { ChunksRequest, MergeReply, MergeRequest } from "../../runner/runner.ts";
import type { ThreadChunksReply } from "../threads/thread-runner.ts";

interface Early {
  /** The body that is merged, as text. */
  readonly text: string;
  readonly chunks: number;
  readonly reply: Promise<MergeReply>;
}

export class EarlyMerges {
  readonly #ledger: () => Pick<Ledger, "read">;
  /** By batch. The root of each batch is merged, so nothing stays here. */
  readonly #merges = new Map<string, Early>();

  constructor(ledger: () => Pick<Ledger, "read">) {
    this.#ledger = ledger;
  }

  /** Whether these are all chunks of their batch: its plan has ended, and its tree is one node. */
  async isWhole({ spec: { batch }, chunks, careful }: ChunksRequest): Promise<boolean> {
    const [first] = chunks;
    if (first?.chunk !== 0 || first.generation !== 0 || careful !== null) return false;
    const [leaf] = await this.#ledger().read([nodeKey({ batch, generation: 0, level: 0, index: 0 })]);
    const view = new NodeView(leaf ?? null, FAN_IN);
    return view.root && view.expects === chunks.length;
  }

  /** Keeps the merge that the thread goes on with, if there is one. */
  keep(batch: string, { body, done, merging }: ThreadChunksReply): void {
    if (merging === undefined || body === null || !("text" in body)) return;
    this.#merges.set(batch, { text: body.text, chunks: done.length, reply: merging });
  }

  /** The reply of the early merge that is the same as this one; `null`: there is none. */
  async take(request: MergeRequest): Promise<MergeReply | null> {
    const early = this.#merges.get(request.batch);
    if (early === undefined) return null;
    this.#merges.delete(request.batch);
    return isSame(early, request) ? early.reply.catch(() => null) : null;
  }
}

function isSame({ text, chunks }: Early, { root, bodies, children }: MergeRequest): boolean {
  const [body, ...others] = bodies;
  const isOfBody = children.length === chunks && children.every((place) => place === 0);
  return root && isOfBody && others.length === 0 && textOf(body) === text;
}

function textOf(body: Piece | undefined): string | null {
  return body && "text" in body ? body.text : null;
}
