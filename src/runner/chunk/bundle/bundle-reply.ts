/**
 * The finished chunks of a request, collected for its reply. Chunks that would wait long for the others are
 * handed over before.
 */
import { partName } from "../../../core/records/contribution.ts";
import type { Contribution } from "../../../core/records/contribution.ts";
import type { Digest } from "../../../core/failures/failure-digest.ts";
import { LatencySketch } from "../../../core/history/latency.ts";
import { workName } from "../../../core/records/message.ts";
import type { ChunkMessage } from "../../../core/records/message.ts";
import { NativePromise } from "../../../core/native-promise.ts";
import type { Done } from "../../../core/protocol/task.ts";
import { NO_SPAN } from "../../../core/span.ts";
import type { ObjectStore } from "../../../ports.ts";
import { elapsedMs, startTimeout, stopTimeout } from "../../captured.ts";
import { storeBody } from "../../contribution/body.ts";
import type { SharedMachine } from "../../machine.ts";
import type { ChunksEvents, ChunksReply, CutReply } from "../../runner.ts";
import type { ChunkOutcome } from "../chunk-outcome.ts";

/** Often enough to show progress, and rare enough to cost nothing. */
const SETTLE_AFTER_MS = 250;

/** Chunks that are done and not handed over. */
class DoneChunks {
  readonly #contributions: { [child: string]: Contribution } = {};
  readonly #done: Done[] = [];
  readonly #cuts: CutReply[] = [];
  readonly #failures: Digest[] = [];
  #keepsAny = false;

  get isEmpty(): boolean {
    return this.#done.length === 0 && this.#cuts.length === 0;
  }

  add(message: ChunkMessage, outcome: ChunkOutcome): void {
    const { chunk } = message;
    const { totals, contribution, cut, failures, tookMs } = outcome;
    if (failures) this.#failures.push(...failures);
    if (cut || message.kind === "part") return this.#addPart(message, outcome);
    this.#done.push(tookMs === undefined ? { child: chunk, totals } : { child: chunk, totals, tookMs });
    this.#keep(`${chunk}`, contribution);
  }

  #addPart(message: ChunkMessage, { totals, contribution, cut, further, tookMs }: ChunkOutcome): void {
    const { chunk, start } = message;
    const part = message.kind === "part" ? { part: message.part } : {};
    if (cut) this.#cuts.push({ chunk, ...part, ranges: cut, totals });
    else this.#done.push({ child: chunk, ...part, totals, ...(tookMs === undefined ? {} : { tookMs }) });
    if (!cut || cut[0]?.done) this.#keep(partName(chunk, start), contribution);
    for (const [from, one] of further ?? []) this.#keep(partName(chunk, from), one);
  }

  /** The chunks share one tag: if the tag names a body, each of them has to be in it. */
  #keep(name: string, contribution: Contribution | null): void {
    this.#contributions[name] = contribution ?? { span: NO_SPAN };
    if (contribution !== null) this.#keepsAny = true;
  }

  /** Writes the body, if any chunk has something to keep. `laterAt`: when unfinished chunks should come. */
  async write(store: ObjectStore, latency: LatencySketch, laterAt: number | null): Promise<ChunksReply> {
    const taken = latency.take();
    const body = this.#keepsAny ? await storeBody(store, this.#contributions) : null;
    return {
      body,
      done: this.#done,
      ...(this.#cuts.length > 0 ? { cuts: this.#cuts } : {}),
      ...(this.#failures.length > 0 ? { failures: this.#failures } : {}),
      ...(taken === null ? {} : { latency: taken }),
      ...(laterAt === null ? {} : { laterAt }),
    };
  }
}

export class BundleReply {
  readonly #store: ObjectStore;
  readonly #settleAfterMs: number;
  readonly #onPart: ((part: ChunksReply) => void) | null;
  /** The times of the items of this request that were awaited. */
  readonly latency = new LatencySketch();
  #chunks = new DoneChunks();
  #handedOverAt = elapsedMs();
  #timer: NodeJS.Timeout | null = null;
  readonly #parts: Promise<void>[] = [];
  readonly #overtaken: string[] = [];

  constructor(
    { store, settleAfterMs = SETTLE_AFTER_MS }: Pick<SharedMachine, "store" | "settleAfterMs">,
    onPart: ChunksEvents["onPart"],
  ) {
    this.#store = store;
    this.#settleAfterMs = settleAfterMs;
    this.#onPart = onPart ?? null;
  }

  add(message: ChunkMessage, outcome: ChunkOutcome): void {
    this.#chunks.add(message, outcome);
  }

  /** Another attempt has settled the chunk. */
  overtake(message: ChunkMessage): void {
    this.#overtaken.push(workName(message));
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
    const part = chunks.write(this.#store, this.latency, null).then(onPart);
    // `write` rejects with it, too.
    part.catch(() => undefined);
    this.#parts.push(part);
    return part;
  }

  /** The rest. Rejects with what the store throws, also if it was for a part. */
  async write(laterAt: number | null): Promise<ChunksReply> {
    if (this.#timer) stopTimeout(this.#timer);
    if (this.#parts.length > 0) await NativePromise.all(this.#parts);
    const reply = await this.#chunks.write(this.#store, this.latency, laterAt);
    return this.#overtaken.length === 0 ? reply : { ...reply, overtaken: this.#overtaken };
  }

  /** The request has failed: nothing more is handed over. */
  giveUp(): void {
    if (this.#timer) stopTimeout(this.#timer);
  }
}
