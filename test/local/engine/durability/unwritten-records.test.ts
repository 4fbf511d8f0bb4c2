/** Plan and tree of a batch that is done before they are written are never written. */
import { expect, test } from "vitest";
import type { Fields } from "../../../../src/core/records/record.ts";
import { create } from "../../../../src/core/records/record.ts";
import { createCleanup } from "../../../../src/local/directory/cleanup.ts";
import { openDatabase } from "../../../../src/local/sqlite/database.ts";
import { memoryLedger } from "../../../../src/testing/memory/ledger.ts";
import { temporaryDirectory } from "../../../memory/directory.ts";
import { bench, numbers, specFor } from "../engines.ts";

const SUCCEEDED = { state: "succeeded", endedAt: 1, chunks: 1, totals: { chunks: 1, succeeded: 3 } };

test.for<[string, Fields, boolean]>([
  ["succeeded", SUCCEEDED, true],
  ["has failed items", { ...SUCCEEDED, totals: { failed: 1 }, state: "completed-with-failures" }, false],
  ["was cancelled", { ...SUCCEEDED, ending: "cancel", state: "cancelled" }, false],
  ["collects", { ...SUCCEEDED, collects: true }, false],
])("of a batch that %s nothing more is kept: %o", ([, fields, isOmitted]) => {
  const omitted: string[] = [];
  const cleanup = createCleanup({
    directory: "none",
    ledger: memoryLedger(),
    removal: { omitRecords: (batch: string) => void omitted.push(batch) } as never,
    store: { removeFolder: async () => true },
    partsMs: 0,
    now: () => 0,
    onDropped() {},
    onFailure() {},
  });
  cleanup.omit("01A", fields);
  expect(omitted).toEqual(isOmitted ? ["01A"] : []);
});

test("the next owner knows a batch that succeeded at once, and has nothing to redrive", async () => {
  const at = bench();
  const engine = await at.open();
  await engine.submit(specFor(await engine.load(at.write("job.ts", numbers(3)))));
  await engine.finished("01A");
  await engine.stop();
  const next = await at.open();
  await next.resume("01A");
  expect(await next.finished("01A")).toMatchObject({ state: "succeeded" });
  expect(await next.redrive("01A", null)).toBe(false);
});

test("records are never written if none of their batch was, and all of them else", async () => {
  const directory = temporaryDirectory();
  const database = openDatabase({ file: directory.path("state.db"), clock: Date });
  const keys = async (): Promise<string[]> =>
    (await database.ledger.list("", null, 99)).map(({ key }) => key);
  const make = (...made: readonly string[]): Promise<unknown> =>
    Promise.all(
      made.map((key) => database.ledger.update(create(key, FIELDS[key.split("/")[0] ?? ""] ?? {}))),
    );
  await make("plan/01A/00000000");
  await database.committed();
  await make(NODE_OF("01A"), "plan/01B/00000000", NODE_OF("01B"), "failures/01B", "token/job/01B");
  database.removal.omitRecords("01A");
  database.removal.omitRecords("01B");
  const left = [NODE_OF("01A"), "plan/01A/00000000", "token/job/01B"];
  expect(await keys()).toEqual(left);
  await database.committed();
  expect(await keys()).toEqual(left);
  // A key that was left out is as good as new.
  await make(NODE_OF("01B"));
  await database.committed();
  expect(await keys()).toEqual([left[0], NODE_OF("01B"), ...left.slice(1)]);
  await database.close();
  directory.remove();
});

const NODE_OF = (batch: string): string => `node/${batch}/0/0/00000000`;
const FIELDS: Readonly<Record<string, Fields>> = {
  plan: { end: 1, short: false },
  token: { batch: "01B", input: "" },
  failures: { failed: 1 },
};
