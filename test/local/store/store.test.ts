import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import type { Piece } from "../../../src/core/records/contribution.ts";
import { syncPaths } from "../../../src/local/store/sync.ts";
import { textOf } from "../../contract/store-texts.ts";
import { directory, eachTestHasAStore, open, store, whole, write } from "./each-test-store.ts";

eachTestHasAStore();

test("small objects lie side by side in the thread's one file", async () => {
  const writers = [store.create("a"), store.create("b")];
  await writers[0]?.write("first");
  await writers[1]?.write("second");
  expect(await writers[1]?.close()).toMatchObject({ name: "segments/01A/1-0", offset: 0, length: 6 });
  expect(await writers[0]?.close()).toMatchObject({ name: "segments/01A/1-0", offset: 6, length: 5 });
  expect(await textOf(store, "segments/01A/1-0")).toBe("secondfirst");
});

test("a large object has a file of its own, a small one after it has not", async () => {
  expect(await write("x".repeat(1_500_000))).toBe("segments/01A/1-0-1");
  expect(await write("é".repeat(800_000))).toBe("segments/01A/1-0-2");
  expect(await write("x".repeat(600_000))).toBe("segments/01A/1-0");
  expect((await store.stat("segments/01A/1-0-2"))?.bytes).toBe(1_600_000);
});

test("touched files are named once, with the directory of new files, and can be synced", async () => {
  await write("one");
  await write("two");
  const first = whole.touched();
  expect(first.toSorted()).toEqual(
    ["state/segments", "state/segments/01A", "state/segments/01A/1-0"].map((path) => directory.path(path)),
  );
  await syncPaths(first);
  expect(whole.touched()).toEqual([]);
  await write("three");
  expect(whole.touched()).toEqual([directory.path("state/segments/01A/1-0")]);
  await write("x".repeat(1_500_000));
  expect(whole.touched()).toHaveLength(3);
});

test("each batch has a folder of its own; a batch that comes back after many others gets another file", async () => {
  const nameOf = async (batch: string): Promise<string> => write(batch, whole.of(batch));
  expect(await nameOf("01A")).toBe("segments/01A/1-0");
  expect(await nameOf("01B")).toBe("segments/01B/1-0b2");
  expect(await nameOf("01A")).toBe("segments/01A/1-0");
  for (let number = 0; number < 64; number++) await nameOf(`02${number}`);
  const again = await nameOf("01A");
  expect(again).toBe("segments/01A/1-0b67");
  expect(whole.touched()).toContain(directory.path("state/segments/01A/1-0"));
  expect(await textOf(store, again)).toBe("01A");
});

test.runIf(existsSync("/proc/self/fd"))("no file stays open between two requests", async () => {
  await write("one");
  const file = directory.path("state/segments/01A/1-0");
  const isOpen = (): boolean =>
    readdirSync("/proc/self/fd").some((fd) => linkOf(`/proc/self/fd/${fd}`) === file);
  expect(isOpen()).toBe(true);
  whole.touched();
  expect(isOpen()).toBe(false);
  await write("two");
  expect(readFileSync(file, "utf8")).toBe("onetwo");
});

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

test("an object without a batch is refused, and a link in place of a folder is removed, not followed", async () => {
  expect(() => whole.create("x")).toThrow(/belongs to a batch/);
  mkdirSync(directory.path("mine"));
  writeFileSync(directory.path("mine/precious"), "1");
  mkdirSync(directory.path("state/batches"), { recursive: true });
  symlinkSync(directory.path("mine"), directory.path("state/batches/01A"));
  expect(await whole.removeFolder("batches/01A")).toBe(true);
  expect(readdirSync(directory.path("mine"))).toEqual(["precious"]);
  rmSync(directory.path("state/batches"), { recursive: true });
  symlinkSync(directory.path("mine"), directory.path("state/batches"));
  await expect(whole.removeFolder("batches/precious")).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  expect(readdirSync(directory.path("mine"))).toEqual(["precious"]);
});

test("a store that only reads makes no files", async () => {
  await store.create("nothing").close();
  expect(whole.touched()).toEqual([]);
  expect(readdirSync(directory.path())).toEqual([]);
});

