import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { MAX_DEPTH } from "../../src/core/errors/described-error.ts";
import { failedLineText, parseFailedLine } from "../../src/core/failures/failed-line.ts";
import { describeError } from "../../src/runner/describe-error.ts";
import type { DescribedError } from "../../src/runner/describe-error.ts";

class Declined extends Error {}
class Refused extends TypeError {}
class Named extends Error {
  override readonly name = "Renamed";
}

/** Without what `describeError` adds to a class and a message. */
function short({ name, message }: DescribedError): DescribedError {
  return { name, message };
}

function throws(): never {
  throw new Error("trap");
}

describe("the description of something thrown", () => {
  test.for<[unknown, name: string, message: string]>([
    [new Error("plain"), "Error", "plain"],
    [new TypeError("x is not a function"), "TypeError", "x is not a function"],
    [new Declined("no"), "Declined", "no"],
    [new Refused("no"), "Refused", "no"],
    [new Named("no"), "Renamed", "no"],
    [new DOMException("stopped", "AbortError"), "AbortError", "stopped"],
    [runInNewContext("new RangeError('far')"), "RangeError", "far"],
    [new Proxy(new Declined("no"), {}), "Declined", "no"],
    ["text", "string", "text"],
    ["", "string", "an empty text was thrown"],
    [undefined, "undefined", "undefined was thrown, which is no error"],
    [null, "object", "null was thrown, which is no error"],
    [7n, "bigint", "7 was thrown, which is no error"],
    [Symbol("s"), "symbol", "Symbol(s) was thrown, which is no error"],
    [{ code: 5 }, "object", '{"code":5}'],
    [{ toString: () => "own text" }, "object", "own text"],
    [[1, 2], "object", "1,2"],
  ])("%#: says its class and its message", ([thrown, name, message]) => {
    expect(short(describeError(thrown))).toEqual({ name, message });
  });

  test("never throws, whatever the properties are", () => {
    const hostile = Object.defineProperty(new Error("x"), "message", { get: throws });
    expect(short(describeError(hostile))).toEqual({
      name: "Error",
      message: "the message of this error cannot be read",
    });
    for (const property of ["name", "stack", "cause", "code", "errors", "constructor"]) {
      const error = Object.defineProperty(new Error("x"), property, { get: throws });
      expect({ property, ...describeError(error) }).toMatchObject({ property, message: "x" });
    }
    const trapped = new Proxy(new Error("x"), { get: throws, getPrototypeOf: throws, has: throws });
    expect(describeError(trapped)).toEqual({ name: "object", message: "the thrown value cannot be shown" });
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    expect(describeError(cyclic)).toEqual({ name: "object", message: "the thrown value cannot be shown" });
    expect(short(describeError(Object.assign(new Error("x"), { name: "" })))).toEqual({
      name: "Error",
      message: "x",
    });
  });

  test("cuts a name at 200 characters, and a message at 8192", () => {
    const long = (name: number, message: number): Error =>
      Object.assign(new Error("m".repeat(message)), { name: "n".repeat(name) });
    const shown = (error: Error): string => JSON.stringify(short(describeError(error)));
    expect(shown(long(200, 8192))).toBe(JSON.stringify({ name: "n".repeat(200), message: "m".repeat(8192) }));
    expect(shown(long(201, 8193))).toBe(
      JSON.stringify({ name: `${"n".repeat(200)}…`, message: `${"m".repeat(8192)}…` }),
    );
  });
});

describe("the causes of an error, and the errors in it", () => {
  test("are described with their classes, messages, codes and places", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9"), { code: "ECONNREFUSED" });
    const both = new AggregateError([refused, new Declined("no")], "", { cause: "a text" });
    const here = [expect.stringMatching(/^test\/runner\/describe-error\.test\.ts:\d+:\d+$/)];
    expect(describeError(new TypeError("fetch failed", { cause: both }))).toEqual({
      name: "TypeError",
      message: "fetch failed",
      stack: here,
      cause: {
        name: "AggregateError",
        message: "",
        stack: here,
        cause: { name: "string", message: "a text" },
        errors: [
          { name: "Error", message: "connect ECONNREFUSED 127.0.0.1:9", code: "ECONNREFUSED", stack: here },
          { name: "Declined", message: "no", stack: here },
        ],
      },
    });
    const { errors } = describeError(new SuppressedError(new Error("close"), new Error("work")));
    expect(errors?.map(({ message }) => message)).toEqual(["close", "work"]);
  });

  test("may be circles", () => {
    const a = new Error("a");
    const b = new AggregateError([a], "b", { cause: a });
    a.cause = b;
    const { cause } = describeError(a);
    expect(cause).toMatchObject({ message: "b" });
    expect(cause).not.toHaveProperty("cause");
    expect(cause).not.toHaveProperty("errors");
    const own = new Error("own");
    own.cause = own;
    expect(describeError(own)).not.toHaveProperty("cause");
  });

  test("are bounded in depth, count and length, and fit into a line that is read again", () => {
    const long = (n: number): Error => new Error(`${n}${"x".repeat(10_000)}`);
    let deep: Error = new AggregateError(
      Array.from({ length: 1000 }, (_, n) => long(n)),
      "many",
    );
    for (let n = 0; n < 100; n++)
      deep = new AggregateError([long(n), deep], "x".repeat(10_000), { cause: long(n) });
    const error = describeError(deep);
    let depth = 0;
    for (let at: DescribedError | undefined = error; at; at = at.errors?.[1]) depth++;
    expect(depth).toBeLessThanOrEqual(MAX_DEPTH + 1);
    const line = failedLineText({
      source: "a.csv",
      index: 1,
      line: 1,
      offset: 1,
      chunk: 0,
      attempts: 1,
      code: "ITEM_FAILED",
      error,
      item: null,
    });
    expect(line.length).toBeLessThan(32 * 1024);
    expect(parseFailedLine(line).error).toEqual(error);
    expect(
      describeError(new AggregateError(Array.from({ length: 1000 }, (_, n) => long(n)))).errors,
    ).toHaveLength(10);
  });

  test("are ten at most in all, wherever they are", () => {
    const five = <T>(make: (n: number) => T): T[] => Array.from({ length: 5 }, (_, n) => make(n));
    const nested = new AggregateError(five(() => new AggregateError(five((n) => new Error(`${n}`)))));
    const count = ({ errors = [] }: DescribedError): number =>
      errors.reduce((sum, one) => sum + 1 + count(one), 0);
    expect(count(describeError(nested))).toBe(10);
  });
});
