/**
 * Early merges: of a leaf whose chunks are one bundle. The thread that has run the bundle goes on with the
 * merge of the leaf while the bundle is settled. So a small batch waits for one trip to a thread, not for
 * two, and a long batch of short chunks sends half as many messages to its threads.
 *
 * Nothing depends on an early merge. It is used if the tree asks for the very same one; else the merge is
 * made again. A thread that dies of it has answered for its chunks, so they are not blamed.
 */
import type { Piece } from "../../../core/records/contribution.ts";
import { isWholeMessage } from "../../../core/records/message.ts";
import { FAN_IN, NodeView, nodeKey } from "../../../core/records/tree.ts";
import type { Ledger } from "../../../ports.ts";
import type { ChunksRequest, MergeRequest } from "../../../runner/runner.ts";
import type { EarlyMerged, ThreadChunksReply, WholeLeaf } from "../../threads/pool/thread-runner.ts";

interface Early {
  readonly leaf: WholeLeaf;
  /** The body that is merged, as text. */
  readonly text: string;
  readonly chunks: number;
  readonly merging: Promise<EarlyMerged>;
}

export class EarlyMerges {
  readonly #ledger: () => Pick<Ledger, "read">;
  /** By batch and number of the leaf. The root of each batch is merged, so nothing stays here. */
  readonly #merges = new Map<string, Map<number, Early>>();

  constructor(ledger: () => Pick<Ledger, "read">) {
    this.#ledger = ledger;
  }

  /**
   * The leaf whose chunks these are, all of them; `null`: there is none, or its chunks are not known yet.
   * Only the first leaf can be the root, and only once its plan has ended.
   */
  async leafOf({ spec: { batch }, chunks, careful }: ChunksRequest): Promise<WholeLeaf | null> {
    const [first] = chunks;
    if (first?.generation !== 0 || careful !== null || first.chunk % FAN_IN !== 0) return null;
    const index = first.chunk / FAN_IN;
    const isFull = chunks.length === FAN_IN && chunks.every((message) => isWholeMessage(message));
    if (index > 0) return isFull ? { index, root: false } : null;
    const [leaf] = await this.#ledger().read([nodeKey({ batch, generation: 0, level: 0, index: 0 })]);
    const view = new NodeView(leaf ?? null, FAN_IN);
    if (view.root) return view.expects === chunks.length ? { index, root: true } : null;
    return isFull ? { index, root: false } : null;
  }

  /** Keeps the merge that the thread goes on with, if there is one. */
  keep(batch: string, leaf: WholeLeaf | null, { body, done, merging }: ThreadChunksReply): void {
    if (leaf === null || merging === undefined || body === null || !("text" in body)) return;
    const merges = this.#merges.get(batch) ?? new Map<number, Early>();
    this.#merges.set(batch, merges.set(leaf.index, { leaf, text: body.text, chunks: done.length, merging }));
  }

  /** The early merge that is the same as this one; `null`: there is none. */
  async take(request: MergeRequest): Promise<EarlyMerged | null> {
    const early = this.#merges.get(request.batch)?.get(request.index);
    if (request.root) this.#merges.delete(request.batch);
    if (early === undefined || !isSame(early, request)) return null;
    this.#merges.get(request.batch)?.delete(request.index);
    return early.merging.catch(() => null);
  }
}

function isSame({ leaf, text, chunks }: Early, { root, bodies, children }: MergeRequest): boolean {
  const [body, ...others] = bodies;
  const isOfBody = children.length === chunks && children.every((place) => place === 0);
  return root === leaf.root && isOfBody && others.length === 0 && textOf(body) === text;
}

function textOf(body: Piece | undefined): string | null {
  return body && "text" in body ? body.text : null;
}
