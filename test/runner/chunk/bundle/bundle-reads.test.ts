import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import { csv } from "../../../../src/input/csv.ts";
import { readerKinds } from "../../../../src/input/kinds.ts";
import { lines } from "../../../../src/input/lines.ts";
import type { Range, Reader } from "../../../../src/input/reader.ts";
import type { ObjectStore } from "../../../../src/ports.ts";
import { bundleReads } from "../../../../src/runner/chunk/bundle/bundle-reads.ts";
import { bytesStore, sourceOf } from "../../../input/bytes-store.ts";
import type { BytesStore } from "../../../input/bytes-store.ts";
import { cutAll, readChunk } from "../../../input/reading.ts";

const NAME = "s3://b/in.txt";

const byNumber = (one: unknown, other: unknown): number => Number(one) - Number(other);

interface Counting {
  readonly store: ObjectStore;
  readonly bytes: BytesStore;
  /** `start` and `end` of each request. */
  readonly requests: (readonly [number, number])[];
}

/** A store whose reads are requests. */
function counting(text: string, blockBytes: number): Counting {
  const bytes = bytesStore({ [NAME]: Buffer.from(text) }, blockBytes);
  const requests: (readonly [number, number])[] = [];
  const store: ObjectStore = {
    ...bytes,
    remote: () => true,
    read(name, start, end, version) {
      requests.push([start, end]);
      return bytes.read(name, start, end, version);
    },
  };
  return { store, bytes, requests };
}

function messageOf({ source, start, end }: Range, chunk: number): ChunkMessage {
  return { kind: "chunk", batch: "b", generation: 0, chunk, attempt: 1, source, start, end };
}

function specOf(reader: Reader, text: string): BatchSpec {
  const sources = [sourceOf(NAME, Buffer.from(text))];
  return { input: { reader: reader.kind, options: reader.options, sources } } as unknown as BatchSpec;
}

interface Bundled {
  readonly values: readonly unknown[];
  readonly requests: Counting["requests"];
  readonly open: number;
}

/** Reads the ranges one after the other, as the chunks of one bundle. */
async function readBundle(
  reader: Reader,
  text: string,
  ranges: readonly Range[],
  blockBytes: number,
): Promise<Bundled> {
  const { store, bytes, requests } = counting(text, blockBytes);
  const source = sourceOf(NAME, Buffer.from(text));
  const reads = bundleReads(store, { spec: specOf(reader, text), chunks: ranges.map(messageOf) });
  if (reads === null) throw new Error("the reads of a remote object are shared");
  const values: unknown[] = [];
  for (const range of ranges) {
    const { items } = await readChunk(reader, source, range, reads.store);
    values.push(...items.map(({ value }) => value));
  }
  await reads.close();
  return { values, requests, open: bytes.open() };
}

async function rangesOf(reader: Reader, text: string, bytes: number): Promise<Range[]> {
  const { store } = counting(text, 65_536);
  const request = { sources: [sourceOf(NAME, Buffer.from(text))], options: reader.options, store };
  return cutAll(readerKinds[reader.kind], { ...request, after: null }, { bytes, items: null });
}

test("neighbouring ranges of one object are read by one request, whatever their sizes", async () => {
  const line = fc.stringMatching(/^[a-z]{0,30}$/);
  const size = fc.integer({ min: 1, max: 60 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1 }),
      size,
      size,
      fc.boolean(),
      async (all, bytes, block, ended) => {
        const text = all.join("\n") + (ended ? "\n" : "x");
        const ranges = await rangesOf(lines(), text, bytes);
        fc.pre(ranges.length > 0);
        const { values, requests, open } = await readBundle(lines(), text, ranges, block);
        expect(values).toEqual(text.replace(/\n$/, "").split("\n"));
        expect(requests).toHaveLength(1);
        expect(open).toBe(0);
      },
    ),
  );
});

test("rows of CSV share a request, too; the header is read once more", async () => {
  const rows = Array.from({ length: 2000 }, (_, n) => `${n},"a\n${"x".repeat(n % 70)}"`);
  const text = `n,text\n${rows.join("\n")}\n`;
  const ranges = await rangesOf(csv(), text, 5000);
  const { values, requests } = await readBundle(csv(), text, ranges, 700);
  expect(ranges.length).toBeGreaterThan(10);
  expect(values).toHaveLength(2000);
  expect(values.at(-1)).toMatchObject({ n: "1999" });
  expect(requests.map(([start]) => start)).toEqual([0, ranges[0]?.start]);
});

test("a chunk that is missing between others, or comes before them, costs a request at most", async () => {
  const text = Array.from({ length: 200_000 }, (_, n) => `${n}\n`).join("");
  const ranges = await rangesOf(lines(), text, 400_000);
  const [first, , third] = ranges;
  if (!first || !third) throw new Error("the text is cut into three ranges at least");
  const there = await readBundle(lines(), text, [first, third], 65_536);
  const back = await readBundle(lines(), text, [third, first], 65_536);
  expect([there.requests.length, back.requests.length]).toEqual([2, 2]);
  expect(back.values.toSorted(byNumber)).toEqual(there.values);
});

test("little is kept of a long stretch: a line that is longer than that costs its neighbour a request", async () => {
  const text = `${"a".repeat(1000)}\n${"b".repeat(3_000_000)}\n${"c".repeat(1000)}\n`;
  const ranges = await rangesOf(lines(), text, 500_000);
  const { values, requests, open } = await readBundle(lines(), text, ranges, 65_536);
  expect(values).toEqual(text.trimEnd().split("\n"));
  expect(requests.length).toBeLessThanOrEqual(ranges.length * 2);
  expect(open).toBe(0);
});

test("a read that begins while another one is under way has a request of its own", async () => {
  const text = "abc\n".repeat(100_000);
  const { store, requests } = counting(text, 1000);
  const ranges = await rangesOf(lines(), text, 50_000);
  const reads = bundleReads(store, { spec: specOf(lines(), text), chunks: ranges.map(messageOf) });
  if (!reads) throw new Error("the reads of a remote object are shared");
  const [first, second] = ranges;
  const source = sourceOf(NAME, Buffer.from(text));
  const both = [first, second].map((range) => readChunk(lines(), source, range as Range, reads.store));
  const counts = (await Promise.all(both)).map(({ items }) => items.length);
  await reads.close();
  expect(counts).toEqual([12_500, 12_500]);
  expect(requests.length).toBeGreaterThanOrEqual(2);
});

test("where reads are not requests, nothing is shared", async () => {
  const bytes = bytesStore({ [NAME]: Buffer.from("a\n") });
  expect(bundleReads(bytes, { spec: specOf(lines(), "a\n"), chunks: [] })).toBe(null);
  const local: ObjectStore = { ...bytes, remote: () => false };
  const chunks = [messageOf({ source: 0, start: 0, end: 2 }, 0)];
  expect(bundleReads(local, { spec: specOf(lines(), "a\n"), chunks })).toBe(null);
});
