import { expect, test } from "vitest";
import { attempt, schema } from "./attempt.ts";

test("an item that the schema refuses is ITEM_INVALID with the path of each problem, and is not processed", () => {
  const item = schema(() => ({
    issues: [{ message: "too small", path: ["rows", { key: 2 }, "amount"] }, { message: "odd" }],
  }));
  expect(attempt(1, { item, process: () => expect.unreachable() })).toEqual({
    ok: false,
    code: "ITEM_INVALID",
    error: { name: "ValidationError", message: "rows.2.amount: too small; odd" },
    attempts: 1,
  });
});

test("process is given the value that the schema returned", () => {
  expect(attempt("7", { item: schema((text) => ({ value: Number(text) })) })).toEqual({ ok: true, value: 7 });
});

test("a schema may be asynchronous", async () => {
  const item = schema(async (value) =>
    value === 1 ? { value: "one" } : { issues: [{ message: "only one" }] },
  );
  expect(await attempt(1, { item })).toEqual({ ok: true, value: "one" });
  expect(await attempt(2, { item })).toMatchObject({ code: "ITEM_INVALID", error: { message: "only one" } });
});

test.each([
  [
    "throws",
    () => {
      throw new Error("broken schema");
    },
  ],
  ["rejects", async () => Promise.reject(new Error("broken schema"))],
  ["answers nothing", () => undefined],
  ["answers nothing, late", async () => undefined],
])("a schema that %s makes the item invalid, and nothing worse", async (_, validate) => {
  expect(await attempt(1, { item: schema(validate) })).toMatchObject({ ok: false, code: "ITEM_INVALID" });
});

test("a schema that never answers is ITEM_TIMEOUT", async () => {
  const item = schema(async () => new Promise(() => undefined));
  expect(await attempt(1, { item, itemTimeoutMs: 5 })).toMatchObject({
    code: "ITEM_TIMEOUT",
    error: { message: "the check of the item did not finish within 5 ms" },
    attempts: 1,
  });
});

const expecting = (...paths: string[]) =>
  schema(() => ({ issues: paths.map((path) => ({ message: "expected string", path: [path] })) }));
const messageOf = (item: unknown, ...paths: string[]): unknown =>
  attempt(item, { item: expecting(...paths) });
const saying = (message: string): unknown =>
  expect.objectContaining({ error: { name: "ValidationError", message } });

test("a key that the item lacks is named together with those that are there, the most similar first", () => {
  expect(messageOf({ id: "1", " Country": "PT" }, "country", "id")).toEqual(
    saying(
      'there is no "country" in the item, only " Country", "id"; country: expected string; id: expected string',
    ),
  );
  expect(messageOf({ a: 1 }, "b", "c", "b")).toEqual(
    saying(
      'there is no "b", "c" in the item, only "a"; b: expected string; c: expected string; b: expected string',
    ),
  );
  const wide = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`c${index}`, 1]));
  expect(messageOf({ ...wide, ["x".repeat(70)]: 1 }, "y")).toEqual(
    saying(
      `there is no "y" in the item, only ${Array.from({ length: 10 }, (_, index) => `"c${index}"`).join(", ")} and 3 more; y: expected string`,
    ),
  );
});

test("an item that has the key, or has no keys, gets no such hint", () => {
  for (const item of [{ b: undefined }, ["b"], "b", null])
    expect(messageOf(item, "b")).toEqual(saying("b: expected string"));
  expect(messageOf({ a: 1 })).toEqual(saying(""));
});