test.for([1, 2_000_000])("two writers never share a file (%i bytes)", async (bytes) => {
  const mine = await write("m".repeat(bytes));
  const other = open("1-0").of("01A");
  await expect(write("t".repeat(bytes), other)).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  expect(await textOf(store, mine)).toBe("m".repeat(bytes));
});

test.for(["../up", "a/../../up", "/etc/passwd", "", "a//b", "./a", "a\\b", "s3:/bucket/key", "C:/x", "a\0"])(
  "the name %j is refused",
  async (name) => {
    await expect(store.stat(name)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(store.compose(name, (async function* () {})())).rejects.toMatchObject({
      code: "INPUT_INVALID",
    });
  },
);

test("an object on S3 is a user's input: nothing is ever written there", async () => {
  const composed = store.compose("s3://bucket/key", (async function* () {})());
  await expect(composed).rejects.toMatchObject({ code: "INPUT_INVALID" });
});

test("a composed object appears whole, and leaves nothing beside it", async () => {
  await store.compose(
    "batches/b/result.json",
    (async function* () {
      yield { text: "{}" };
      expect(await store.stat("batches/b/result.json")).toBeNull();
    })(),
  );
  expect(readdirSync(directory.path("state/batches/b"))).toEqual(["result.json"]);
  const failing = store.compose(
    "batches/b/outputs.jsonl",
    // oxlint-disable-next-line require-yield
    (async function* () {
      throw new Error("the ledger is gone");
    })(),
  );
  await expect(failing).rejects.toThrow(/outputs\.jsonl cannot be written: the ledger is gone\./);
  expect(readdirSync(directory.path("state/batches/b"))).toEqual(["result.json"]);
});

test("a segment that ends early is missing, not short", async () => {
  const name = await write("0123456789");
  const composed = store.compose(
    "whole",
    (async function* () {
      yield { name, offset: 5, length: 6 };
    })(),
  );
  await expect(composed).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
});

test("segments of two files are two pieces, though one begins where the other ends", async () => {
  const other = open("1-1");
  await write("one\n");
  await write("losttwo\n", other.of("01A"));
  async function* pieces(): AsyncGenerator<Piece> {
    yield { name: "segments/01A/1-0", offset: 0, length: 4 };
    // An offset that continues the first file.
    yield { name: "segments/01A/1-1", offset: 4, length: 4 };
  }
  expect(await store.compose("whole", pieces())).toBe(8);
  expect(await textOf(store, "whole")).toBe("one\ntwo\n");
  other.close();
});

test("segments of one file with a gap between them are two pieces, and empty ones are none", async () => {
  await write("one\nTWO\nthree\n");
  const part = (offset: number, length: number): Piece => ({ name: "segments/01A/1-0", offset, length });
  async function* pieces(): AsyncGenerator<Piece> {
    yield part(0, 4);
    yield part(4, 0);
    yield part(8, 3);
    yield part(0, 0);
    yield part(11, 3);
  }
  expect(await store.compose("whole", pieces())).toBe(10);
  expect(await textOf(store, "whole")).toBe("one\nthree\n");
});

test("objects follow each other in their file without a gap", async () => {
  const first = store.create("a");
  await first.write("one");
  const one = await first.close();
  const second = store.create("b");
  await second.write("two");
  const two = await second.close();
  expect([one, two]).toMatchObject([
    { offset: 0, length: 3 },
    { offset: 3, length: 3 },
  ]);
  expect(readFileSync(directory.path("state", one.name), "utf8")).toBe("onetwo");
});

test("texts and bytes of one object may be mixed, whatever their sizes", async () => {
  const writer = store.create("x");
  const parts = [
    "é".repeat(5_000),
    Buffer.alloc(20_000, 1),
    "z".repeat(400_000),
    "ü",
    Buffer.alloc(900_000, 2),
    "end",
  ];
  for (const part of parts) await writer.write(part);
  const { name, offset, length } = await writer.close();
  const expected = Buffer.concat(parts.map((part) => Buffer.from(part)));
  expect(length).toBe(expected.length);
  const found = Buffer.concat(await Array.fromAsync(store.read(name, offset, offset + length)));
  expect(found.equals(expected)).toBe(true);
});
