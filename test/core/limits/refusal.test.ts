import { expect, test } from "vitest";
import { isRefusal } from "../../../src/core/limits/refusal.ts";
import { retryAfter } from "../../../src/core/limits/retry-after.ts";

const trap = new Proxy(
  {},
  {
    get() {
      throw new Error("no");
    },
  },
);

test.each([
  ["a status", { status: 429 }],
  ["a status code", Object.assign(new Error("busy"), { statusCode: 503 })],
  ["the status of an answer", { response: { status: 429 } }],
  ["the metadata of AWS", { $metadata: { httpStatusCode: 429 } }],
  ["a name of AWS", { name: "ThrottlingException" }],
  ["retryAfter", retryAfter(3)],
  ["a Retry-After header", { headers: { "retry-after": "2" } }],
])("%s says that there are too many calls", (_, thrown) => expect(isRefusal(thrown, 0)).toBe(true));

test.each([
  ["another status", { status: 500 }],
  ["another error", new Error("429")],
  ["nothing", undefined],
  ["text", "503"],
  ["a proxy that throws", trap],
])("%s does not", (_, thrown) => expect(isRefusal(thrown, 0)).toBe(false));
