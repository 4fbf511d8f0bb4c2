import { expect, onTestFinished, test } from "vitest";
import {
  quarantine,
  countDeath,
  parseCrashJournal,
} from "../../../../src/core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import {
  createThreadJournal,
  threadJournals,
  readThreadJournal,
} from "../../../../src/local/threads/thread-journal.ts";
import type { ThreadJournal } from "../../../../src/local/threads/thread-journal.ts";
import { countProcessDeaths, suspiciousKeys } from "../../../../src/local/threads/watching/process-deaths.ts";
import { temporaryDirectory } from "../../../memory/directory.ts";
import { memoryLedger } from "../../../../src/testing/memory/ledger.ts";

function chunk(number: number): ChunkMessage {
  const range = { source: 0, start: number, end: number + 1 };
  return { kind: "chunk", batch: "01A", generation: 0, chunk: number, attempt: 1, ...range };
}

/** A directory in which threads of that name ran, and did what `did` says. */
function diedIn(threads: { readonly [name: string]: (file: ThreadJournal) => void }): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  for (const [name, did] of Object.entries(threads)) {
    did(createThreadJournal(directory.path("state"), name));
  }
  return directory.path("state");
}

const committed = async (): Promise<void> => undefined;

test("a thread's journal says what it has open", () => {
  const directory = diedIn({
    bundle: (file) => file.begin(1, [chunk(3), chunk(40), chunk(5)]),
    careful(file) {
      file.begin(1, [chunk(7)]);
      file.item(1000);
    },
    between(file) {
      file.begin(1, [chunk(7)]);
      file.item(1000);
      file.item(null);
    },
    overlapping(file) {
      file.begin(1, [chunk(3)]);
      file.begin(2, [chunk(4)]);
      file.end(1);
      file.begin(3, [chunk(5)]);
    },
    followed(file) {
      file.begin(1, [chunk(3)]);
      file.end(1, true);
      file.begin(2, [chunk(4)]);
    },
    idle(file) {
      file.begin(1, [chunk(7)]);
      file.end(1);
    },
  });
  expect(readThreadJournal(directory, "bundle")).toMatchObject([{ chunks: [3, 40, 5], item: null }]);
  expect(readThreadJournal(directory, "careful")).toMatchObject([{ batch: "01A", chunks: [7], item: 1000 }]);
  expect(readThreadJournal(directory, "between")).toMatchObject([{ chunks: [7], item: null }]);
  expect(readThreadJournal(directory, "overlapping")).toMatchObject([{ chunks: [4] }, { chunks: [5] }]);
  expect(readThreadJournal(directory, "followed")).toMatchObject([{ chunks: [4] }]);
  expect(readThreadJournal(directory, "idle")).toEqual([]);
  expect(readThreadJournal(directory, "nobody")).toEqual([]);
});

test("chunks that were open when their process died are counted once, and those that were done are not", async () => {
  const directory = diedIn({
    one: (file) => file.begin(1, [chunk(0), chunk(1)]),
    two(file) {
      file.begin(1, [chunk(2)]);
      file.end(1);
    },
  });
  const ledger = memoryLedger();
  await countProcessDeaths(directory, ledger, committed);
  await countProcessDeaths(directory, ledger, committed);
  expect(threadJournals(directory)).toEqual([]);
  const keys = ["journal/01A/0/0", "journal/01A/0/1"];
  expect(keys.map((key) => parseCrashJournal(ledger.records.get(key) ?? null).deaths)).toEqual([1, 1]);
  expect(parseCrashJournal(ledger.records.get("journal/01A/0/2") ?? null).deaths).toBe(0);
});

test("one death is nothing against a chunk, two are, and so is an item that was quarantined", async () => {
  const ledger = memoryLedger();
  for (const chunks of [[0, 1], [1]]) {
    const directory = diedIn({
      one: (file) =>
        file.begin(
          1,
          chunks.map((one) => chunk(one)),
        ),
    });
    await countProcessDeaths(directory, ledger, committed);
  }
  const error = { name: "CrashError", message: "" };
  await ledger.update(quarantine(chunk(2), { index: 0, code: "ITEM_CRASHED", error, attempts: 1 }));
  expect(await suspiciousKeys(ledger, "01A")).toEqual(["journal/01A/0/1", "journal/01A/0/2"]);
});

test("nothing of a death is forgotten before it is durable", async () => {
  const directory = diedIn({ one: (file) => file.begin(1, [chunk(0)]) });
  const full = async (): Promise<void> => Promise.reject(new Error("the disk is full"));
  await expect(countProcessDeaths(directory, memoryLedger(), full)).rejects.toThrow("full");
  expect(threadJournals(directory)).toEqual(["one"]);
});

test("all journals of a batch are found, however many they are", async () => {
  const many = Array.from({ length: 450 }, (_, number) => chunk(number));
  const directory = diedIn({ one: (file) => file.begin(1, many) });
  const ledger = memoryLedger();
  await countProcessDeaths(directory, ledger, committed);
  for (const one of many) await ledger.update(countDeath(one));
  expect(new Set(await suspiciousKeys(ledger, "01A")).size).toBe(450);
  expect(await suspiciousKeys(ledger, "01B")).toEqual([]);
});
