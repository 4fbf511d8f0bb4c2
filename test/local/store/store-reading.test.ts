/** Reading from the local store: users' inputs that change, blocks, and open files. */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { createLocalStore } from "../../../src/local/store/store.ts";
import { directory, drain, eachTestHasAStore, store } from "./each-test-store.ts";

eachTestHasAStore();

test("each way of changing an input is noticed: replaced by a file alike, appended to, cut while it is read", async () => {
  const path = directory.path("input");
  const { href } = pathToFileURL(path);
  const version = async (): Promise<string> => (await store.stat(href))?.version ?? "";
  const changed = { code: "INPUT_CHANGED", message: expect.stringContaining(path) };

  writeFileSync(path, "same");
  let planned = await version();
  writeFileSync(`${path}.new`, "same");
  renameSync(`${path}.new`, path);
  await expect(drain(store.read(href, 0, 4, planned))).rejects.toMatchObject(changed);

  planned = await version();
  appendFileSync(path, "!");
  await expect(drain(store.read(href, 0, 4, planned))).rejects.toMatchObject(changed);

  writeFileSync(path, "x".repeat(3_000_000));
  planned = await version();
  const blocks = store.read(href, 0, 3_000_000, planned)[Symbol.asyncIterator]();
  await blocks.next();
  truncateSync(path, 10);
  await expect(drain({ [Symbol.asyncIterator]: () => blocks })).rejects.toMatchObject(changed);
});

test("a directory is not an object, and a missing input is named", async () => {
  mkdirSync(directory.path("folder"));
  const { href } = pathToFileURL(directory.path("folder"));
  expect(await store.stat(href)).toBeNull();
  await expect(drain(store.read(href, 0, 1))).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
  const missing = pathToFileURL(directory.path("none.csv")).href;
  await expect(drain(store.read(missing, 0, 1))).rejects.toThrow(
    `There is no file ${directory.path("none.csv")}.`,
  );
});

test("files are closed again, after reading to the end, stopping early, and failing", async () => {
  const path = directory.path("input");
  const { href } = pathToFileURL(path);
  writeFileSync(path, "x".repeat(2_000_000));
  const openFiles = (): number => readdirSync("/proc/self/fd").length;
  const before = openFiles();
  for (let round = 0; round < 20; round++) {
    await drain(store.read(href, 0, 2_000_000));
    for await (const block of store.read(href, 0, 2_000_000)) if (block.length > 0) break;
    await expect(drain(store.read(href, 0, 1, "other"))).rejects.toThrow(/changed/);
  }
  expect(openFiles()).toBeLessThan(before + 20);
  expect(statSync(path).size).toBe(2_000_000);
});

test.for([64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 300_000])(
  "a block of %i bytes is read whole, from any position",
  async (bytes) => {
    const writer = store.create("x");
    const text = Buffer.from(Array.from({ length: bytes + 10 }, (_, at) => at % 251));
    await writer.write(text);
    const { name, offset } = await writer.close();
    const blocks = await Array.fromAsync(store.read(name, offset + 7, offset + 7 + bytes));
    expect(Buffer.concat(blocks).equals(text.subarray(7, 7 + bytes))).toBe(true);
  },
);

test.each([true, false])("blocks are read without a turn of the event loop: %s", async (atOnce) => {
  const path = directory.path("large.txt");
  const text = "0123456789abcdef".repeat(64 * 1024);
  writeFileSync(path, text);
  const reading = createLocalStore({
    directory: directory.path("state"),
    segmentName: "1-1",
    readsAtOnce: () => atOnce,
  });
  let turned = false;
  setImmediate(() => (turned = true));
  const blocks: Uint8Array[] = [];
  for await (const block of reading.read(pathToFileURL(path).href, 5, text.length)) blocks.push(block);
  expect(turned).toBe(!atOnce);
  expect(Buffer.concat(blocks).toString()).toBe(text.slice(5));
});

test("a consumer that hands blocks back gets larger ones, with the same bytes", async () => {
  const path = directory.path("large.txt");
  const text = "0123456789abcdef".repeat(256 * 1024 + 7);
  writeFileSync(path, text);
  const sum = createHash("sha256");
  const lengths = new Set<number>();
  const blocks = store.read(pathToFileURL(path).href, 5, text.length)[Symbol.asyncIterator]();
  let spare: Uint8Array | undefined;
  for (;;) {
    const next: IteratorResult<Uint8Array, unknown> = await blocks.next(spare);
    if (next.done === true) break;
    sum.update(next.value);
    lengths.add(next.value.length);
    spare = next.value;
  }
  expect([...lengths].slice(0, 2)).toEqual([256 * 1024, 1024 * 1024]);
  expect(sum.digest("hex")).toBe(createHash("sha256").update(text.slice(5)).digest("hex"));
});
