/** How long a chunk takes, also where several share a thread. */
import { elapsedMs } from "../captured.ts";
import type { AttemptContext } from "./attempt-context.ts";

/** The time of one pass over a chunk, in milliseconds. It starts when it is made. */
export class ChunkTime {
  readonly #context: Pick<AttemptContext, "overlaps" | "lease">;
  readonly #startedAt = elapsedMs();
  /** When the first records had been read; 0 if nobody asks. */
  #openedAt = 0;
  /** How long items ran that share the thread with others; those of awaited items apart. */
  #busyMs = 0;

  constructor(context: Pick<AttemptContext, "overlaps" | "lease">) {
    this.#context = context;
  }

  /** Says that records have been read. */
  open(): void {
    if (this.#openedAt === 0) this.#openedAt = elapsedMs();
  }

  /** From the start until the first records had been read. */
  get openingMs(): number {
    return this.#openedAt - this.#startedAt;
  }

  /** Since the first records had been read. */
  get openMs(): number {
    return elapsedMs() - this.#openedAt;
  }

  /** Adds a stretch in which items had the thread to themselves. */
  add(busyMs: number): void {
    this.#busyMs += busyMs;
  }

  /** How long the chunk would have kept its thread to itself, to the microsecond. */
  get ms(): number {
    const { overlaps, lease } = this.#context;
    const ms = overlaps ? Math.max(lease.ms, this.#busyMs) : elapsedMs() - this.#startedAt;
    return Math.round(ms * 1000) / 1000;
  }

  /** How long it took in all; `undefined` if it had its thread to itself. */
  get tookMs(): number | undefined {
    return this.#context.overlaps ? elapsedMs() - this.#startedAt : undefined;
  }
}
