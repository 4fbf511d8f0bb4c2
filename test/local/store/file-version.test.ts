/** Which changes of a user's file are noticed, and which are none. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { identityOf, sealOf } from "../../../src/input/sources/source-version.ts";
import { openForReading } from "../../../src/local/store/open-file.ts";
import { createLocalStore } from "../../../src/local/store/store.ts";
import { temporaryDirectory } from "../../memory/directory.ts";

const BYTES = 200_000;

interface Input {
  readonly path: string;
  readonly sealed: string;
  /** Reads it from beginning to end. */
  readonly read: (version: string) => Promise<number>;
}

function input(bytes = BYTES): Input {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  const path = directory.path("in.txt");
  writeFileSync(path, "x".repeat(bytes));
  // A time with nanoseconds cannot be put back exactly.
  utimesSync(path, 1e9, 1e9);
  const store = createLocalStore({ directory: directory.path("state"), segmentName: "none" });
  const file = openForReading(path);
  const sealed = file.sealed();
  file.close();
  return {
    path,
    sealed,
    async read(version) {
      let read = 0;
      for await (const block of store.read(pathToFileURL(path).href, 0, bytes, version)) read += block.length;
      return read;
    },
  };
}

/** Writes in place, and puts the time back. */
function change(path: string, position: number): void {
  const file = openSync(path, "r+");
  writeSync(file, "y", position);
  closeSync(file);
  utimesSync(path, 1e9, 1e9);
}

test.for([0, 16_383, BYTES - 16_384, BYTES - 1])(
  "a byte that is changed in place, with size and time kept, is noticed at %i",
  async (position) => {
    const { path, sealed, read } = input();
    change(path, position);
    expect(statSync(path).mtimeMs).toBe(1e12);
    await expect(read(sealed)).rejects.toMatchObject({ code: "INPUT_CHANGED" });
    // A batch of an earlier fanjoin has no seal.
    expect(await read(identityOf(sealed))).toBe(BYTES);
  },
);

test("such a change between the two blocks is not noticed", async () => {
  const { path, sealed, read } = input();
  change(path, BYTES / 2);
  expect(await read(sealed)).toBe(BYTES);
});

test.for([0, 1, 32_768])("a file of %i bytes is read with its seal", async (bytes) => {
  const { path, sealed, read } = input(bytes);
  chmodSync(path, 0o600);
  expect(await read(sealed)).toBe(bytes);
  if (bytes === 0) return;
  change(path, Math.floor(bytes / 2));
  await expect(read(sealed)).rejects.toMatchObject({ code: "INPUT_CHANGED" });
});

test.for<[string, (path: string) => void]>([
  ["mode", (path) => chmodSync(path, 0o600)],
  ["link", (path) => linkSync(path, `${path}.link`)],
  [
    "name, and its old one again",
    (path) => {
      renameSync(path, `${path}.moved`);
      renameSync(`${path}.moved`, path);
    },
  ],
  ["time of access", (path) => utimesSync(path, 2e9, 1e9)],
])("another %s is no change", async ([, touch]) => {
  const { path, sealed, read } = input();
  const before = statSync(path).ctimeMs;
  touch(path);
  expect(statSync(path).ctimeMs).toBeGreaterThan(before);
  expect(await read(sealed)).toBe(BYTES);
});

test("a seal is no part of the identity", () => {
  expect(identityOf("5-1-2#9-a.b")).toBe("5-1-2");
  expect(identityOf('"etag"')).toBe('"etag"');
  expect([sealOf("5-1-2#9-a.b"), sealOf("5-1-2")]).toEqual(["9-a.b", null]);
});

test.skipIf(process.platform === "win32").for<[string, (path: string) => void]>([
  ["a pipe", (path) => void execFileSync("mkfifo", [path])],
  ["a device", (path) => symlinkSync("/dev/zero", path)],
  ["a directory", (path) => mkdirSync(path)],
  [
    "a socket",
    (path) => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
    },
  ],
])("%s in the place of a file is refused, and not waited for", async ([what, make]) => {
  const { path, sealed, read } = input();
  rmSync(path);
  make(path);
  await expect.poll(() => statSync(path, { throwIfNoEntry: false })).toBeDefined();
  await expect(read(sealed)).rejects.toMatchObject({
    code: "INPUT_CHANGED",
    message: `${path} is ${what} now, and was a file when the batch was planned from it. Put the original back, or submit a new batch.`,
  });
});
