import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { json } from "../../../src/input/json.ts";
import { planOf, readAllOf, shelf, itemsOf } from "../spooling.ts";

async function read(text: string, path?: string) {
  const items = await readAllOf(json(path === undefined ? {} : { path }), {
    "a.json": text,
    "b.json": "[[1]]",
  });
  return items.filter(({ label }) => label === "a.json");
}

async function refusal(text: string, path?: string): Promise<string> {
  return planOf(json(path === undefined ? {} : { path }), shelf({ "a.json": text })).then(
    () => "",
    (error: Error) => error.message,
  );
}

test("the elements of any array are those of JSON.parse, for all spellings, cuts, paths and packings", async () => {
  const around = fc.constantFrom<[string, string, string | undefined]>(
    ["", "", undefined],
    ["\uFEFF \n", "\n", undefined],
    ['{"data":{"x":[["rows"]],"rows":', "}}", "data.rows"],
    ['{"rows":{"rows":0},\n"n":-1.5e3, "data" : {"rows" :', ',"t":[{"rows":[1]}]},"z":{}}', "data.rows"],
  );
  const size = fc.record({
    count: fc.integer({ min: 1, max: 5 }),
    bytes: fc.integer({ min: 1, max: 200 }),
    items: fc.constantFrom(null, 1, 3),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 20 }),
      around,
      fc.constantFrom(0, 2),
      size,
      fc.integer({ min: 1, max: 60 }),
      fc.boolean(),
      async (values, [before, after, path], indent, wanted, blockBytes, packed) => {
        const text = `${before}${JSON.stringify(values, null, indent)}${after}`;
        const shelved = shelf({ f: packed ? gzipSync(text) : text }, blockBytes);
        const reader = json(path === undefined ? {} : { path });
        const items = await itemsOf(reader, shelved, await planOf(reader, shelved, wanted));
        expect(items.map(({ value }) => value)).toEqual(JSON.parse(JSON.stringify(values)));
        for (const { position } of items) expect(position).toMatchObject({ offset: null, line: null });
      },
    ),
    { numRuns: 300 },
  );
});

test("all values are those of JSON.parse", async () => {
  const text =
    '[1e400,-0,12345678901234567890,{"__proto__":{"a":1},"constructor":2},{"a":1,"a":2},"\\ud800"]';
  const items = await read(text);
  expect(items.map(({ value }) => value)).toEqual(JSON.parse(text));
  expect(Object.is(items[1]?.value, -0)).toBe(true);
  expect(Object.hasOwn(items[3]?.value as object, "__proto__")).toBe(true);
});

test("a deeply nested element is one item", async () => {
  const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
  const items = await read(`[${deep},2]`);
  let levels = 0;
  for (let value = items[0]?.value; Array.isArray(value); value = value[0]) levels++;
  expect(levels).toBe(5000);
  expect(items[1]?.value).toBe(2);
});

test("an element that is not JSON is one failed item, and its neighbours are read", async () => {
  const items = await read('[1,{"a":},tru,"a\nb",[1 2],,{"b":2}, 3 4]');
  expect(items.map(({ value }) => value)).toEqual([
    1,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    { b: 2 },
    undefined,
  ]);
  expect(items.map(({ unreadable }) => unreadable?.code ?? null)).toEqual([
    null,
    ...Array.from({ length: 5 }, () => "ITEM_UNREADABLE"),
    null,
    "ITEM_UNREADABLE",
  ]);
  expect(items[1]?.unreadable?.message).toMatch(/^is not JSON \(.+\): "\{\\"a\\":\}"$/);
  expect(items[5]?.unreadable?.message).toBe("is missing");
  expect(items[1]?.position.raw).toBe('{"a":}');
});

test("a line end in a string breaks only that element, even after a backslash", async () => {
  for (let blockBytes = 1; blockBytes < 14; blockBytes++) {
    const shelved = shelf({ f: '["a\\\nb","\\\\","\\"\n]",["\n"],"]",4]' }, blockBytes);
    const items = await itemsOf(json(), shelved, await planOf(json(), shelved));
    expect(items.map(({ value }) => value)).toEqual([undefined, "\\", undefined, undefined, "]", 4]);
  }
});

test("a comma before the closing bracket is a missing element", async () => {
  expect((await read("[1, ]")).map(({ unreadable }) => unreadable?.message)).toEqual([
    undefined,
    "is missing",
  ]);
});

test.each([
  ['[1,{"a":"x', "the array does not end: the document ends too soon, at byte 10"],
  ['{"data":{"rows":[1,2]}', "after the array the document ends too soon (was the file cut off?)"],
  ['{"data":{"rows":[1,2]}} {}', "after the array the document has more text after its end, at byte 24"],
  ["[1,2] and", 'after the array the document is not JSON: "a" is not expected at byte 6'],
  ['{"data":{"rows":[1,2]]}', "after the array the document has a bracket that closes nothing, at byte 21"],
])("%s: everything before is read, and the rest is one failed item", async (text, message) => {
  const items = await read(text, text.startsWith("[") ? undefined : "data.rows");
  expect(items[0]?.value).toBe(1);
  expect(items.at(-1)?.unreadable).toEqual({ code: "INPUT_INVALID", message });
  expect(items.at(-1)?.position.offset).toBeNull();
});

test.each([
  [
    '{"a":[1]}',
    undefined,
    'the document is an object, not an array: say where it is, e.g. json({ path: "data.rows" })',
  ],
  ["7", undefined, "the document is a single value, not an array"],
  ['{"data":{"rows":{}}}', "data.rows", "data.rows is an object, not an array"],
  ['{"data":{"row":[]}}', "data.rows", "there is no array at data.rows in the document"],
  ["", undefined, "the document is empty: a JSON array is expected"],
  ["hello", undefined, 'the document is not JSON: "h" is not expected at byte 0'],
  ['{"data":{"rows":nul}}', "data.rows", 'the document is not JSON: "}" is not expected at byte 19'],
  ['{"data', "data", "the document ends too soon (was the file cut off?)"],
  ['{"a":1}\n{"a":2}', undefined, "or read with jsonl() if every line is a value"],
  ['{"data"', "data", "the document ends too soon"],
])("%s is refused", async (text, path, message) => {
  expect(await refusal(text, path)).toContain(message);
});

test("an array without elements has no items", async () => {
  expect(await read(" [ \n ] ")).toEqual([]);
});

test("keys with dots are written as a list", async () => {
  const items = await readAllOf(json({ path: ["a.b", "c"] }), { f: '{"a":{"b":{"c":[0]}},"a.b":{"c":[1]}}' });
  expect(items.map(({ value }) => value)).toEqual([1]);
  expect(() => json({ path: "a..b" })).toThrow('json() takes a path such as "data.rows"');
});
