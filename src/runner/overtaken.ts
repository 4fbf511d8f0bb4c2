/** Chunks that run here, and that another attempt has settled meanwhile: nothing of them counts any more. */
import { newAbortController } from "./captured.ts";

/** Names a chunk, whichever of its messages or parts runs. */
interface NamedChunk {
  readonly batch: string;
  readonly generation: number;
  readonly chunk: number;
}

/** What an attempt at a chunk asks while it runs. */
export interface OvertakenWatch {
  /** Aborted with the machine's signal, and when the chunk is overtaken. */
  readonly signal: AbortSignal;
  readonly isOvertaken: () => boolean;
  /** The attempt is over. */
  close(): void;
}

/** A settled chunk stays settled. So names are forgotten only to bound their number. */
const MOST = 10_000;

export class Overtaken {
  readonly #settled = new Set<string>();
  readonly #running = new Map<string, Set<() => void>>();

  /** These chunks are settled: attempts at them stop, and those that come do not begin. */
  note(chunks: readonly NamedChunk[]): void {
    for (const chunk of chunks) {
      const name = nameOf(chunk);
      if (this.#settled.size >= MOST) this.#settled.clear();
      this.#settled.add(name);
      for (const stop of this.#running.get(name) ?? []) stop();
    }
  }

  has(chunk: NamedChunk): boolean {
    return this.#settled.size > 0 && this.#settled.has(nameOf(chunk));
  }

  /** Stops an attempt when its chunk is overtaken, or when `signal` fires. */
  watch(chunk: NamedChunk, signal: AbortSignal): OvertakenWatch {
    const name = nameOf(chunk);
    const controller = newAbortController();
    let overtaken = this.#settled.has(name);
    const abort = (): void => controller.abort(signal.reason);
    const stop = (): void => {
      overtaken = true;
      controller.abort(new Error("another attempt has settled the chunk"));
    };
    const attempts = this.#running.get(name) ?? new Set();
    this.#running.set(name, attempts.add(stop));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
    return {
      signal: controller.signal,
      isOvertaken: () => overtaken,
      close: () => {
        signal.removeEventListener("abort", abort);
        attempts.delete(stop);
        if (attempts.size === 0) this.#running.delete(name);
      },
    };
  }
}

function nameOf({ batch, generation, chunk }: NamedChunk): string {
  return `${batch}/${generation}/${chunk}`;
}
