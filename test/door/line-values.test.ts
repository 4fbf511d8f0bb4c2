import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineValues } from "../../src/door/line-values.ts";

async function* blocksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  for (const [index, place] of places.entries())
    if (index > 0) yield bytes.subarray(places[index - 1], place);
}

const json = fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.constant(null), fc.array(fc.string()));

test("however the bytes are cut, the values are those of the lines", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(json), fc.array(fc.nat(400)), async (values, cuts) => {
      const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
      const places = cuts.filter((cut) => cut <= bytes.length);
      expect(await Array.fromAsync(new LineValues(blocksOf(bytes, places)))).toEqual(values);
    }),
  );
});

test("a line may be longer than what becomes text together", async () => {
  const long = "é".repeat(50_000);
  const bytes = Buffer.from(`1\n${JSON.stringify(long)}\n2\n`);
  expect(await Array.fromAsync(new LineValues(blocksOf(bytes, [])))).toEqual([1, long, 2]);
});

test("values that are asked for together come in order, each once", async () => {
  const values = new LineValues<number>(blocksOf(Buffer.from("1\n2\n3\n"), [1, 3]));
  const results = await Promise.all([values.next(), values.next(), values.next(), values.next()]);
  expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined]);
});

test("a consumer that stops ends the reading", async () => {
  let isEnded = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.from("1\n");
    } finally {
      isEnded = true;
    }
  }
  for await (const value of new LineValues(endless())) {
    expect(value).toBe(1);
    break;
  }
  expect(isEnded).toBe(true);
});

test("an error of the reading is thrown, and so is the end in the middle of a line", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("1\n");
    throw new Error("the disk is gone");
  }
  const values = new LineValues(broken());
  expect(await values.next()).toEqual({ value: 1, done: false });
  await expect(values.next()).rejects.toThrow("the disk is gone");
  await expect(Array.fromAsync(new LineValues(blocksOf(Buffer.from("1\n2"), [])))).rejects.toThrow(
    "the outputs end in the middle of a line",
  );
});
