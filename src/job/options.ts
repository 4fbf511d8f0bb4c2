/** The options of a job, their defaults and their checks. */
import { DEFAULT_RETRIES } from "../core/retry.ts";
import type { ErrorClass, RetryPolicy } from "../core/retry.ts";
import { parseEnds } from "./ends.ts";
import type { EndOptions, EndSettings } from "./ends.ts";
import { parseSchedule } from "./schedule.ts";
import type { JobSchedule, ScheduleSettings } from "./schedule.ts";
import { parseOnEnd } from "./on-end.ts";
import type { OnEnd, OnEndSettings } from "./on-end.ts";
import type { KeyedRateLimit } from "../core/limits/limits.ts";
import { LEAST_PER_SECOND, MOST_PER_SECOND, usualBurst } from "../core/limits/rate-limit.ts";
import { group, integer, invalid, milliseconds, show } from "../option-check.ts";
import type { UnknownObject } from "../core/json/json.ts";

/** Settings of how a job runs. Each has a default. */
export interface JobSettings extends EndSettings {
  /**
   * How many items of a chunk are in `process` at the same time; 1 by default. More helps if `process` waits
   * for something.
   */
  readonly concurrency?: number | undefined;
  /**
   * How many calls of `process` may begin in a second, in all threads and Lambda functions together. At most
   * `perSecond` + `burst` of them begin in any second. `burst` calls may come at once after a pause: a tenth
   * of `perSecond` by default, but one at least. Jobs with one `key` share one limit. `"auto"`: each thread
   * and function finds out by itself how many calls the service takes at once, up to `concurrency`.
   */
  readonly rateLimit?: RateLimitSettings | "auto" | undefined;
  /** How many calls of `process` may run at once, in all threads and functions of a batch together. */
  readonly inFlight?: number | undefined;
  /**
   * How often an item that threw is tried again: a number, or a policy. 2 by default. Programming errors
   * (TypeError, …) are not tried again.
   */
  readonly retries?: number | RetrySettings | undefined;
  /**
   * How long one try of `process` may take. 15 minutes by default, the longest time that a Lambda function
   * can run. A timer stops waiting for code that waits. A thread that is kept busy for longer is ended, and
   * the item is not tried again.
   */
  readonly itemTimeoutMs?: number | undefined;
  /**
   * The size of a chunk, in items or bytes. Whichever limit is reached first ends the chunk; a chunk always
   * holds at least one item. By default the size is learned: about a second of work.
   */
  readonly chunk?: { readonly items?: number | undefined; readonly bytes?: number | undefined } | undefined;
  /**
   * Whether chunks that take much longer than others, near the end of a batch, are run once more elsewhere:
   * the first attempt counts, and the other one is stopped. `process` may then run twice at once for an item.
   * False by default.
   */
  readonly hedge?: boolean | undefined;
  /** A batch that runs for longer ends as failed. 24 hours by default. */
  readonly deadlineMs?: number | undefined;
  /**
   * When batches start by themselves: on a stack, and in `fanjoin dev --schedule`. Five fields in UTC, or the
   * same with params, an input, and what happens while the last batch runs.
   */
  readonly schedule?: string | ScheduleSettings | undefined;
  /** Who is told when a batch ends, however it ends. */
  readonly onEnd?: OnEndSettings | undefined;
}

/** A rate limit, as a user writes it. */
export interface RateLimitSettings {
  readonly perSecond: number;
  readonly burst?: number | undefined;
  /** At most 100 letters, digits, dots, dashes and underscores. */
  readonly key?: string | undefined;
}

/** A retry policy, as a user writes it. */
export interface RetrySettings {
  /** Tries after the first. */
  readonly limit?: number | undefined;
  /**
   * The longest wait before the second try; 100 by default. It doubles with each further try, up to `maxMs`
   * (10,000 by default). The wait itself is random.
   */
  readonly baseMs?: number | undefined;
  readonly maxMs?: number | undefined;
  /**
   * How long to wait after the try `attempt`, counted from 1, in milliseconds; in the place of `baseMs` and
   * `maxMs`. A wait that the error itself names (`Retry-After`, `retryAfter`) is kept first.
   */
  readonly delayMs?: ((error: unknown, attempt: number) => number) | undefined;
  /** Whether an error is worth another try. Replaces the built-in rule. */
  readonly on?: ((error: unknown) => boolean) | undefined;
  /** Errors of these classes are never tried again. */
  readonly except?: readonly ErrorClass[] | undefined;
}

/** A job's settings with all defaults filled in. `null`: no limit. */
export interface JobOptions extends EndOptions {
  readonly concurrency: number;
  readonly rateLimit: KeyedRateLimit | "auto" | null;
  readonly inFlight: number | null;
  readonly retries: RetryPolicy;
  readonly itemTimeoutMs: number;
  readonly chunk: { readonly items: number | null; readonly bytes: number | null };
  readonly hedge: boolean;
  readonly deadlineMs: number;
  readonly onEnd: OnEnd | null;
  readonly schedule: JobSchedule | null;
}

