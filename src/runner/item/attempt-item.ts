/**
 * Runs `process` on one item, and tries again as the job says. The result is always a value or one failure:
 * nothing here throws or rejects.
 *
 * These functions run for every item, so they take positional parameters, and no item costs an object beyond
 * its `ItemContext` and its outcome.
 */
import { FanjoinError } from "../../core/errors/errors.ts";
import { MAX_ASKED_MS } from "../../core/limits/retry-after.ts";
import { NativePromise } from "../../core/native-promise.ts";
import { backoffMs, isRetryable } from "../../core/retry.ts";
import type { Records } from "../../input/reader.ts";
import { describeError } from "../describe-error.ts";
import { askedWait, waitAskedFor } from "./asked-wait.ts";
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
  const context = new ItemContext(chunk, records, index, 1, chunk.waitedMs);
  if (chunk.gate) return callWhenAdmitted(chunk, item, context);
  try {
    const value = chunk.job.process(item, context);
    return isThenable(value) ? awaitValue(chunk, item, context, value) : { ok: true, value };
  } catch (thrown) {
    return afterThrow(chunk, item, context, thrown);
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
  let value: unknown;
  try {
    value = await withinTime(promise, itemTimeoutMs, late);
  } catch (thrown) {
    chunk.gate?.leave(thrown);
    return afterThrow(chunk, item, context, thrown);
  }
  chunk.gate?.leave();
  return { ok: true, value };
}

/** Waits as the error asks, or as the retry policy says, before another attempt; or gives the item up. */
function afterThrow(
  chunk: ChunkContext,
  item: unknown,
  context: ItemContext,
  thrown: unknown,
): Outcome | Promise<Outcome> {
  const { attempt } = context;
  const asked = waitAskedFor(chunk, thrown);
  if (asked !== null) {
    const wait = askedWait(chunk, context.waitedMs, asked);
    if (typeof wait === "string")
      return failedOutcome(new FanjoinError("ITEM_FAILED", wait, { cause: thrown }), attempt);
    if (typeof wait === "number") return waitAsAsked(chunk, item, context, { ms: wait, asked });
    chunk.gate?.pause(asked);
    return wait;
  }
  return mayRetry(chunk, thrown, attempt)
    ? retry(chunk, item, context, thrown)
    : lastOutcome(chunk, thrown, attempt);
}

/** Waits as the retry policy says, then makes one more attempt. `last` is the context of the failed one. */
async function retry(
  chunk: ChunkContext,
  item: unknown,
  last: ItemContext,
  thrown: unknown,
): Promise<Outcome> {
  const waitMs = delayAfter(chunk, thrown, last.attempt);
  if (typeof waitMs !== "number") return waitMs;
  if (waitMs > 0) await chunk.sleep(waitMs, chunk.signal);
  return attemptAgain(chunk, item, last, last.next());
}

/** The wait before the next try; or the failed item, if the policy's own `delayMs` gives none. */
function delayAfter(chunk: ChunkContext, thrown: unknown, attempt: number): number | FailedOutcome {
  const { retries } = chunk.job.options;
  if (retries.delayMs === null) return backoffMs(retries, attempt, chunk.random());
  try {
    const ms: unknown = retries.delayMs(thrown, attempt);
    if (typeof ms === "number" && ms >= 0 && ms <= MAX_ASKED_MS) return ms;
    const message = `retries.delayMs has to return milliseconds from 0 to ${MAX_ASKED_MS}, but returned ${String(ms)}`;
    return failedOutcome(new FanjoinError("ITEM_FAILED", message, { cause: thrown }), attempt);
  } catch {
    return lastOutcome(chunk, thrown, attempt);
  }
}

/** An asked-for wait is not counted as a try. The item holds no slot meanwhile. */
async function waitAsAsked(
  chunk: ChunkContext,
  item: unknown,
  last: ItemContext,
  { ms, asked }: { readonly ms: number; readonly asked: number },
): Promise<Outcome> {
  chunk.gate?.pause(asked);
  const wait = chunk.sleep(ms, chunk.signal);
  await (chunk.aside ? chunk.aside.away(wait) : wait);
  return attemptAgain(chunk, item, last, last.again(ms));
}

async function attemptAgain(
  chunk: ChunkContext,
  item: unknown,
  last: ItemContext,
  context: ItemContext,
): Promise<Outcome> {
  // The outcome of an interrupted item does not count, so its code is not called again.
  if (chunk.signal.aborted) return failedOutcome(chunk.signal.reason, last.attempt);
  const fresh = await freshItem(chunk, item, last);
  if (fresh instanceof InvalidItem) {
    const { code, error } = fresh;
    return { ok: false, code, error, attempts: last.attempt };
  }
  return callWhenAdmitted(chunk, fresh.value, context);
}

/** Asynchronous, so that a throw is a rejection like any other. */
async function calling(chunk: ChunkContext, item: unknown, context: ItemContext): Promise<unknown> {
  return chunk.job.process(item, context);
}

/** Calls `process`, once the job's limits admit it if it has any. */
async function callWhenAdmitted(chunk: ChunkContext, item: unknown, context: ItemContext): Promise<Outcome> {
  const { gate, signal } = chunk;
  if (gate && !(await gate.admit(signal))) {
    const { waitedMs } = context;
    // The outcome of an interrupted item does not count.
    return signal.aborted
      ? failedOutcome(signal.reason, context.attempt)
      : { ok: null, at: gate.returnsAt, waitedMs };
  }
  return awaitValue(chunk, item, context, calling(chunk, item, context));
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
