import * as fc from "fast-check";
import { expect, test } from "vitest";
import { httpDateMs } from "../../../src/core/limits/http-date.ts";
import { askedWaitMs, isAskedByJob, jitteredMs, retryAfter } from "../../../src/core/limits/retry-after.ts";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 37);

test.each([
  ["Headers of fetch", { headers: new Headers({ "Retry-After": "120" }) }],
  ["headers of an answer", { response: { headers: { "Retry-After": "120" } } }],
  ["headers of an SDK of AWS", { $response: { headers: { "retry-after": "120" } } }],
  ["a list of values", { headers: { "retry-after": ["120"] } }],
  ["a number", { headers: { "retry-after": 120 } }],
  ["a map", { headers: new Map([["retry-after", "120"]]) }],
  ["a thrown response", new Response(null, { status: 429, headers: { "Retry-After": "120" } })],
  ["a date", { headers: { "retry-after": "Sun, 06 Nov 1994 08:51:37 GMT" } }],
  [
    "a date beside that of the server, whose clock differs",
    {
      headers: { date: "Mon, 07 Nov 1994 08:00:00 GMT", "retry-after": "Mon, 07 Nov 1994 08:02:00 GMT" },
    },
  ],
  ["retryAfter", retryAfter(120)],
])("two minutes are read from %s", (_, thrown) => {
  expect(askedWaitMs(thrown, NOW)).toBe(120_000);
});

test.each([
  ["an error", new Error("429")],
  ["a bare status", { status: 429, headers: new Headers() }],
  ["a text", "Retry-After: 3"],
  ["nothing", undefined],
  ["a header that makes no sense", { headers: { "retry-after": "soon" } }],
  ["a negative time", { headers: { "retry-after": "-5" } }],
  ["a header that is an object", { headers: { "retry-after": {} } }],
  [
    "a property that throws",
    {
      get headers(): never {
        throw new Error("no");
      },
    },
  ],
])("%s asks for no wait", (_, thrown) => {
  expect(askedWaitMs(thrown, NOW)).toBeNull();
});

test("a time that has passed, and none at all, are a tenth of a second", () => {
  const past = { headers: { "retry-after": "Sun, 06 Nov 1994 08:00:00 GMT" } };
  expect(askedWaitMs(past, NOW)).toBe(100);
  expect(askedWaitMs(retryAfter(0), NOW)).toBe(100);
});

test("only retryAfter asks in the name of the job", () => {
  expect(isAskedByJob(retryAfter(1))).toBe(true);
  expect(isAskedByJob({ headers: { "retry-after": "1" } })).toBe(false);
  expect(isAskedByJob(null)).toBe(false);
});

test("retryAfter keeps its cause, and refuses what is not a time", () => {
  const cause = new Error("busy");
  expect(retryAfter(1.5, cause)).toMatchObject({ message: "another try is possible after 1.5 s", cause });
  for (const wrong of [-1, NaN, Infinity]) expect(() => retryAfter(wrong)).toThrow(RangeError);
});

test("jitter adds a quarter at most, and takes nothing away", () => {
  expect([jitteredMs(1000, 0), jitteredMs(1000, 0.5), jitteredMs(1000, 0.999)]).toEqual([1000, 1125, 1250]);
});

test.each([
  ["Sun, 06 Nov 1994 08:49:37 GMT", NOW],
  ["Sunday, 06-Nov-94 08:49:37 GMT", NOW],
  ["Sun Nov  6 08:49:37 1994", NOW],
  ["Thursday, 06-Nov-25 08:49:37 GMT", Date.UTC(2025, 10, 6, 8, 49, 37)],
  ["Sun, 06 Xxx 1994 08:49:37 GMT", null],
  ["Sun, 06 anF 1994 08:49:37 GMT", null],
  ["1994-11-06T08:49:37Z", null],
  ["", null],
])("%j is the date %s", (text, ms) => {
  expect(httpDateMs(text, NOW)).toBe(ms);
});

test("every date survives being written as HTTP does", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (second) => {
      expect(httpDateMs(new Date(second * 1000).toUTCString(), NOW)).toBe(second * 1000);
    }),
  );
});
