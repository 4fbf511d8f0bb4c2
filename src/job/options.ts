/** The options of a job: what can be said, what is meant when it is not. */
import { DEFAULT_RETRIES } from "../core/retry.ts";
import type { ErrorClass, RetryPolicy } from "../core/retry.ts";
import { group, integer, invalid, milliseconds, show } from "../option-check.ts";
import type { UnknownObject } from "../core/json.ts";

/** What a job may say about how it is run. Everything has a default. */
export interface JobSettings {
  /**
   * Items of a chunk that are in `process` at the same time. 1 by default; more helps where `process` waits
   * for something.
   */
  readonly concurrency?: number | undefined;
  /**
   * Further tries of an item that threw, 2 by default: a number, or a policy. Programming errors (TypeError,
   * …) are not tried again.
   */
  readonly retries?: number | RetrySettings | undefined;
  /**
   * How long one try of `process` may take, 15 minutes by default: the longest that a Lambda function can
   * run. Code that waits is cut off by a timer; a thread that is kept busy for longer is ended, and the item
   * is not tried again.
   */
  readonly itemTimeoutMs?: number | undefined;
  /**
   * The size of a chunk: so many items or bytes, whichever is met first, and one item at least. Learned by
   * default: about a second of work.
   */
  readonly chunk?: { readonly items?: number | undefined; readonly bytes?: number | undefined } | undefined;
  /**
   * How many items, or what part of them, may fail before the batch is ended as failed. Any number by
   * default; whichever bound is met first.
   */
  readonly tolerate?:
    | { readonly count?: number | undefined; readonly percent?: number | undefined }
    | undefined;
  /** `true` = the first failed item ends the batch: `tolerate: { count: 0 }`. */
  readonly failFast?: boolean | undefined;
  /** A batch that is not done by then is ended as failed. 24 hours by default. */
  readonly deadlineMs?: number | undefined;
}

export interface RetrySettings {
  /** Tries after the first. */
  readonly limit?: number | undefined;
  /**
   * The longest wait before the second try (100); it doubles with each further one up to `maxMs` (10,000).
   * The wait itself is random.
   */
  readonly baseMs?: number | undefined;
  readonly maxMs?: number | undefined;
  /** Whether an error is worth another try: decides instead of the built-in rule. */
  readonly on?: ((error: unknown) => boolean) | undefined;
  /** Errors of these classes are never tried again. */
  readonly except?: readonly ErrorClass[] | undefined;
}

/** A job's settings with all defaults filled in. `null` = no bound. */
export interface JobOptions {
  readonly concurrency: number;
  readonly retries: RetryPolicy;
  readonly itemTimeoutMs: number;
  readonly chunk: { readonly items: number | null; readonly bytes: number | null };
  readonly tolerate: { readonly count: number | null; readonly percent: number | null };
  readonly deadlineMs: number;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ITEM_TIMEOUT_MS = 15 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export const SETTINGS = [
  "concurrency",
  "retries",
  "itemTimeoutMs",
  "chunk",
  "tolerate",
  "failFast",
  "deadlineMs",
] as const satisfies readonly (keyof JobSettings)[];

/** Parses a job's settings. Throws `JOB_INVALID`. */
export function parseOptions(given: UnknownObject): JobOptions {
  return Object.freeze({
    concurrency: integer(given["concurrency"], "concurrency", 1, 1),
    retries: parseRetries(given["retries"]),
    itemTimeoutMs: milliseconds(given["itemTimeoutMs"], "itemTimeoutMs", ITEM_TIMEOUT_MS),
    chunk: parseChunk(given["chunk"]),
    tolerate: parseTolerate(given["tolerate"], given["failFast"]),
    deadlineMs: milliseconds(given["deadlineMs"], "deadlineMs", DAY_MS),
  });
}

function parseRetries(given: unknown): RetryPolicy {
  if (given === undefined) return DEFAULT_RETRIES;
  if (typeof given === "number") {
    return Object.freeze({ ...DEFAULT_RETRIES, limit: integer(given, "retries", 0, DEFAULT_RETRIES.limit) });
  }
  const { limit, baseMs, maxMs, on, except } = group(given, "retries", [
    "limit",
    "baseMs",
    "maxMs",
    "on",
    "except",
  ]);
  const base = milliseconds(baseMs, "retries.baseMs", DEFAULT_RETRIES.baseMs);
  return Object.freeze({
    limit: integer(limit, "retries.limit", 0, DEFAULT_RETRIES.limit),
    baseMs: base,
    maxMs: milliseconds(maxMs, "retries.maxMs", Math.max(base, DEFAULT_RETRIES.maxMs)),
    on: parsePredicate(on),
    except: parseClasses(except),
  });
}

function parsePredicate(on: unknown): RetryPolicy["on"] {
  if (on === undefined) return null;
  if (typeof on !== "function")
    throw invalid(`retries.on has to be a function of the error, but is ${show(on)}.`);
  return on as NonNullable<RetryPolicy["on"]>;
}

function parseClasses(except: unknown): readonly ErrorClass[] {
  if (except === undefined) return [];
  const kinds: readonly unknown[] = Array.isArray(except) ? except : [except];
  if (!Array.isArray(except) || !kinds.every((kind) => typeof kind === "function")) {
    throw invalid(`retries.except has to be a list of error classes, but is ${show(except)}.`);
  }
  return Object.freeze([...kinds]) as readonly ErrorClass[];
}

function parseChunk(given: unknown): JobOptions["chunk"] {
  const { items, bytes } = group(given, "chunk", ["items", "bytes"]);
  return Object.freeze({
    items: integer(items, "chunk.items", 1, null),
    bytes: integer(bytes, "chunk.bytes", 1, null),
  });
}

function parseTolerate(given: unknown, failFast: unknown): JobOptions["tolerate"] {
  if (failFast !== undefined && typeof failFast !== "boolean") {
    throw invalid(`failFast has to be true or false, but is ${show(failFast)}.`);
  }
  const { count, percent } = group(given, "tolerate", ["count", "percent"]);
  if (failFast === true && given !== undefined) {
    throw invalid("failFast means that no failed item is tolerated: leave out either failFast or tolerate.");
  }
  if (failFast === true) return Object.freeze({ count: 0, percent: null });
  return Object.freeze({ count: integer(count, "tolerate.count", 0, null), percent: parsePercent(percent) });
}

function parsePercent(given: unknown): number | null {
  if (given === undefined) return null;
  if (typeof given === "number" && given >= 0 && given <= 100) return given;
  throw invalid(`tolerate.percent has to be a number from 0 to 100, but is ${show(given)}.`);
}
