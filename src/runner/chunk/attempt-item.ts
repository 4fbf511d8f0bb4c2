/**
 * One item: validate it, process it, try again as the job says. Whatever happens, it comes to a value or to
 * one failure.
 */
import { FanjoinError } from "../../core/errors.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { backoffMs, isRetryable } from "../../core/retry.ts";
import type { Records } from "../../input/reader.ts";
import { issuesText } from "../../job/params.ts";
import type { SchemaIssue } from "../../job/params.ts";
import { withinTime } from "./within-time.ts";
import type { Described } from "../describe-error.ts";
import { describe } from "../describe-error.ts";
import type { Surroundings } from "./item-context.ts";
import { ItemContext } from "./item-context.ts";

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly error: Described; readonly attempts: number };

/**
 * The item at `index`: at once where nothing has to be waited for, which is what a CPU-bound job's speed
 * depends on.
 */
export function attemptItem(
  around: Surroundings,
  records: Records,
  index: number,
): Outcome | Promise<Outcome> {
  const unreadable = records.unreadable?.get(index);
  if (unreadable) {
    const error = { name: "UnreadableError", message: unreadable.message };
    return { ok: false, code: unreadable.code, error, attempts: 0 };
  }
  const raw = records.values[index];
  const schema = around.job.item;
  if (!schema) return attempt(around, records, index, raw);
  try {
    const checked = schema["~standard"].validate(raw);
    if (isThenable(checked)) return checkLate(around, records, index, checked);
    return afterCheck(around, records, index, checked);
  } catch (thrown) {
    return invalid(describe(thrown));
  }
}

async function checkLate(
  around: Surroundings,
  records: Records,
  index: number,
  check: PromiseLike<Checked>,
): Promise<Outcome> {
  try {
    return await afterCheck(around, records, index, (await withTimeout(around, null, check)) as Checked);
  } catch (thrown) {
    return isLate(thrown) ? failed(thrown, 1) : invalid(describe(thrown));
  }
}

/** What a Standard Schema answers. */
type Checked =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

function afterCheck(
  around: Surroundings,
  records: Records,
  index: number,
  checked: Checked,
): Outcome | Promise<Outcome> {
  if (checked.issues) {
    return invalid({ name: "ValidationError", message: issuesText(checked.issues) });
  }
  return attempt(around, records, index, checked.value);
}

function invalid(error: Described): Outcome {
  return { ok: false, code: "ITEM_INVALID", error, attempts: 1 };
}

/** The first try, at once; later ones wait. */
function attempt(
  around: Surroundings,
  records: Records,
  index: number,
  item: unknown,
): Outcome | Promise<Outcome> {
  const context = new ItemContext(around, records, index, 1);
  try {
    const value = around.job.process(item, context);
    if (!isThenable(value)) return { ok: true, value };
    return settleLate(around, records, index, item, context, value);
  } catch (thrown) {
    if (!mayRetry(around, thrown, 1)) return failed(thrown, 1);
    return retry(around, records, index, item, 1);
  }
}

async function settleLate(
  around: Surroundings,
  records: Records,
  index: number,
  item: unknown,
  context: ItemContext,
  promise: PromiseLike<unknown>,
): Promise<Outcome> {
  try {
    return { ok: true, value: await withTimeout(around, context, promise) };
  } catch (thrown) {
    if (!mayRetry(around, thrown, context.attempt)) return failed(thrown, context.attempt);
    return retry(around, records, index, item, context.attempt);
  }
}

/** Waits as the policy says, then tries once more. */
async function retry(
  around: Surroundings,
  records: Records,
  index: number,
  item: unknown,
  tries: number,
): Promise<Outcome> {
  await sleep(backoffMs(around.job.options.retries, tries, around.random()), around.signal);
  // Whatever comes of an interrupted item does not count, so its code is not called once more.
  if (around.signal.aborted) return failed(around.signal.reason, tries);
  const context = new ItemContext(around, records, index, tries + 1);
  // Called inside an async function, so that a throw is a rejection like any other.
  const promise = (async () => around.job.process(item, context))();
  return settleLate(around, records, index, item, context, promise);
}

/** A policy that throws itself is a reason not to try again: it costs this item, never the chunk. */
function mayRetry({ job, signal }: Surroundings, thrown: unknown, tries: number): boolean {
  if (signal.aborted || tries > job.options.retries.limit) return false;
  try {
    return isRetryable(job.options.retries, thrown);
  } catch {
    return false;
  }
}

function failed(thrown: unknown, attempts: number): Outcome {
  return {
    ok: false,
    code: isLate(thrown) ? "ITEM_TIMEOUT" : "ITEM_FAILED",
    error: describe(thrown),
    attempts,
  };
}

/** A proxy can make even this throw. */
function isLate(thrown: unknown): boolean {
  try {
    return thrown instanceof FanjoinError && thrown.code === "ITEM_TIMEOUT";
  } catch {
    return false;
  }
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function withTimeout(
  { job }: Surroundings,
  context: ItemContext | null,
  promise: PromiseLike<unknown>,
): Promise<unknown> {
  const { itemTimeoutMs } = job.options;
  return withinTime(promise, itemTimeoutMs, () => {
    const what = context === null ? "the check of the item" : "process";
    const error = new FanjoinError("ITEM_TIMEOUT", `${what} did not finish within ${itemTimeoutMs} ms`);
    context?.abort(error);
    return error;
  });
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
