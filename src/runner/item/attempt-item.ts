/**
 * Runs `process` on one item, and tries again as the job says. The result is always a value or one failure:
 * nothing here throws or rejects.
 *
 * These functions run for every item, so they take positional parameters, and no item costs an object beyond
 * its `ItemContext` and its outcome.
 */
import { NativePromise } from "../../core/native-promise.ts";
import { backoffMs, isRetryable } from "../../core/retry.ts";
import type { Records } from "../../input/reader.ts";
import { startTimeout, stopTimeout } from "../captured.ts";
import { describeError } from "../describe-error.ts";
import { ItemContext } from "./item-context.ts";
import type { ChunkContext } from "./item-context.ts";
import { failedOutcome, isThenable, itemTimeout } from "./item-outcome.ts";
import type { FailedOutcome, Outcome } from "./item-outcome.ts";
import { InvalidItem, validateItem } from "./validate-item.ts";
import type { ValidItem } from "./validate-item.ts";
import { withinTime } from "./within-time.ts";

/**
 * Validates and processes the item at `index`. Returns a promise only if there is something to wait for: the
 * speed of a CPU-bound job depends on it.
 */
export function attemptItem(
  chunk: ChunkContext,
  records: Records,
  index: number,
): Outcome | Promise<Outcome> {
  const unreadable = records.unreadable?.get(index);
  if (unreadable) {
    const error = { name: "UnreadableError", message: unreadable.message };
    return { ok: false, code: unreadable.code, error, attempts: 0 };
  }
  const raw = records.values[index];
  const schema = chunk.job.item;
  if (!schema) return firstAttempt(chunk, records, index, raw);
  const checked = validateItem(schema, raw, chunk.job.options.itemTimeoutMs);
  if (!(checked instanceof NativePromise)) return attemptValid(chunk, records, index, checked);
  return checked.then((late) => attemptValid(chunk, records, index, late));
}

function attemptValid(
  chunk: ChunkContext,
  records: Records,
  index: number,
  checked: ValidItem | InvalidItem,
): Outcome | Promise<Outcome> {
  return checked instanceof InvalidItem ? checked : firstAttempt(chunk, records, index, checked.value);
}

function firstAttempt(
  chunk: ChunkContext,
  records: Records,
  index: number,
  item: unknown,
): Outcome | Promise<Outcome> {
  const context = new ItemContext(chunk, records, index, 1);
  try {
    const value = chunk.job.process(item, context);
    return isThenable(value) ? awaitValue(chunk, item, context, value) : { ok: true, value };
  } catch (thrown) {
    return mayRetry(chunk, thrown, 1) ? retry(chunk, item, context) : lastOutcome(chunk, thrown, 1);
  }
}

async function awaitValue(
  chunk: ChunkContext,
  item: unknown,
  context: ItemContext,
  promise: PromiseLike<unknown>,
): Promise<Outcome> {
  const { itemTimeoutMs } = chunk.job.options;
  const late = (): Error => {
    const error = itemTimeout("process", itemTimeoutMs);
    context.abort(error);
    return error;
  };
  try {
    return { ok: true, value: await withinTime(promise, itemTimeoutMs, late) };
  } catch (thrown) {
    const { attempt } = context;
    return mayRetry(chunk, thrown, attempt)
      ? retry(chunk, item, context)
      : lastOutcome(chunk, thrown, attempt);
  }
}

/** Waits as the retry policy says, then makes one more attempt. `last` is the context of the failed one. */
async function retry(chunk: ChunkContext, item: unknown, last: ItemContext): Promise<Outcome> {
  const waitMs = backoffMs(chunk.job.options.retries, last.attempt, chunk.random());
  if (waitMs > 0) await sleep(waitMs, chunk.signal);
  // The outcome of an interrupted item does not count, so its code is not called again.
  if (chunk.signal.aborted) return failedOutcome(chunk.signal.reason, last.attempt);
  const fresh = await freshItem(chunk, item, last);
  if (fresh instanceof InvalidItem) {
    const { code, error } = fresh;
    return { ok: false, code, error, attempts: last.attempt };
  }
  const context = last.next();
  // Called inside an async function, so that a throw is a rejection like any other.
  const promise = (async () => chunk.job.process(fresh.value, context))();
  return awaitValue(chunk, fresh.value, context, promise);
}

/** The item as the reader and the schema make it: the failed attempt may have changed its own in place. */
async function freshItem(
  chunk: ChunkContext,
  item: unknown,
  last: ItemContext,
): Promise<ValidItem | InvalidItem> {
  if (typeof item !== "object" || item === null) return { value: item };
  try {
    const raw = await last.readAgain();
    const { item: schema, options } = chunk.job;
    return schema ? await validateItem(schema, raw, options.itemTimeoutMs) : { value: raw };
  } catch (thrown) {
    return new InvalidItem(describeError(thrown), "ITEM_FAILED");
  }
}

/** A retry policy that throws means no retry: it costs this item, never the chunk. */
function mayRetry({ job, signal }: ChunkContext, thrown: unknown, attempts: number): boolean {
  if (signal.aborted || attempts > job.options.retries.limit) return false;
  try {
    return isRetryable(job.options.retries, thrown);
  } catch {
    return false;
  }
}

/** The outcome of an item that is not tried again. With tries left, that is what the policy says. */
function lastOutcome({ job, signal }: ChunkContext, thrown: unknown, attempts: number): FailedOutcome {
  const outcome = failedOutcome(thrown, attempts);
  return signal.aborted || attempts > job.options.retries.limit ? outcome : { ...outcome, noRetry: true };
}

/** Ends early if `signal` fires. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new NativePromise((resolve) => {
    const done = (): void => {
      stopTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = startTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
