/** The items of a user's generator, one by one: whoever waits for one can give up, and does not lose it. */
import type { Generate, GenerateContext } from "../input/reader.ts";

export type Fed = { readonly item: unknown } | "over" | "late" | "interrupted";

export interface ItemFeed {
  /** `late` once `isLate`, which is asked again after `wake`. Throws what the generator throws. */
  next(isLate: () => boolean): Promise<Fed>;
  wake(): void;
  close(): void;
}

/** Items between two looks at whether they are still wanted. */
const ITEMS_BETWEEN_LOOKS = 64;

export function itemFeed(generate: Generate, context: GenerateContext, interrupted: () => boolean): ItemFeed {
  const iterator = iteratorOf(generate(context));
  let pending = false;
  let arrived: IteratorResult<unknown> | null = null;
  let failed: { readonly error: unknown } | null = null;
  let count = 0;
  let wake = (): void => {};
  const onAbort = (): void => wake();
  context.signal.addEventListener("abort", onAbort);

  async function pull(): Promise<void> {
    try {
      arrived = await iterator.next();
    } catch (error) {
      failed = { error };
    }
    wake();
  }

  function take(): Fed | null {
    if (failed !== null) throw failed.error;
    if (arrived === null) return null;
    const { done, value } = arrived;
    arrived = null;
    pending = false;
    return done === true ? "over" : { item: value };
  }

  return {
    async next(isLate) {
      // Code that never waits never sees a signal fire.
      if (++count % ITEMS_BETWEEN_LOOKS === 0 && interrupted()) return "interrupted";
      if (!pending) {
        pending = true;
        void pull();
      }
      for (;;) {
        const fed = take();
        if (fed !== null) return fed;
        if (context.signal.aborted) return "interrupted";
        if (isLate()) return "late";
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    wake: () => wake(),
    close() {
      context.signal.removeEventListener("abort", onAbort);
      // One that is waiting for something need not hear of it.
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    },
  };
}

function iteratorOf(
  items: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncIterator<unknown> | Iterator<unknown> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}
