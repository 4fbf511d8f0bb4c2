/** One item: validate it, process it, try again as the job says. Whatever happens, it comes to a value or to one failure. */
import { FanjoinError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";
import { backoffMs, isRetryable } from "../core/retry.ts";
import type { Records } from "../input/reader.ts";
import type { Context, Job, Logger, Position } from "../job.ts";
import { issuesText } from "./schema-issues.ts";
import type { SchemaIssue } from "./schema-issues.ts";
import { withinTime } from "./time-limit.ts";

/** Where the items of one chunk run. */
export interface Surroundings {
  readonly job: Job;
  /** As the job's schema made them. */
  readonly params: unknown;
  /** The source's label and the chunk's number, for positions. */
  readonly label: string;
  readonly chunk: number;
  readonly log: Logger;
  /** Aborted when the batch ends or the process stops. */
  readonly signal: AbortSignal;
  /** When this attempt has to be over, in milliseconds since the epoch. */
  readonly deadlineAt: number;
  readonly now: () => number;
  readonly random: () => number;
}

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly error: Described; readonly attempts: number };

/** An error as it is written down. */
export interface Described {
  readonly name: string;
  readonly message: string;
}

/** `thrown` as name and message; anything can be thrown, and an error's properties may be anything too. */
export function describe(thrown: unknown): Described {
  // Whatever is asked of it may throw: a getter, or a trap of a proxy.
  const name = safely(() => nameOf(thrown)) || typeof thrown;
  return {
    name: clip(name, MAX_NAME_CHARS),
    message: clip(
      safely(() => messageOf(thrown)),
      MAX_MESSAGE_CHARS,
    ),
  };
}

/** The class of an error, be it that it says so or that its constructor does. */
function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  const { name }: { readonly name: unknown } = thrown;
  return name === Error.name ? thrown.constructor.name : String(name);
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) {
    const { message }: { readonly message: unknown } = thrown;
    return String(message);
  }
  const plain =
    typeof thrown === "object" && thrown !== null && thrown.toString === Object.prototype.toString;
  return plain ? JSON.stringify(thrown) : String(thrown);
}

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Of an error, in `failed.jsonl`. */
const MAX_NAME_CHARS = 200;
const MAX_MESSAGE_CHARS = 8192;

function safely(say: () => string): string {
  try {
    return say();
  } catch {
    return "(cannot be shown)";
  }
}

/** The item at `index`: at once where nothing has to be waited for, which is what a CPU-bound job's speed depends on. */
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

/** What `process` is given beside the item. Everything is worked out when asked for: most jobs ask for nothing. */
class ItemContext implements Context {
  readonly attempt: number;
  readonly #around: Surroundings;
  readonly #records: Records;
  readonly #index: number;
  #controller: AbortController | null = null;
  #signal: AbortSignal | null = null;

  constructor(around: Surroundings, records: Records, index: number, attempt: number) {
    this.#around = around;
    this.#records = records;
    this.#index = index;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    // The same one each time: a listener can only be removed from the signal that it was added to.
    this.#signal ??= AbortSignal.any([this.#around.signal, this.#controller.signal]);
    return this.#signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  get position(): Position {
    const { label, chunk } = this.#around;
    const { source = label, offset } = this.#records.locate(this.#index);
    return { source, chunk, index: this.#index, offset };
  }

  get params(): unknown {
    return this.#around.params;
  }

  get log(): Logger {
    return this.#around.log;
  }

  remainingMs(): number {
    return Math.max(0, this.#around.deadlineAt - this.#around.now());
  }
}
