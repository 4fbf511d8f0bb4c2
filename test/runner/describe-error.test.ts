import { describe, expect, test } from "vitest";
import { describeError } from "../../src/runner/describe-error.ts";

class Declined extends Error {}
class Named extends Error {
  override readonly name = "Renamed";
}

describe("the description of something thrown", () => {
  test.for<[unknown, name: string, message: string]>([
    [new Error("plain"), "Error", "plain"],
    [new TypeError("x is not a function"), "TypeError", "x is not a function"],
    [new Declined("no"), "Declined", "no"],
    [new Named("no"), "Renamed", "no"],
    ["text", "string", "text"],
    [undefined, "undefined", "undefined"],
    [null, "object", "null"],
    [{ code: 5 }, "object", '{"code":5}'],
    [{ toString: () => "own text" }, "object", "own text"],
    [[1, 2], "object", "1,2"],
    [Symbol("s"), "symbol", "Symbol(s)"],
  ])("%#: says its class and its message", ([thrown, name, message]) => {
    expect(describeError(thrown)).toEqual({ name, message });
  });

  test("never throws, whatever the properties are", () => {
    const hostile = Object.defineProperty(new Error("x"), "message", {
      get() {
        throw new Error("trap");
      },
    });
    expect(describeError(hostile)).toEqual({ name: "Error", message: "(cannot be shown)" });
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    expect(describeError(cyclic)).toEqual({ name: "object", message: "(cannot be shown)" });
    expect(describeError(Object.assign(new Error("x"), { name: "" }))).toEqual({
      name: "object",
      message: "x",
    });
  });

  test("cuts a name at 200 characters, and a message at 8192", () => {
    const long = (name: number, message: number): Error =>
      Object.assign(new Error("m".repeat(message)), { name: "n".repeat(name) });
    expect(describeError(long(200, 8192))).toEqual({ name: "n".repeat(200), message: "m".repeat(8192) });
    expect(describeError(long(201, 8193))).toEqual({
      name: `${"n".repeat(200)}…`,
      message: `${"m".repeat(8192)}…`,
    });
  });
});
