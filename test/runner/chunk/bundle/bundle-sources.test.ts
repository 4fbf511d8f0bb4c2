/** The sources of a bundle whose batch has a list of them in the store. */
import { expect, test } from "vitest";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { placeIn, runFrom } from "../../../../src/core/records/source-run.ts";
import type { Source } from "../../../../src/input/reader.ts";
import { sourceList } from "../../../../src/input/sources/source-list.ts";
import { withSources } from "../../../../src/runner/chunk/bundle/bundle-sources.ts";
import type { ChunksRequest } from "../../../../src/runner/runner.ts";
import { memoryStore } from "../../../../src/testing/memory/store.ts";

const SOURCES: readonly Source[] = Array.from({ length: 2000 }, (_, n) => {
  return { name: `in/${n}`, label: `${n}`, size: n, version: "1" };
});

/** A store with lists of the same sources, which counts its reads. */
function stored() {
  const kept = memoryStore(65_536);
  const reads: string[] = [];
  const store: typeof kept = {
    ...kept,
    read: (name, ...range) => (reads.push(name), kept.read(name, ...range)),
  };
  const listed = (name: string): BatchSpec["input"]["list"] => {
    if (!kept.names().includes(name)) kept.put(name, sourceList(SOURCES));
    const version = String(kept.names().indexOf(name) + 1);
    return { name, version, count: SOURCES.length, bytes: 9, lastBytes: 9, measured: true };
  };
  return { store, reads, listed };
}

const chunk = (source: number, more: Partial<ChunkMessage> = {}): ChunkMessage => {
  const base = { kind: "chunk", batch: "01A", generation: 0, chunk: 0, attempt: 1 } as const;
  return { ...base, source, start: 0, end: 5, ...more } as ChunkMessage;
};

function request(list: BatchSpec["input"]["list"], chunks: readonly ChunkMessage[]): ChunksRequest {
  const input = { reader: "lines", options: {}, sources: [], ...(list ? { list } : {}) };
  return { spec: { input } as unknown as BatchSpec, chunks, careful: null };
}

const present = ({ spec }: ChunksRequest): string[] =>
  Object.entries(spec.input.sources).map(([number, { label }]) => `${number}=${label}`);

test("a request whose sources are in the record is as it was", () => {
  const { store, reads } = stored();
  const asked = request(undefined, [chunk(3)]);
  expect(withSources(store, asked)).toBe(asked);
  expect(reads).toEqual([]);
});

test("the sources of the chunks are in their places, and no others", async () => {
  const { store, listed } = stored();
  const run = { ...runFrom(10, { sources: 3, bytes: 30 }) };
  const part = { ...chunk(20, { ...runFrom(20, { sources: 5, bytes: 30 }) }), start: placeIn(2, 7) };
  const asked = request(listed("list"), [chunk(3), chunk(1999), chunk(10, run), part]);
  const made = await withSources(store, asked);
  expect(present(made)).toEqual([3, 10, 11, 12, 20, 22, 23, 24, 1999].map((number) => `${number}=${number}`));
  expect(made.spec.input.sources).toHaveLength(SOURCES.length);
  expect(made.chunks).toBe(asked.chunks);
});

test("a source beyond the end of the list is missing, as it would be in the record", async () => {
  const { store, listed } = stored();
  expect(present(await withSources(store, request(listed("list"), [chunk(2000), chunk(1)])))).toEqual([
    "1=1",
  ]);
});

test("neighbouring chunks of later bundles find their sources in what was read, of eight lists", async () => {
  const { store, reads, listed } = stored();
  const read = async (name: string, source: number): Promise<number> => {
    const before = reads.length;
    await withSources(store, request(listed(name), [chunk(source)]));
    return reads.length - before;
  };
  expect(await read("list 0", 5)).toBeGreaterThan(0);
  expect([await read("list 0", 6), await read("list 0", 400)]).toEqual([0, 0]);
  for (let n = 1; n < 8; n++) await read(`list ${n}`, 5);
  expect(await read("list 0", 7)).toBe(0);
  // The ninth takes the place of the first.
  expect(await read("list 8", 5)).toBeGreaterThan(0);
  expect(await read("list 7", 6)).toBe(0);
  expect(await read("list 0", 7)).toBeGreaterThan(0);
});
