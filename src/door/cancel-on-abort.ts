/** Ties a batch to the signal of its submission. */
import type { Batch } from "./fanjoin.ts";

/** Cancels the batch once `signal` aborts, or now if it has. A caller who waits for it sees how it ends. */
export function cancelOnAbort({ cancel }: Pick<Batch, "cancel">, signal: AbortSignal | undefined): void {
  const stop = (): void => void cancel().catch(() => undefined);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
}
