import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs, DEFAULT_RETRIES, isRetryable } from "../../src/core/retry.ts";
import { FanjoinError } from "../../src/core/errors/errors.ts";

class Declined extends Error {}

test("a wait is anything from 0 up to a bound, which doubles with each try up to maxMs", () => {
  const policy = { baseMs: 100, maxMs: 1000 };
  const almostOne = 1 - Number.EPSILON / 2;
  expect([1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(policy, attempt, almostOne))).toEqual([
    99, 199, 399, 799, 999, 999,
  ]);
  expect(backoffMs(policy, 3, 0)).toBe(0);
  expect(backoffMs(policy, 3, 0.5)).toBe(200);
});

test("no wait is longer than maxMs, however many tries there were", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), random, (attempt, drawn) => {
      const wait = backoffMs(DEFAULT_RETRIES, attempt, drawn);
      expect(Number.isInteger(wait) && wait >= 0 && wait <= DEFAULT_RETRIES.maxMs).toBe(true);
    }),
  );
});

test.for<[string, unknown, boolean]>([
  ["an error", new Error("503"), true],
  ["a thrown value that is not an error", "503", true],
  ["a TypeError", new TypeError("x is not a function"), false],
  ["a RangeError", new RangeError("Invalid array length"), false],
  ["a SyntaxError", new SyntaxError("Unexpected token"), false],
  ["a ReferenceError", new ReferenceError("x is not defined"), false],
  [
    "the TypeError of a fetch that could not connect",
    new TypeError("fetch failed", { cause: new Error("ECONNRESET") }),
    true,
  ],
  ["an item that took too long", new FanjoinError("ITEM_TIMEOUT", "late"), true],
  ["an error that says it is final", new FanjoinError("ITEM_NOT_JSON", "no"), false],
])("by default: %s", ([, error, verdict]) => {
  expect(isRetryable(DEFAULT_RETRIES, error)).toBe(verdict);
});

test("`on` decides instead, except for what `except` names", () => {
  const policy = {
    on: (error: unknown) => !(error instanceof Error && error.message === "final"),
    except: [Declined],
  };
  expect(isRetryable(policy, new TypeError("x"))).toBe(true);
  expect(isRetryable(policy, new Error("final"))).toBe(false);
  expect(isRetryable(policy, new Declined())).toBe(false);
  expect(isRetryable({ on: null, except: [Declined] }, new Declined())).toBe(false);
});

test("an error whose `retryable` says neither yes nor no is judged by its class", () => {
  const saying = (retryable: unknown, error: Error): Error => Object.assign(error, { retryable });
  expect(isRetryable(DEFAULT_RETRIES, saying(undefined, new Error("503")))).toBe(true);
  expect(isRetryable(DEFAULT_RETRIES, saying("yes", new TypeError("x is not a function")))).toBe(false);
  expect(isRetryable(DEFAULT_RETRIES, saying(true, new TypeError("busy")))).toBe(true);
});
