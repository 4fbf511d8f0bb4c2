/**
 * The finished chunks of a request, collected for its reply. Chunks that would wait long for the others are
 * handed over before.
 */
import type { Contribution } from "../../core/records/contribution.ts";
import { NativePromise } from "../../core/native-promise.ts";
import type { Done } from "../../core/protocol/task.ts";
import { NO_SPAN } from "../../core/span.ts";
import type { ObjectStore } from "../../ports.ts";
import { elapsedMs, startTimeout, stopTimeout } from "../captured.ts";
import { storeBody } from "../contribution/body.ts";
import type { SharedMachine } from "../machine.ts";
import type { ChunksEvents, ChunksReply } from "../runner.ts";
import type { ChunkOutcome } from "./chunk-outcome.ts";

/** Often enough to show progress, and rare enough to cost nothing. */
const SETTLE_AFTER_MS = 250;

/** Chunks that are done and not handed over. */
class DoneChunks {
  readonly #contributions: { [child: string]: Contribution } = {};
  readonly #done = new Map<number, Done>();
  #keepsAny = false;

  get isEmpty(): boolean {
    return this.#done.size === 0;
  }

  add(chunk: number, { totals, contribution }: ChunkOutcome): void {
    this.#done.set(chunk, { child: chunk, totals });
    // The chunks share one tag: if the tag names a body, each of them has to be in it.
    this.#contributions[chunk] = contribution ?? { span: NO_SPAN };
    if (contribution !== null) this.#keepsAny = true;
  }

  /** Writes the body, if any chunk has something to keep. `laterAt`: when unfinished chunks should come. */
  async write(store: ObjectStore, laterAt: number | null): Promise<ChunksReply> {
    const body = this.#keepsAny ? await storeBody(store, this.#contributions) : null;
    const done = [...this.#done.values()];
    return laterAt === null ? { body, done } : { body, done, laterAt };
  }
}

export class BundleReply {
  readonly #store: ObjectStore;
  readonly #settleAfterMs: number;
  readonly #onPart: ((part: ChunksReply) => void) | null;
  #chunks = new DoneChunks();
  #handedOverAt = elapsedMs();
  #timer: NodeJS.Timeout | null = null;
  readonly #parts: Promise<void>[] = [];

  constructor({ store, settleAfterMs = SETTLE_AFTER_MS }: SharedMachine, onPart: ChunksEvents["onPart"]) {
    this.#store = store;
    this.#settleAfterMs = settleAfterMs;
    this.#onPart = onPart ?? null;
  }

  add(chunk: number, outcome: ChunkOutcome): void {
    this.#chunks.add(chunk, outcome);
  }

  /** Chunks are done, and others are awaited: they are handed over in a while, if the reply is not there. */
  handOverSoon(): void {
    if (!this.#onPart || this.#timer || this.#chunks.isEmpty) return;
    this.#timer = startTimeout(() => void this.#handOver(), this.#settleAfterMs);
  }

  /** For chunks that run in turn, where a timer may have no chance; `null`: it is not time yet. */
  handOverIfDue(): Promise<void> | null {
    const isDue = this.#onPart !== null && elapsedMs() - this.#handedOverAt >= this.#settleAfterMs;
    return isDue ? this.#handOver() : null;
  }

  #handOver(): Promise<void> | null {
    this.#timer = null;
    this.#handedOverAt = elapsedMs();
    const onPart = this.#onPart;
    if (!onPart || this.#chunks.isEmpty) return null;
    const chunks = this.#chunks;
    this.#chunks = new DoneChunks();
    const part = chunks.write(this.#store, null).then(onPart);
    // `write` rejects with it, too.
    part.catch(() => undefined);
    this.#parts.push(part);
    return part;
  }

  /** The rest. Rejects with what the store throws, also if it was for a part. */
  async write(laterAt: number | null): Promise<ChunksReply> {
    if (this.#timer) stopTimeout(this.#timer);
    if (this.#parts.length > 0) await NativePromise.all(this.#parts);
    return this.#chunks.write(this.#store, laterAt);
  }

  /** The request has failed: nothing more is handed over. */
  giveUp(): void {
    if (this.#timer) stopTimeout(this.#timer);
  }
}
