import { expect, onTestFinished, test } from "vitest";
import { parseJournal } from "../../src/core/journal.ts";
import type { ChunkMessage } from "../../src/core/message.ts";
import { createJournalFile, journalFiles, readJournalFile } from "../../src/local/journal-file.ts";
import type { JournalFile } from "../../src/local/journal-file.ts";
import { countProcessDeaths, journalKeys } from "../../src/local/process-deaths.ts";
import { temporaryDirectory } from "../memory/directory.ts";
import { memoryLedger } from "../memory/ledger.ts";

function chunk(number: number): ChunkMessage {
  const range = { source: 0, start: number, end: number + 1 };
  return { kind: "chunk", batch: "01A", generation: 0, chunk: number, attempt: 1, ...range };
}

/** A directory in which threads of that name ran, and did what `did` says. */
function diedIn(threads: { readonly [name: string]: (file: JournalFile) => void }): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  for (const [name, did] of Object.entries(threads)) {
    did(createJournalFile(directory.path("state"), name));
  }
  return directory.path("state");
}

const committed = async (): Promise<void> => undefined;

test("a thread's journal says what it has open", () => {
  const directory = diedIn({
    bundle: (file) => file.begin([chunk(3), chunk(40), chunk(5)]),
    careful(file) {
      file.begin([chunk(7)]);
      file.item(1000);
    },
    between(file) {
      file.begin([chunk(7)]);
      file.item(1000);
      file.item(null);
    },
    idle(file) {
      file.begin([chunk(7)]);
      file.end();
    },
  });
  expect(readJournalFile(directory, "bundle")).toMatchObject({ chunks: [3, 40, 5], item: null });
  expect(readJournalFile(directory, "careful")).toMatchObject({ batch: "01A", chunks: [7], item: 1000 });
  expect(readJournalFile(directory, "between")).toMatchObject({ chunks: [7], item: null });
  expect(readJournalFile(directory, "idle").chunks).toEqual([]);
  expect(readJournalFile(directory, "nobody").chunks).toEqual([]);
});

test("chunks that were open when their process died are counted once, and those that were done are not", async () => {
  const directory = diedIn({
    one: (file) => file.begin([chunk(0), chunk(1)]),
    two(file) {
      file.begin([chunk(2)]);
      file.end();
    },
  });
  const ledger = memoryLedger();
  await countProcessDeaths(directory, ledger, committed);
  await countProcessDeaths(directory, ledger, committed);
  expect(journalFiles(directory)).toEqual([]);
  const keys = await journalKeys(ledger, "01A");
  expect(keys).toEqual(["journal/01A/0/0", "journal/01A/0/1"]);
  expect(keys.map((key) => parseJournal(ledger.records.get(key) ?? null).deaths)).toEqual([1, 1]);
});

test("nothing of a death is forgotten before it is durable", async () => {
  const directory = diedIn({ one: (file) => file.begin([chunk(0)]) });
  const full = async (): Promise<void> => Promise.reject(new Error("the disk is full"));
  await expect(countProcessDeaths(directory, memoryLedger(), full)).rejects.toThrow("full");
  expect(journalFiles(directory)).toEqual(["one"]);
});

test("all journals of a batch are found, however many they are", async () => {
  const many = Array.from({ length: 450 }, (_, number) => chunk(number));
  const directory = diedIn({ one: (file) => file.begin(many) });
  const ledger = memoryLedger();
  await countProcessDeaths(directory, ledger, committed);
  expect(new Set(await journalKeys(ledger, "01A")).size).toBe(450);
  expect(await journalKeys(ledger, "01B")).toEqual([]);
});
