/**
 * How long an error asks to wait: one that `retryAfter` made, or one that carries a `Retry-After` header
 * (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3).
 */
import { httpDateMs } from "./http-date.ts";
import { property, safely } from "./unknown-error.ts";

/** The longest that one item waits in all, because it was asked to. */
export const MAX_ASKED_MS = 15 * 60 * 1000;
/** The shortest wait: an answer that says "at once" must not be asked again and again without a pause. */
const MIN_ASKED_MS = 100;
/** So much is added to a wait at random, so that items that were told the same do not come back together. */
const JITTER = 0.25;

/** The same in every copy of this package, because a job may import another one. */
const ASKED = Symbol.for("fanjoin.retryAfter");

/** The error that `retryAfter` makes. */
export class RetryAfterError extends Error {
  override readonly name = "RetryAfterError";
  readonly [ASKED]: number;

  constructor(seconds: number, options?: ErrorOptions) {
    super(`another try is possible after ${seconds} s`, options);
    this[ASKED] = seconds;
  }
}

/**
 * An error to throw in `process`: the item is tried again after so many seconds, and this does not count as a
 * try. `cause` is what happened, for messages. Throws a `RangeError` if `seconds` is not a number of at least
 * 0.
 */
export function retryAfter(seconds: number, cause?: unknown): Error {
  if (!(seconds >= 0 && seconds < Infinity))
    throw new RangeError(`retryAfter takes a number of seconds of at least 0, but got ${String(seconds)}`);
  return new RetryAfterError(seconds, cause === undefined ? undefined : { cause });
}

/** Whether `retryAfter` has made the error: then the job itself asks, and its retry policy is not asked. */
export function isAskedByJob(thrown: unknown): boolean {
  return safely(() => typeof property(thrown, ASKED) === "number") ?? false;
}

/**
 * How long the error asks to wait, in milliseconds; `null` if it does not. Never throws, whatever was thrown.
 * A date counts from the `Date` header beside it, if there is one: the clocks may differ.
 */
export function askedWaitMs(thrown: unknown, now: number): number | null {
  return safely(() => {
    const seconds = property(thrown, ASKED);
    if (typeof seconds === "number") return Math.max(MIN_ASKED_MS, seconds * 1000);
    for (const headers of headersOf(thrown)) {
      const asked = waitIn(headers, now);
      if (asked !== null) return Math.max(MIN_ASKED_MS, asked);
    }
    return null;
  });
}

/** The wait with its share of chance. `random` is in [0, 1). */
export function jitteredMs(askedMs: number, random: number): number {
  return Math.round(askedMs * (1 + JITTER * random));
}

/** Headers of the error itself, and of the answer that HTTP clients put into it; those of AWS have a `$`. */
function headersOf(thrown: unknown): unknown[] {
  const answers = [thrown, property(thrown, "response"), property(thrown, "$response")];
  return answers.map((one) => property(one, "headers"));
}

function waitIn(headers: unknown, now: number): number | null {
  const text = header(headers, "retry-after");
  if (text === null) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = httpDateMs(text, now);
  if (at === null) return null;
  const sent = httpDateMs(header(headers, "date") ?? "", now);
  return Math.max(0, at - (sent ?? now));
}

/** A header in the `Headers` of fetch, in a map, or in an object with names in any case. */
function header(headers: unknown, name: string): string | null {
  if (typeof headers !== "object" || headers === null) return null;
  const { get } = headers as { readonly get?: unknown };
  const got: unknown = typeof get === "function" ? Reflect.apply(get, headers, [name]) : null;
  if (got !== null && got !== undefined) return textOf(got);
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() === name) return textOf(value);
  }
  return null;
}

/** Some clients have a list of values for each header. */
function textOf(value: unknown): string | null {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === "string" || typeof one === "number" ? String(one).trim() : null;
}
