/**
 * Valid documents are damaged byte by byte, and compared with `JSON.parse`. `LONG_FORM` of the CSV tests says
 * how to run many more.
 */
import { isUtf8 } from "node:buffer";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { json } from "../../../src/input/json.ts";
import { isUnreadable } from "../../../src/input/unpack/damage.ts";
import { assertRows, countRows, LONG_FORM } from "../csv/long-form.ts";
import { itemsOf, planOf, shelf } from "../spooling.ts";

const AROUND: readonly (readonly [before: string, after: string, path: readonly string[]])[] = [
  ["", "", []],
  ["\uFEFF \n", "\n", []],
  ['{"data":{"x":[["rows"]],"n":-1.5e3,"rows":', ',"t":[true,false,null]}}', ["data", "rows"]],
  ['{"m":"\\u00e9\\n\\"ü€😀","rows" :\t', ', "z" : {"rows":[0.5E+7,"\\\\"]} }', ["rows"]],
];

/** Bytes that mean something in JSON, and those that never do. */
const bytes = fc.oneof(
  fc.constantFrom(...Buffer.from('[]{},:"\\ \n\r\t0123456789.-+eEunltrfas/b')),
  fc.constantFrom(0x00, 0x01, 0x0b, 0x1f, 0x7f, 0x80, 0xa0, 0xc0, 0xed, 0xef, 0xbb, 0xbf, 0xf5, 0xff),
);

/** One change: at a place between 0 and 1 of the document. */
const change = fc.record({
  kind: fc.constantFrom("delete", "insert", "replace", "flip", "repeat", "cut"),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 4 }),
  byte: bytes,
});

type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

function changed(document: Buffer, { kind, place, length, byte }: Change): Buffer {
  const at = Math.floor(place * document.length);
  const before = document.subarray(0, at);
  const after = document.subarray(at);
  const flipped = Buffer.from([(after[0] ?? 0) ^ (1 << (length * 2 - 1))]);
  const parts = {
    delete: [before, after.subarray(length)],
    insert: [before, Buffer.from([byte]), after],
    replace: [before, Buffer.from([byte]), after.subarray(1)],
    flip: [before, flipped, after.subarray(1)],
    repeat: [before, after.subarray(0, length), after],
    cut: [before],
  };
  return Buffer.concat(parts[kind]);
}

/** The elements by `JSON.parse`, `null` if the document is not JSON or has no array there. */
function expected(document: Buffer, path: readonly string[]): unknown[] | null {
  if (!isUtf8(document)) return null;
  try {
    let value: unknown = JSON.parse(document.toString().replace(/^\uFEFF/, ""));
    for (const key of path)
      value = value instanceof Object && Object.hasOwn(value, key) ? Reflect.get(value, key) : null;
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whether a key of the path may stand twice in the document. */
function mayRepeat(document: Buffer, path: readonly string[]): boolean {
  return path.some((key) => document.toString().split(`"${key}"`).length > 2);
}

interface Answer {
  readonly values: readonly unknown[];
  readonly failed: boolean;
}

async function answerOf(document: Buffer, path: readonly string[], blockBytes: number): Promise<Answer> {
  const shelved = shelf({ f: document }, blockBytes);
  const reader = json({ path });
  try {
    const items = await itemsOf(reader, shelved, await planOf(reader, shelved));
    const failed = items.some(({ unreadable }) => unreadable !== null);
    return { values: items.map(({ value }) => value), failed };
  } catch (thrown) {
    if (!isUnreadable(thrown)) throw thrown;
    return { values: [], failed: true };
  }
}

test(
  "what JSON.parse refuses costs an item, and what it accepts gives the same elements",
  LONG_FORM,
  async () => {
    const values = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 8 });
    const changes = fc.array(change, { minLength: 0, maxLength: 3 });
    const blockBytes = fc.integer({ min: 1, max: 40 });
    await assertRows(
      4_000,
      fc.asyncProperty(
        values,
        fc.constantFrom(...AROUND),
        changes,
        blockBytes,
        async (elements, [before, after, path], damage, block) => {
          const whole = Buffer.from(`${before}${JSON.stringify(elements)}${after}`);
          const document = damage.reduce(changed, whole);
          countRows(elements.length);
          const answer = await answerOf(document, path, block);
          const wanted = expected(document, path);
          // A key of the path that comes twice is refused, though `JSON.parse` takes the last one.
          const mayFail = wanted === null || (answer.failed && mayRepeat(document, path));
          expect(answer).toEqual(mayFail ? { ...answer, failed: true } : { values: wanted, failed: false });
        },
      ),
    );
  },
);
