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

const MORE = "after the array the document has more text after its end";
const LINES = "(if every line is a value, read with jsonl())";

test.each([
  ['[1,{"a":"x', "the array does not end: the document ends too soon, at byte 10"],
  ['{"data":{"rows":[1,2]}', "after the array the document ends too soon (was the file cut off?)"],
  ['{"data":{"rows":[1,2]}} {}', `${MORE}, at byte 24 ${LINES}`],
  ["[1,2] and", `${MORE}, at byte 6 ${LINES}`],
  ['{"data":{"rows":[1,2]]}', "after the array the document has a bracket that closes nothing, at byte 21"],
])("%s: everything before is read, and the rest is one failed item", async (text, message) => {
  const items = await read(text, text.startsWith("[") ? undefined : "data.rows");
  expect(items[0]?.value).toBe(1);
  expect(items.at(-1)?.unreadable).toEqual({ code: "INPUT_INVALID", message, toEnd: true });
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

test.each([
  ["\u0001", "[\u000112345678]"],
  ["\0", "[\0 1]"],
  ["\u000b", "[ \u000b1]"],
  ["a byte order mark", "[\uFEFF1]"],
  ["a byte order mark and a space", "[ \uFEFF1,2]"],
])("%s behind the bracket breaks the first element, for every block size", async (_, text) => {
  for (let blockBytes = 1; blockBytes < 12; blockBytes++) {
    const shelved = shelf({ f: text }, blockBytes);
    const items = await itemsOf(json(), shelved, await planOf(json(), shelved));
    expect(items.map(({ value }) => value)).toEqual(text.includes("2]") ? [undefined, 2] : [undefined]);
    expect(items[0]?.unreadable?.message).toContain("is not JSON");
  }
});

test("a byte order mark is left out at the beginning, for every block size, and only once", async () => {
  for (let blockBytes = 1; blockBytes < 6; blockBytes++) {
    const shelved = shelf({ f: "\uFEFF[1]" }, blockBytes);
    const items = await itemsOf(json(), shelved, await planOf(json(), shelved));
    expect(items.map(({ value }) => value)).toEqual([1]);
  }
  expect(await refusal("\uFEFF\uFEFF[1]")).toContain("the byte 0xef is not expected at byte 3");
});

test("a brace that closes nothing breaks its element, and its neighbours are read", async () => {
  expect((await read("[1,2},3]")).map(({ value }) => value)).toEqual([1, undefined, 3]);
  const items = await read("[1,2}");
  expect(items.map(({ value }) => value)).toEqual([1, undefined]);
  expect(items[1]?.unreadable?.message).toBe("the array does not end: the document ends too soon, at byte 5");
});

test.each([
  ['{"n" 1,"rows":[1]}', '"1" is not expected at byte 5'],
  ['{"n"::1,"rows":[1]}', '":" is not expected at byte 5'],
  ['{"n":1 "rows":[1]}', String.raw`"\"" is not expected at byte 7`],
  ['{"n":1,,"rows":[1]}', '"," is not expected at byte 7'],
  ['{,"rows":[1]}', '"," is not expected at byte 1'],
  ['{"n":[1 2],"rows":[1]}', '"2" is not expected at byte 8'],
  ['{"n":[1,],"rows":[1]}', '"]" is not expected at byte 8'],
  ['{"n":01,"rows":[1]}', '"1" is not expected at byte 6'],
  ['{"n":"\t","rows":[1]}', "the byte 0x09 is not expected at byte 6"],
  ['{"n":{"a":1],"rows":[1]}', "a bracket that closes nothing, at byte 11"],
  ['{n:1,"rows":[1]}', '"n" is not expected at byte 1'],
])("%s: the document is refused before the array", async (text, message) => {
  expect(await refusal(text, "rows")).toContain(message);
});

test.each([
  ['{"rows":[1] "n":1}', String.raw`"\"" is not expected at byte 12`],
  ['{"rows":[1],,"n":1}', '"," is not expected at byte 12'],
  ['{"rows":[1],}', '"}" is not expected at byte 12'],
  ['{"rows":[1],"n" 1}', '"1" is not expected at byte 16'],
  ['{"rows":[1]:1}', '":" is not expected at byte 11'],
  ['{"rows":[1],"n":[1,,2]}', '"," is not expected at byte 19'],
  ['{"rows":[1],"n":"\ud800x"}', String.raw`the byte`],
])("%s: behind the array it is one failed item", async (text, message) => {
  const bytes = text.includes("\ud800") ? Buffer.from(text.replace("\ud800", "\xff"), "latin1") : text;
  const items = await readAllOf(json({ path: "rows" }), { f: bytes });
  expect(items.map(({ value }) => value)).toEqual([1, undefined]);
  expect(items[1]?.unreadable?.code).toBe("INPUT_INVALID");
  expect(items[1]?.unreadable?.message).toContain(message);
});

test.each([
  ['{"rows":[1,2],"rows":[3]}', "rows"],
  [String.raw`{"rows":[1,2],"\u0072ow\u0073":[3]}`, "rows"],
  ['{"rows":[1,2],"x":{"rows":0},"rows":3}', "rows"],
  ['{"data":{"rows":[1,2]},"data":{}}', "data.rows"],
  ['{"data":{"rows":[1,2],"rows":[3],"rows":[4]}}', "data.rows"],
])("%s: a key of the path that comes once more is one failed item", async (text, path) => {
  for (let blockBytes = 1; blockBytes < 30; blockBytes += 4) {
    const shelved = shelf({ f: text }, blockBytes);
    const reader = json({ path });
    const items = await itemsOf(reader, shelved, await planOf(reader, shelved));
    expect(items.map(({ value }) => value)).toEqual([1, 2, undefined]);
    expect(items[2]?.unreadable?.code).toBe("INPUT_INVALID");
    expect(items[2]?.unreadable?.message).toMatch(/has a key of .*rows once more, .*only the first array/);
  }
});

test("keys of other objects do not count as the path", async () => {
  const text = '{"x":{"rows":[7]},"y":[{"rows":[8]}],"rows":[1],"z":{"rows":[9],"z":{"rows":[0]}}}';
  expect((await read(text, "rows")).map(({ value }) => value)).toEqual([1]);
});
