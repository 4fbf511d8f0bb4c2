import * as fc from "fast-check";
import { expect, test } from "vitest";
import { create } from "../../../src/core/records/record.ts";
import { openDatabase, openForReading } from "../../../src/local/sqlite/database.ts";
import { anyUpdate } from "../../contract/ledger.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";

test("commits and reopenings in between change no answer", async () => {
  const directory = temporaryDirectory();
  let files = 0;
  const step = fc.oneof(
    { arbitrary: anyUpdate, weight: 5 },
    { arbitrary: fc.constant("commit" as const), weight: 1 },
    { arbitrary: fc.constant("reopen" as const), weight: 1 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const file = directory.path(`${++files}.db`);
      const oracle = memoryLedger();
      const answers: unknown[] = [];
      const expected: unknown[] = [];
      let database = openDatabase({ file, clock: Date });
      for (const one of steps) {
        if (one === "commit") {
          await database.committed();
        } else if (one === "reopen") {
          await database.close();
          database = openDatabase({ file, clock: Date });
        } else {
          answers.push(await database.ledger.update(one));
          expected.push(await oracle.update(one));
        }
        answers.push(await database.ledger.list("", null, 9));
        expected.push(await oracle.list("", null, 9));
      }
      expect(answers).toEqual(expected);
      await database.close();
      const reader = openForReading(file);
      expect(await reader.ledger.list("", null, 9)).toEqual(await oracle.list("", null, 9));
      expect(await reader.ledger.read(["a", "none"])).toEqual(await oracle.read(["a", "none"]));
      reader.close();
    }),
    { numRuns: 40 },
  );
  directory.remove();
});

test("more records than are kept in memory are all found again", async () => {
  const directory = temporaryDirectory();
  const database = openDatabase({ file: directory.path("state.db"), clock: Date });
  const keys = Array.from({ length: 9_000 }, (_, index) => `n/${index}`);
  for (const [index, key] of keys.entries()) await database.ledger.update(create(key, { index }));
  await database.committed();
  const again = await database.ledger.update({ key: "n/5", when: [], set: {}, add: { index: 1 } });
  expect(again.record).toEqual({ index: 6 });
  const records = await database.ledger.read(keys);
  expect(records.filter((record, index) => record?.["index"] === index)).toHaveLength(8_999);
  await database.close();
  directory.remove();
});

test("a list shows committed and uncommitted records together", async () => {
  const directory = temporaryDirectory();
  const database = openDatabase({ file: directory.path("state.db"), clock: Date });
  for (const key of ["x/1", "x/3", "x/5", "y/1"]) await database.ledger.update(create(key, { old: true }));
  await database.committed();
  await database.ledger.update({ key: "x/3", when: [], set: { old: false }, add: {} });
  await database.ledger.update(create("x/4", {}));
  const list = await database.ledger.list("x/", "x/1", 2);
  expect(list).toEqual([
    { key: "x/3", fields: { old: false } },
    { key: "x/4", fields: {} },
  ]);
  await database.close();
  directory.remove();
});

test("records are found after a thousand look-ups in vain, whenever they were written", async () => {
  const directory = temporaryDirectory();
  const file = directory.path("state.db");
  const before = openDatabase({ file, clock: Date });
  await before.ledger.update(create("old/1", { at: 1 }));
  await before.close();
  const database = openDatabase({ file, clock: Date });
  const { ledger } = database;
  const inVain = Array.from({ length: 1_000 }, (_, index) => `none/${index}`);
  await ledger.update(create("early/1", { at: 2 }));
  await ledger.read(inVain);
  await ledger.update(create("late/1", { at: 3 }));
  await database.committed();
  // Another group, so that the one before is in memory no longer.
  await ledger.update(create("last/1", { at: 4 }));
  await database.committed();
  const keys = ["old/1", "early/1", "late/1", "last/1", "none/1"];
  expect(await ledger.read(keys)).toEqual([{ at: 1 }, { at: 2 }, { at: 3 }, { at: 4 }, null]);
  await database.close();
  directory.remove();
});