/**
 * The longest time of a Lambda function:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const ITEM_TIMEOUT_MS = 15 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

export const SETTINGS = [
  "concurrency",
  "rateLimit",
  "inFlight",
  "retries",
  "itemTimeoutMs",
  "chunk",
  "hedge",
  "tolerate",
  "failFast",
  "enough",
  "deadlineMs",
  "onEnd",
  "schedule",
] as const satisfies readonly (keyof JobSettings)[];

/** Parses a job's settings. Throws `JOB_INVALID`. */
export function parseOptions(settings: UnknownObject): JobOptions {
  const concurrency = integer(settings["concurrency"], "concurrency", 1, 1);
  return Object.freeze({
    concurrency,
    rateLimit: parseRateLimit(settings["rateLimit"], concurrency),
    inFlight: integer(settings["inFlight"], "inFlight", 1, null),
    retries: parseRetries(settings["retries"]),
    itemTimeoutMs: milliseconds(settings["itemTimeoutMs"], "itemTimeoutMs", ITEM_TIMEOUT_MS),
    chunk: parseChunk(settings["chunk"]),
    hedge: parseHedge(settings["hedge"]),
    ...parseEnds(settings),
    deadlineMs: milliseconds(settings["deadlineMs"], "deadlineMs", DAY_MS),
    onEnd: parseOnEnd(settings["onEnd"]),
    schedule: parseSchedule(settings["schedule"]),
  });
}

const KEY = /^[\w.-]{1,100}$/;

function parseRateLimit(rateLimit: unknown, concurrency: number): KeyedRateLimit | "auto" | null {
  if (rateLimit === undefined) return null;
  if (rateLimit === "auto") {
    if (concurrency > 1) return rateLimit;
    throw invalid(
      `rateLimit: "auto" adapts how many calls are in flight, up to concurrency, which is ${concurrency}: set concurrency to the most that may be.`,
    );
  }
  if (typeof rateLimit === "string")
    throw invalid(`rateLimit has to be an object or "auto", but is ${show(rateLimit)}.`);
  const { perSecond, burst, key = null } = group(rateLimit, "rateLimit", ["perSecond", "burst", "key"]);
  if (!(typeof perSecond === "number" && perSecond >= LEAST_PER_SECOND && perSecond <= MOST_PER_SECOND)) {
    const range = `${LEAST_PER_SECOND} to ${MOST_PER_SECOND}`;
    throw invalid(`rateLimit.perSecond has to be a number from ${range}, but is ${show(perSecond)}.`);
  }
  if (key !== null && !(typeof key === "string" && KEY.test(key))) {
    const form = "1 to 100 letters, digits, dots, dashes and underscores";
    throw invalid(`rateLimit.key has to be ${form}, but is ${show(key)}.`);
  }
  return Object.freeze({
    perSecond,
    burst: integer(burst, "rateLimit.burst", 1, usualBurst(perSecond)),
    key,
  });
}

function parseRetries(retries: unknown): RetryPolicy {
  if (retries === undefined) return DEFAULT_RETRIES;
  if (typeof retries === "number") {
    return Object.freeze({
      ...DEFAULT_RETRIES,
      limit: integer(retries, "retries", 0, DEFAULT_RETRIES.limit),
    });
  }
  const { limit, baseMs, maxMs, delayMs, on, except } = group(retries, "retries", [
    "limit",
    "baseMs",
    "maxMs",
    "delayMs",
    "on",
    "except",
  ]);
  const base = milliseconds(baseMs, "retries.baseMs", DEFAULT_RETRIES.baseMs);
  return Object.freeze({
    limit: integer(limit, "retries.limit", 0, DEFAULT_RETRIES.limit),
    baseMs: base,
    maxMs: milliseconds(maxMs, "retries.maxMs", Math.max(base, DEFAULT_RETRIES.maxMs)),
    delayMs: parseFunction(
      delayMs,
      "retries.delayMs",
      "the error and the number of the try",
    ) as RetryPolicy["delayMs"],
    on: parseFunction(on, "retries.on", "the error") as RetryPolicy["on"],
    except: parseClasses(except),
  });
}

/** An option that is a function; `null` if it was left out. What it takes is known only when it is called. */
function parseFunction(value: unknown, where: string, of: string): ((...args: never) => unknown) | null {
  if (value === undefined) return null;
  if (typeof value !== "function")
    throw invalid(`${where} has to be a function of ${of}, but is ${show(value)}.`);
  return value as (...args: never) => unknown;
}

function parseClasses(except: unknown): readonly ErrorClass[] {
  if (except === undefined) return [];
  const kinds: readonly unknown[] = Array.isArray(except) ? except : [except];
  if (!Array.isArray(except) || !kinds.every((kind) => typeof kind === "function")) {
    throw invalid(`retries.except has to be a list of error classes, but is ${show(except)}.`);
  }
  return Object.freeze([...kinds]) as readonly ErrorClass[];
}

function parseChunk(chunk: unknown): JobOptions["chunk"] {
  const { items, bytes } = group(chunk, "chunk", ["items", "bytes"]);
  return Object.freeze({
    items: integer(items, "chunk.items", 1, null),
    bytes: integer(bytes, "chunk.bytes", 1, null),
  });
}

function parseHedge(hedge: unknown): boolean {
  if (hedge === undefined) return false;
  if (typeof hedge !== "boolean") throw invalid(`hedge has to be true or false, but is ${show(hedge)}.`);
  return hedge;
}
