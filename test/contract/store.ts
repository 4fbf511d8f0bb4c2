/** The contract of an object store. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Piece, Segment } from "../../src/core/records/contribution.ts";
import type { ObjectStore } from "../../src/ports.ts";
import { textOf, drain, write, each, MIB, pattern, bytesOf, hashOf, textOfSegment } from "./store-texts.ts";

export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Makes or replaces a user's input. Returns its name. */
  input(label: string, content: string): Promise<string>;
  /** The name of an input that does not exist. */
  readonly missing: string;
  close(): Promise<void>;
}

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the ${name} store`, () => {
    let opened: StoreUnderTest;
    let store: ObjectStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store.of("01A");
    });
    afterAll(() => opened.close());

    test("a range of an input is read exactly; beyond the end there is nothing", async () => {
      const input = await opened.input("range", "0123456789");
      expect(await textOf(store, input)).toBe("0123456789");
      expect(await textOf(store, input, 3, 6)).toBe("345");
      expect(await textOf(store, input, 8, 99)).toBe("89");
      expect(await textOf(store, input, 10, 20)).toBe("");
      expect(await textOf(store, input, 99, 120)).toBe("");
      expect((await store.stat(input))?.bytes).toBe(10);
    });

    test("an input of many blocks is read whole, and yielded blocks do not change", async () => {
      const content = "abcdefghijklmnopqrstuvwxyz".repeat(100_000);
      const input = await opened.input("large", content);
      expect((await textOf(store, input)) === content).toBe(true);
      expect((await textOf(store, input, 999_999, 2_400_001)) === content.slice(999_999, 2_400_001)).toBe(
        true,
      );
    });

    test("blocks that are handed back do not change what is read", async () => {
      const content = "abcdefghijklmnopqrstuvwxyz".repeat(100_000);
      const input = await opened.input("returned", content);
      const blocks = store.read(input, 0, content.length)[Symbol.asyncIterator]();
      let read = "";
      for (let block = await blocks.next(); block.done !== true; block = await blocks.next(block.value)) {
        read += Buffer.from(block.value).toString("latin1");
      }
      expect(read === content).toBe(true);
    });

    test("reading may stop early", async () => {
      const input = await opened.input("early", "x".repeat(3_000_000));
      for await (const block of store.read(input, 0, 3_000_000)) {
        expect(block.length).toBeGreaterThan(0);
        break;
      }
    });

    test("a missing object has no stat, and a read of it throws INPUT_NOT_FOUND", async () => {
      expect(await store.stat(opened.missing)).toBeNull();
      await expect(drain(store.read(opened.missing, 0, 1))).rejects.toMatchObject({
        code: "INPUT_NOT_FOUND",
      });
      await expect(drain(store.read(opened.missing, 0, 1, "1"))).rejects.toMatchObject({
        code: "INPUT_NOT_FOUND",
      });
    });

    test("a read with the version of a replaced input throws INPUT_CHANGED", async () => {
      const input = await opened.input("changed", "one");
      const version = (await store.stat(input))?.version ?? "";
      expect(await drain(store.read(input, 0, 3, version))).toBe(3);
      await opened.input("changed", "two");
      await expect(drain(store.read(input, 0, 3, version))).rejects.toMatchObject({ code: "INPUT_CHANGED" });
      expect((await store.stat(input))?.version).not.toBe(version);
    });

    test("a segment holds the written bytes, even if the caller reuses its buffer", async () => {
      const bytes = Buffer.from("bytes ");
      const writer = store.create("attempts/x");
      await writer.write(bytes);
      bytes.fill("!");
      await writer.write("é😀");
      const segment = await writer.close();
      expect(segment.length).toBe(12);
      expect(await textOfSegment(store, segment)).toBe("bytes é😀");
    });

    test("an empty range has no bytes, and is refused all the same if the input was replaced or is missing", async () => {
      const input = await opened.input("empty-range", "one");
      const version = (await store.stat(input))?.version ?? "";
      expect(await drain(store.read(input, 2, 2))).toBe(0);
      expect(await drain(store.read(input, 2, 2, version))).toBe(0);
      await opened.input("empty-range", "two");
      await expect(drain(store.read(input, 2, 2, version))).rejects.toMatchObject({ code: "INPUT_CHANGED" });
      await expect(drain(store.read(opened.missing, 2, 2, version))).rejects.toMatchObject({
        code: "INPUT_NOT_FOUND",
      });
    });

    test("an object without bytes is an empty segment", async () => {
      const segment = await write(store);
      expect(segment.length).toBe(0);
      expect(await textOfSegment(store, segment)).toBe("");
      expect(await store.compose("results/nothing", each([segment]))).toBe(0);
      expect((await store.stat("results/nothing"))?.bytes).toBe(0);
    });

    test("objects written at the same time, small and large, do not mix", async () => {
      const sizes = [10, 700_000, 3, 2_500_000, 1_048_576, 40_000];
      const writers = sizes.map((size) => ({ size, writer: store.create("attempts/x") }));
      const letter = (index: number): string => String.fromCharCode(97 + index);
      for (let part = 0; part < 10; part++) {
        for (const [index, { size, writer }] of writers.entries()) {
          const bytes = Math.floor((size * (part + 1)) / 10) - Math.floor((size * part) / 10);
          const text = letter(index).repeat(bytes);
          await writer.write(part % 2 === 0 ? text : Buffer.from(text));
        }
      }
      const segments = await Promise.all(writers.map(({ writer }) => writer.close()));
      for (const [index, segment] of segments.entries()) {
        expect(segment.length).toBe(sizes[index]);
        const text = await textOfSegment(store, segment);
        expect(text === letter(index).repeat(segment.length)).toBe(true);
      }
    });

    test("composing writes pieces in order, and replaces an old object", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.string({ unit: "binary" }))), async (parts) => {
          const pieces: Piece[] = [];
          for (const [stored, text] of parts) pieces.push(stored ? await write(store, text) : { text });
          const whole = parts.map(([, text]) => text).join("");
          expect(await store.compose("results/whole", each(pieces))).toBe(Buffer.byteLength(whole));
          expect(await textOf(store, "results/whole")).toBe(whole);
        }),
        { numRuns: 30 },
      );
    });

    test("composing copies large segments, and parts of segments in any order", async () => {
      const large = await write(store, "0123456789".repeat(250_000));
      const part = (offset: number, length: number): Segment => ({
        name: large.name,
        offset: large.offset + offset,
        length,
      });
      const pieces = [part(5, 10), { text: "|" }, large, part(0, 3), part(3, 2)];
      expect(await store.compose("results/large", each(pieces))).toBe(2_500_016);
      const text = await textOf(store, "results/large");
      expect(text.slice(0, 13)).toBe("5678901234|01");
      expect(text.slice(-7)).toBe("8901234");
    });

    test("an object of several parts has the written bytes, however it was written", async () => {
      const bytes = pattern(17 * MIB + 5);
      const writer = store.create("attempts/x");
      // Writes that cross a border of parts, that end at one, and that are many parts long.
      const cuts = [0, 1, 8 * MIB - 3, 8 * MIB, 8 * MIB + 1, bytes.length];
      for (const [index, from] of cuts.entries())
        await writer.write(bytes.subarray(from, cuts[index + 1] ?? from));
      const segment = await writer.close();
      expect(segment.length).toBe(bytes.length);
      expect(hashOf(await bytesOf(store, segment))).toBe(hashOf(bytes));
      const whole = await write(store, bytes);
      expect(hashOf(await bytesOf(store, whole))).toBe(hashOf(bytes));
    });

    test("composing is exact for pieces of any size, also around 5 MiB and 8 MiB", async () => {
      const bytes = pattern(13 * MIB);
      const large = await write(store, bytes);
      const part = (offset: number, length: number): Segment => ({
        name: large.name,
        offset: large.offset + offset,
        length,
      });
      const least = 5 * MIB;
      const compositions: Piece[][] = [
        [part(0, least), part(7, least - 1), part(9, least + 1)],
        [{ text: "x" }, part(0, least), { text: "y" }],
        [{ text: "x" }, part(3, 2 * least - 1), part(3, 2 * least), { text: "y" }],
        [part(0, 3), part(5, 12 * MIB), part(1, 2)],
        [part(0, 8 * MIB - 1), { text: "é" }, part(0, 8 * MIB)],
        [{ text: "z".repeat(8 * MIB) }],
        [{ text: "z".repeat(8 * MIB + 1) }, { text: "" }, part(3, 0)],
        [
          part(0, 1 * MIB),
          part(1 * MIB, 2 * MIB),
          part(3 * MIB, 3 * MIB),
          part(2, 4 * MIB),
          part(1, 4 * MIB),
        ],
      ];
      for (const pieces of compositions) {
        const expected = Buffer.concat(
          pieces.map((piece) =>
            "text" in piece
              ? Buffer.from(piece.text)
              : bytes.subarray(piece.offset - large.offset, piece.offset - large.offset + piece.length),
          ),
        );
        expect(await store.compose("results/exact", each(pieces))).toBe(expected.length);
        const composed = { name: "results/exact", offset: 0, length: expected.length };
        expect(hashOf(await bytesOf(store, composed))).toBe(hashOf(expected));
        expect((await store.stat("results/exact"))?.bytes).toBe(expected.length);
      }
    });

    test("a failure among the pieces leaves the old object unchanged, however late it is", async () => {
      await store.compose("results/old", each([{ text: "old" }]));
      const large = await write(store, pattern(9 * MIB));
      async function* failing(before: readonly Piece[]): AsyncGenerator<Piece> {
        yield* before;
        throw new Error("no more pieces");
      }
      for (const before of [[], [{ text: "new" }], [large, large, large]]) {
        await expect(store.compose("results/old", failing(before))).rejects.toThrow("no more pieces");
      }
      for (const gone of [1, 6 * MIB]) {
        const pieces = each([large, { name: "segments/none", offset: 0, length: gone }, large]);
        await expect(store.compose("results/old", pieces)).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
      }
      expect(await textOf(store, "results/old")).toBe("old");
    });

    test("an input may have any name", async () => {
      for (const label of ["with space+plus", "per%20cent", "é😀 'quotes\"#?&=;", "a..b"]) {
        const input = await opened.input(label, label);
        expect(await textOf(store, input)).toBe(label);
        expect((await store.stat(input))?.bytes).toBe(Buffer.byteLength(label));
      }
    });

    test("a folder is removed with its objects, however many; its neighbours stay", async () => {
      const names = ["gone/1", "gone/2", "gone/below/3", "gone/4", "gone/5", "gone-not/1", "other/gone/1"];
      for (const label of names) await store.compose(`batches/${label}`, each([{ text: label }]));
      let calls = 0;
      while (!(await store.removeFolder("batches/gone"))) expect(++calls).toBeLessThan(10);
      const left = [];
      for (const label of names) if (await store.stat(`batches/${label}`)) left.push(label);
      expect(left).toEqual(["gone-not/1", "other/gone/1"]);
      expect(await store.removeFolder("batches/gone")).toBe(true);
    });

    test("objects of several batches, written at the same time, do not mix", async () => {
      const writers = ["01B", "01C", "01B"].map((batch) => opened.store.of(batch).create("x"));
      for (const [number, writer] of writers.entries()) await writer.write(`object ${number}`);
      const segments = await Promise.all(writers.map((writer) => writer.close()));
      const texts = await Promise.all(segments.map((segment) => textOfSegment(store, segment)));
      expect(texts).toEqual(["object 0", "object 1", "object 2"]);
    });

    test("composing with a missing piece fails, and the old object stays", async () => {
      await store.compose("results/kept", each([{ text: "old" }]));
      const pieces = each([{ text: "new" }, { name: "segments/none", offset: 0, length: 1 }]);
      await expect(store.compose("results/kept", pieces)).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
      expect(await textOf(store, "results/kept")).toBe("old");
    });
  });
}
