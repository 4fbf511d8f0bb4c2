import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Fields } from "../../../../src/core/records/record.ts";
import { publish, repair } from "../../../../src/local/directory/files/publish.ts";
import { temporaryDirectory } from "../../../memory/directory.ts";
import type { TemporaryDirectory } from "../../../memory/directory.ts";
import { memoryLedger } from "../../../../src/testing/memory/ledger.ts";

const ENDED: Fields = {
  endedAt: 1,
  result: {
    result: { name: "batches/01A/result-abc.json", bytes: 3 },
    outputs: null,
    failed: { name: "batches/01A/failed-abc.jsonl", bytes: 3 },
  },
};

function written(): TemporaryDirectory {
  const at = temporaryDirectory();
  onTestFinished(() => at.remove());
  mkdirSync(at.path("batches", "01A"), { recursive: true });
  writeFileSync(at.path("batches", "01A", "result-abc.json"), "one");
  writeFileSync(at.path("batches", "01A", "failed-abc.jsonl"), "two");
  // An attempt that lost the race.
  writeFileSync(at.path("batches", "01A", "result-xyz.json"), "litter");
  return at;
}

function texts(at: TemporaryDirectory): string[] {
  return ["result.json", "failed.jsonl"].map((name) => readFileSync(at.path("batches", "01A", name), "utf8"));
}

test("the files that the record names get the names that users know", () => {
  const at = written();
  publish(at.path(), "01A", ENDED);
  expect(texts(at)).toEqual(["one", "two"]);
  expect(existsSync(at.path("batches", "01A", "outputs.jsonl"))).toBe(false);
});

test("publishing twice is publishing once", () => {
  const at = written();
  publish(at.path(), "01A", ENDED);
  publish(at.path(), "01A", ENDED);
  expect(texts(at)).toEqual(["one", "two"]);
});

test("files that the user took away do not come back, and are no error", () => {
  const at = temporaryDirectory();
  onTestFinished(() => at.remove());
  publish(at.path(), "01A", ENDED);
  expect(existsSync(at.path("batches"))).toBe(false);
});

test("a batch without files is nothing to publish", () => {
  expect(() => publish("/nowhere", "01A", { endedAt: 1, result: null })).not.toThrow();
});

test("files that a crash left unpublished are published later, of ended batches only", async () => {
  const at = written();
  const ledger = memoryLedger();
  for (let n = 0; n < 1200; n++)
    ledger.records.set(`batch/00${String(n).padStart(6, "0")}`, { state: "running" });
  ledger.records.set("batch/01A", ENDED);
  await repair(at.path(), ledger, Infinity);
  expect(texts(at)).toEqual(["one", "two"]);
});

describe("a small result whose file a power cut took", () => {
  const value = { sum: 3 };
  const ended = (endedAt: number): Fields => ({
    state: "succeeded",
    endedAt,
    result: {
      result: { name: "batches/01A/result-t.json", bytes: 15, value },
      outputs: null,
      failed: null,
    },
  });

  async function repaired(content: string | null, endedAt: number): Promise<string | null> {
    const at = temporaryDirectory();
    onTestFinished(() => at.remove());
    const path = at.path("batches/01A/result.json");
    mkdirSync(dirname(path), { recursive: true });
    if (content !== null) writeFileSync(path, content);
    const ledger = memoryLedger();
    ledger.records.set("batch/01A", ended(endedAt));
    await repair(at.path(), ledger, 1_000);
    return existsSync(path) ? readFileSync(path, "utf8") : null;
  }

  test.for([null, "", "\0".repeat(15), '{\n  "sum'])("is written from the record (%j)", async (content) => {
    expect(await repaired(content, 1_000)).toBe('{\n  "sum": 3\n}\n');
  });

  test("stays as it is if the batch ended long before the last owner went", async () => {
    expect(await repaired("mine", 999)).toBe("mine");
  });
});
