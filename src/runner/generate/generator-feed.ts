/**
 * Takes the items of a job's generator one by one. A caller can stop waiting for an item without losing it.
 */
import { NativePromise } from "../../core/native-promise.ts";
import type { Generate, GenerateContext } from "../../input/reader.ts";

export type Fed = { readonly item: unknown } | "over" | "late" | "interrupted";

export interface GeneratorFeed {
  /** Returns `late` once `isLate` says so, which `wake` asks again. Throws what the generator throws. */
  next(isLate: () => boolean): Promise<Fed>;
  wake(): void;
  close(): void;
}

/** Items between two checks whether they are still wanted. */
const ITEMS_BETWEEN_CHECKS = 64;

export function generatorFeed(
  generate: Generate,
  context: GenerateContext,
  interrupted: () => boolean,
): GeneratorFeed {
  let iterator: AsyncIterator<unknown> | Iterator<unknown> | null = null;
  let pending = false;
  let arrived: IteratorResult<unknown, unknown> | null = null;
  let failed: { readonly error: unknown } | null = null;
  let count = 0;
  let wake = (): void => {};
  const onAbort = (): void => wake();
  context.signal.addEventListener("abort", onAbort);

  async function pull(): Promise<void> {
    try {
      iterator ??= iteratorOf(generate(context));
      arrived = await iterator.next();
    } catch (error) {
      failed = { error };
    }
    wake();
  }

  function take(): Fed | null {
    if (failed !== null) throw failed.error;
    if (arrived === null) return null;
    const result: IteratorResult<unknown, unknown> = arrived;
    arrived = null;
    pending = false;
    return result.done === true ? "over" : { item: result.value };
  }

  return {
    async next(isLate) {
      // A generator that never waits gives no timer or signal a chance.
      if (++count % ITEMS_BETWEEN_CHECKS === 0 && interrupted()) return "interrupted";
      if (!pending) {
        pending = true;
        void pull();
      }
      for (;;) {
        const fed = take();
        if (fed !== null) return fed;
        if (context.signal.aborted) return "interrupted";
        if (isLate()) return "late";
        await new NativePromise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    wake: () => wake(),
    close() {
      context.signal.removeEventListener("abort", onAbort);
      // A generator that is waiting for something cannot be told; its promise is not awaited.
      void NativePromise.resolve(iterator?.return?.()).catch(() => undefined);
    },
  };
}

function iteratorOf(items: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (items instanceof Object || typeof items === "string") {
    // A job may be written without types.
    const iterable = items as Partial<AsyncIterable<unknown>> & Partial<Iterable<unknown>>;
    const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
    if (iterator !== undefined) return iterator;
  }
  const what = items instanceof NativePromise ? "a promise" : "a value that cannot be iterated";
  throw new TypeError(
    `the function of from() returned ${what}: write it with a star, async function* () { … }`,
  );
}
