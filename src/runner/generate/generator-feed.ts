/** The items of a user's generator, one by one: whoever waits for one can give up, and does not lose it. */
import type { Generate, GenerateContext } from "../../input/reader.ts";

export type Fed = { readonly item: unknown } | "over" | "late" | "interrupted";

export interface GeneratorFeed {
  /** `late` once `isLate`, which is asked again after `wake`. Throws what the generator throws. */
  next(isLate: () => boolean): Promise<Fed>;
  wake(): void;
  close(): void;
}

/** Items between two looks at whether they are still wanted. */
const ITEMS_BETWEEN_LOOKS = 64;

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
      void Promise.resolve(iterator?.return?.()).catch(() => undefined);
    },
  };
}

function iteratorOf(items: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (items instanceof Object || typeof items === "string") {
    // A job may be written without types.
    const given = items as Partial<AsyncIterable<unknown>> & Partial<Iterable<unknown>>;
    const iterator = given[Symbol.asyncIterator]?.() ?? given[Symbol.iterator]?.();
    if (iterator !== undefined) return iterator;
  }
  const what = items instanceof Promise ? "a promise" : "nothing to go through";
  throw new TypeError(
    `the function of from() returned ${what}: write it with a star, async function* () { … }`,
  );
}
