/** Composed objects: when they are on disk, and which files are open meanwhile. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { Piece } from "../../../src/core/records/contribution.ts";
import { createLocalStore } from "../../../src/local/store/store.ts";
import type { LocalStore } from "../../../src/local/store/store.ts";
import { syncPaths } from "../../../src/local/store/sync.ts";
import { textOf } from "../../contract/store-texts.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import type { TemporaryDirectory } from "../../memory/directory.ts";
import { NAMES_DESCRIPTORS, openFilesIn, syncsOf } from "./syncs.ts";

interface Local {
  readonly directory: TemporaryDirectory;
  readonly open: (segmentName: string) => LocalStore;
}

function local(): Local {
  const directory = temporaryDirectory();
  const opened: LocalStore[] = [];
  onTestFinished(() => {
    for (const store of opened) store.close();
    directory.remove();
  });
  const open = (segmentName: string): LocalStore => {
    const store = createLocalStore({ directory: directory.path(), segmentName });
    opened.push(store);
    return store;
  };
  return { directory, open };
}

async function* each(pieces: Iterable<Piece>): AsyncGenerator<Piece> {
  yield* pieces;
}

test.runIf(NAMES_DESCRIPTORS)(
  "an object and its name are on disk when it is composed; one that the record keeps is not synced",
  async () => {
    const { directory, open } = local();
    const store = open("1-0");
    const pieces = (): AsyncGenerator<Piece> => each([{ text: "text" }]);
    const object = directory.path("batches/01A/outputs.jsonl");
    expect(await syncsOf(() => store.compose("batches/01A/outputs.jsonl", pieces()))).toEqual([
      object,
      directory.path("batches/01A"),
    ]);
    expect(await syncsOf(() => store.compose("batches/01A/result.json", pieces(), { kept: true }))).toEqual(
      [],
    );
    expect(
      await syncsOf(() => store.compose("batches/01A/result.json", pieces(), { kept: false })),
    ).toHaveLength(2);
  },
);

test("a path that is gone cannot be synced, and the failure is told", async () => {
  const { directory } = local();
  await expect(syncPaths([directory.path(), directory.path("gone")])).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test.runIf(NAMES_DESCRIPTORS)(
  "nothing stays open after syncing or composing, nor after a failure",
  async () => {
    const { directory, open } = local();
    const store = open("1-0");
    const writer = store.of("01A").create("x");
    await writer.write("text");
    const segment = await writer.close();
    await syncPaths(store.touched());
    await store.compose("batches/01A/outputs.jsonl", each([segment, { text: "more" }]));
    const failing = store.compose("batches/01A/outputs.jsonl", each([segment, { ...segment, offset: 9 }]));
    await expect(failing).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
    expect(openFilesIn(directory.path())).toEqual([]);
  },
);

test.runIf(NAMES_DESCRIPTORS)("closing a store closes the file that it wrote last", async () => {
  const { directory, open } = local();
  const store = open("1-0");
  const writer = store.of("01A").create("x");
  await writer.write("text");
  await writer.close();
  expect(openFilesIn(directory.path())).toEqual([directory.path("segments/01A/1-0")]);
  store.close();
  expect(openFilesIn(directory.path())).toEqual([]);
});

test.runIf(NAMES_DESCRIPTORS)(
  "segments of many files are composed with few of them open at once",
  async () => {
    const { directory, open } = local();
    const segments: Piece[] = [];
    for (let thread = 0; thread < 40; thread++) {
      const written = open(`1-${thread}`);
      const writer = written.of("01A").create("x");
      await writer.write(`${thread},`);
      segments.push(await writer.close());
      written.close();
    }
    const store = open("main");
    let most = 0;
    async function* pieces(): AsyncGenerator<Piece> {
      for (const piece of [...segments, ...segments.slice(35)]) {
        yield piece;
        yield { text: ";" };
        most = Math.max(most, openFilesIn(directory.path("segments")).length);
      }
    }
    await store.compose("batches/01A/outputs.jsonl", pieces());
    const numbers = [...Array.from({ length: 40 }, (_, number) => number), 35, 36, 37, 38, 39];
    expect(await textOf(store, "batches/01A/outputs.jsonl")).toBe(
      numbers.map((number) => `${number},;`).join(""),
    );
    expect(most).toBe(32);
  },
);

test("nothing is composed in a folder that is a link", async () => {
  const { directory, open } = local();
  mkdirSync(directory.path("elsewhere"));
  mkdirSync(directory.path("batches"));
  symlinkSync(directory.path("elsewhere"), directory.path("batches/01A"));
  const composed = open("1-0").compose("batches/01A/result.json", each([{ text: "{}" }]));
  await expect(composed).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  expect(readdirSync(directory.path("elsewhere"))).toEqual([]);
});

test("an empty range of an object needs no file", async () => {
  const { directory, open } = local();
  const store = open("1-0");
  const segment = await store.of("01A").create("x").close();
  if (!("name" in segment)) throw new Error("not a segment");
  expect(existsSync(directory.path(segment.name))).toBe(false);
  expect(await textOf(store, segment.name, 0, segment.length)).toBe("");
});
