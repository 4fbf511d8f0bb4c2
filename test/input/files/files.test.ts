import { expect, test } from "vitest";
import { FanjoinError } from "../../../src/core/errors/errors.ts";
import type { FileItem } from "../../../src/input/files/file-item.ts";
import { sourceList } from "../../../src/input/sources/source-list.ts";
import { files } from "../../../src/input/files.ts";
import { readerKinds } from "../../../src/input/kinds.ts";
import type { ChunkSize, Range, Reader, ReadRequest, Source } from "../../../src/input/reader.ts";
import type { ObjectStore } from "../../../src/ports.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { cutAll, readAll, type ReadItem } from "../reading.ts";

const kind = readerKinds.files;

interface Listed {
  readonly list: Source;
  readonly store: ObjectStore;
}

/** A list of files with this content, in a store that holds them and the list. */
function listOf(
  contents: { readonly [name: string]: string | Buffer },
  changes?: Partial<Source>,
  blockBytes = 5,
): Listed {
  const objects = Object.fromEntries(
    Object.entries(contents).map(([name, text]) => [name, Buffer.from(text)]),
  );
  const sources = Object.entries(objects).map(([name, bytes]) => ({ ...sourceOf(name, bytes), ...changes }));
  const list = Buffer.from(sourceList(sources));
  const source = { name: "list", label: "files", size: sources.length, version: "1" };
  return { list: source, store: bytesStore({ ...objects, list }, blockBytes) };
}

const INSTANT: ChunkSize = { bytes: Number.MAX_SAFE_INTEGER, items: null };

async function itemsOf({ list, store }: Listed, reader: Reader, size = INSTANT) {
  return (await readAll(reader, list, store, size)).flatMap((chunk) => chunk.items);
}

/** The item of a file that is read on demand. */
function lazy(item: ReadItem | undefined): FileItem {
  return item?.value as FileItem;
}

function many(count: number): Listed {
  const names = Array.from({ length: count }, (_, n) => n);
  return listOf(Object.fromEntries(names.map((n) => [`d/ü${n}.txt`, `x${n}`])), {}, 65_536);
}

test("each file is an item with its text, and its position is the file", async () => {
  const items = await itemsOf(
    listOf({ "in/a.txt": "one\n", "in/sub/ü.txt": "\uFEFFzwö", empty: "" }),
    files({ as: "text" }),
  );
  expect(items.map((item) => item.value)).toEqual([
    { path: "in/a.txt", name: "a.txt", size: 4, text: "one\n" },
    { path: "in/sub/ü.txt", name: "ü.txt", size: 7, text: "zwö" },
    { path: "empty", name: "empty", size: 0, text: "" },
  ]);
  expect(items[1]?.position).toEqual({
    source: "in/sub/ü.txt",
    offset: 0,
    line: null,
    raw: "in/sub/ü.txt",
    key: 1,
  });
});

test("an item can hold the file's bytes, in memory of their own", async () => {
  const [item] = await itemsOf(listOf({ a: Buffer.from([0xef, 0xbb, 0xbf, 0xff]) }), files({ as: "bytes" }));
  expect(item?.value).toEqual({
    path: "a",
    name: "a",
    size: 4,
    bytes: new Uint8Array([0xef, 0xbb, 0xbf, 0xff]),
  });
  expect(item?.value).toHaveProperty("bytes.buffer.byteLength", 4);
});

test("an item can be read on demand: as text, as bytes, or as a stream", async () => {
  const [item] = await itemsOf(listOf({ "x/a.txt": "hello world" }), files());
  const file = lazy(item);
  expect(file).toMatchObject({ path: "x/a.txt", name: "a.txt", size: 11 });
  expect(await file.text()).toBe("hello world");
  expect(Buffer.from(await file.bytes()).toString()).toBe("hello world");
  const blocks: string[] = [];
  for await (const block of file.stream()) blocks.push(Buffer.from(block).toString());
  expect(blocks).toEqual(["hello", " worl", "d"]);
});

test("a file that is not UTF-8 costs one item", async () => {
  const listed = listOf({ a: "ok", bad: Buffer.from([0x66, 0xfc]), b: "ok" });
  const items = await itemsOf(listed, files({ as: "text" }));
  expect(items.map((item) => item.unreadable?.message)).toEqual([
    undefined,
    "is not valid UTF-8: take its bytes instead, with bytes()",
    undefined,
  ]);
  const [, second] = await itemsOf(listed, files());
  await expect(lazy(second).text()).rejects.toMatchObject({
    code: "ITEM_UNREADABLE",
    retryable: false,
  });
});

test("a file that is too large to be held is refused with advice, and can be streamed", async () => {
  const size = 256 * 1024 * 1024 + 1;
  const listed = listOf({ a: "small after all" }, { size });
  const advice = "has 268435457 bytes, more than 256 MiB: read it in blocks, with files() and stream()";
  const [item] = await itemsOf(listed, files({ as: "bytes" }));
  expect(item?.unreadable).toEqual({ code: "ITEM_UNREADABLE", message: advice });
  const [onDemand] = await itemsOf(listed, files());
  await expect(lazy(onDemand).text()).rejects.toThrow(advice);
});

