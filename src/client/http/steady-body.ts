/** The body of an answer, which has to come in at a certain rate: one byte a minute would never end. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { sleep } from "../../door/sleep.ts";

/** At least `bytes` in every `windowMs` that the reader waits for them. */
export interface SlowestRate {
  readonly windowMs: number;
  readonly bytes: number;
}

/** Bytes of an answer, such as a `Readable`. */
export interface Body extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
}

interface Sender {
  /** As messages name it. */
  readonly from: string;
  readonly explain: (error: unknown, from: string) => unknown;
}

/** Time that the reader takes itself does not count. Throws `ENDPOINT_UNUSABLE`, which names the sender. */
export async function* steadyBody(
  body: Body,
  slowest: SlowestRate,
  { from, explain }: Sender,
): AsyncGenerator<Uint8Array> {
  const blocks = body[Symbol.asyncIterator]();
  let waitedMs = 0;
  let bytes = 0;
  try {
    for (let next: ReturnType<typeof blocks.next> | null = null; ;) {
      const beganMs = performance.now();
      next ??= blocks.next();
      const block = await within(next, slowest.windowMs - waitedMs);
      waitedMs += performance.now() - beganMs;
      if (block?.done) return;
      bytes += block?.value.length ?? 0;
      if (block === null || waitedMs >= slowest.windowMs) {
        if (bytes < slowest.bytes) throw tooSlow(from, bytes, slowest.windowMs);
        waitedMs = 0;
        bytes = 0;
      }
      if (block === null) continue;
      next = null;
      yield block.value;
    }
  } catch (error) {
    throw explain(error, from);
  } finally {
    body.destroy();
  }
}

/** `null` if the promise takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const stop = new AbortController();
  const late = sleep(Math.max(0, ms), stop.signal).then(
    () => null,
    () => null,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}

function tooSlow(from: string, bytes: number, windowMs: number): FanjoinError {
  return new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `${from} is too slow: it sent ${bytes} bytes of its answer in ${Math.round(windowMs / 1000)} s. Try again`,
  );
}
