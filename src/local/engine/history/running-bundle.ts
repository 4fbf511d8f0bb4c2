/** A bundle of chunks that a thread has, as the history of its batch sees it. */
import type { ChunkMessage } from "../../../core/records/message.ts";

export class RunningBundle {
  /** The thread that runs it. `null`: not one of the pool. */
  lane: string | null = null;
  readonly sentAt: number;
  /** When chunks of it were last settled. */
  settledAt = 0;
  readonly #chunks: ChunkMessage[];
  /** Those before are settled. Nearly always they come in order. */
  #next = 0;

  constructor(chunks: readonly ChunkMessage[], sentAt: number) {
    this.sentAt = sentAt;
    this.#chunks = [...chunks];
  }

  /** The first chunk that is not settled. */
  get first(): ChunkMessage | undefined {
    return this.#chunks[this.#next];
  }

  /** Of the chunks that are not settled, in the reader's unit. */
  get unitsLeft(): number {
    return this.#chunks.slice(this.#next).reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Removes a chunk, or a part of one, that is settled or cut. */
  take(chunk: number, part: number | undefined): ChunkMessage | undefined {
    const first = this.first;
    if (first !== undefined && isNamed(first, chunk, part)) {
      this.#next++;
      return first;
    }
    const place = this.#chunks.findIndex((message, at) => at >= this.#next && isNamed(message, chunk, part));
    return place < 0 ? undefined : this.#chunks.splice(place, 1)[0];
  }
}

function isNamed(message: ChunkMessage, chunk: number, part: number | undefined): boolean {
  return message.chunk === chunk && (message.kind === "part" ? message.part : undefined) === part;
}