test.each(["INPUT_NOT_FOUND", "INPUT_CHANGED"] as const)(
  "a file with %s is a failed item, and its neighbours are read",
  async (code) => {
    const { list, store } = listOf({ a: "1", b: "2", c: "3" });
    const read: ObjectStore["read"] = (name, ...rest) => {
      if (name === "b") throw new FanjoinError(code, "b is another one now");
      return store.read(name, ...rest);
    };
    const items = await itemsOf({ list, store: { ...store, read } }, files({ as: "text" }));
    expect(items.map((item) => item.unreadable?.message)).toEqual([
      undefined,
      "b is another one now",
      undefined,
    ]);
  },
);

test("an error that may pass is thrown, so that the chunk is retried", async () => {
  const { list, store } = listOf({ a: "1" });
  const read: ObjectStore["read"] = (name, ...rest) => {
    if (name === "a") throw new Error("EIO");
    return store.read(name, ...rest);
  };
  await expect(itemsOf({ list, store: { ...store, read } }, files({ as: "text" }))).rejects.toThrow("EIO");
});

test("a stream ends when the items are no longer wanted", async () => {
  const { list, store } = listOf({ a: "x".repeat(100) });
  const controller = new AbortController();
  const request: ReadRequest = {
    source: list,
    range: { source: 0, start: 0, end: 1 },
    options: {},
    store,
    signal: controller.signal,
  };
  const seen: number[] = [];
  for await (const { values } of kind.read(request)) {
    const reading = async (): Promise<void> => {
      for await (const block of (values[0] as FileItem).stream()) {
        seen.push(block.length);
        controller.abort();
      }
    };
    await expect(reading()).rejects.toThrow(/abort/);
    await expect((values[0] as FileItem).text()).rejects.toThrow(/abort/);
  }
  expect(seen).toEqual([5]);
});

test("the content of files that were taken is not held", async () => {
  const { list, store } = many(3);
  const range: Range = { source: 0, start: 0, end: 3 };
  let before: readonly unknown[] = ["none"];
  for await (const { values } of kind.read({
    source: list,
    range,
    options: files({ as: "text" }).options,
    store,
  })) {
    expect(before).not.toContainEqual(expect.objectContaining({ size: 2 }));
    before = values;
  }
});

test.each([1, 7, 3_000])(
  "chunks of %d files have that many, and together every file once, in order",
  async (items) => {
    const listed = many(2_100);
    const size = { bytes: Number.MAX_SAFE_INTEGER, items };
    const request = { sources: [listed.list], options: files().options, store: listed.store };
    const ranges = await cutAll(kind, { ...request, after: null }, size);
    expect(ranges.at(0)).toEqual({ source: 0, start: 0, end: Math.min(items, 2_100) });
    expect(ranges.slice(0, -1).every(({ start, end }) => end - start === items)).toBe(true);
    const last = ranges.at(-1);
    expect(await cutAll(kind, { ...request, after: last ?? null }, size)).toEqual([]);
    const [item] =
      (await readAll(files({ as: "text" }), listed.list, listed.store, size)).at(-1)?.items.slice(-1) ?? [];
    expect(item?.value).toMatchObject({ path: "d/ü2099.txt", text: "x2099" });
    const after = ranges[Math.floor(ranges.length / 2)] ?? null;
    expect(await cutAll(kind, { ...request, after }, size)).toEqual(
      ranges.slice(Math.floor(ranges.length / 2) + 1),
    );
  },
);

test("a chunk ends where its files have so many bytes, and has at least one", async () => {
  const listed = listOf({ a: "12345", b: "1", c: "1", d: "", e: "123456789", f: "1" });
  const request = { sources: [listed.list], options: files().options, store: listed.store, after: null };
  const ranges = await cutAll(kind, request, { bytes: 6, items: null });
  expect(ranges.map(({ start, end }) => [start, end])).toEqual([
    [0, 2],
    [2, 4],
    [4, 5],
    [5, 6],
  ]);
});

test("files with much content get chunks of their own, for any chunk size", async () => {
  const listed = listOf({ a: "", b: "", c: "" }, { size: 40 * 1024 * 1024 });
  const request = { sources: [listed.list], options: files().options, store: listed.store, after: null };
  const ranges = await cutAll(kind, request, { bytes: Number.MAX_SAFE_INTEGER, items: 10_000 });
  expect(ranges.map(({ end }) => end)).toEqual([1, 2, 3]);
});

test("the position of a file in the list is known from its chunk", async () => {
  const { list, store } = many(9);
  const range = { source: 0, start: 4, end: 9 };
  expect(await kind.origin({ source: list, range, options: {}, store })).toEqual({ items: 4, lines: null });
});

test("an option that makes no sense is refused with the given value", () => {
  const wrong = files as (options: object) => Reader;
  expect(() => wrong({ as: "lines" })).toThrow(/'text' or 'bytes' as as, or nothing; it was given "lines"/);
  expect(() => wrong({ form: "text" })).toThrow(/files\(\) has no option "form"/);
});

test("a list of files that fanjoin did not write is refused", async () => {
  const { list, store } = many(3);
  const text = Buffer.concat(await Array.fromAsync(store.read("list", 0, 1e6))).toString();
  for (const torn of [
    text.replace('{"name"', '{"game"'),
    text.replaceAll("[", "{"),
    text.replaceAll(",", ";"),
  ]) {
    const broken = bytesStore({ list: Buffer.from(torn) }, 65_536);
    await expect(readAll(files(), list, broken, INSTANT)).rejects.toMatchObject({
      code: "DIRECTORY_UNUSABLE",
    });
  }
});
