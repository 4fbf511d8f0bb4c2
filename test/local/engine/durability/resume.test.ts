import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createLocalStore } from "../../../../src/local/store/store.ts";
import { bench, numbers, specFor } from "../engines.ts";
import { begin, hangingLines, until, upTo, valueOf } from "../batches-run.ts";

test("a batch that was stopped goes on where it was, with the same result", async () => {
  const at = bench();
  const slow = "async (n) => { await new Promise((resolve) => setTimeout(resolve, 2)); return n; }";
  const first = await begin(at, numbers(400, slow), { items: 2 });
  await until(() => first.progress("01A").totals.chunks >= 30);
  await first.stop();
  const second = await at.open();
  await second.resume("01A");
  expect(second.progress("01A").totals.chunks).toBeGreaterThanOrEqual(30);
  const fields = await second.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", totals: { chunks: 200, succeeded: 400 } });
  expect(valueOf(fields)).toEqual(upTo(400));
});

test("a batch that was left over lies dormant until it is resumed", async () => {
  const at = bench();
  const first = await begin(
    at,
    numbers(100, "async (n) => { await new Promise((r) => setTimeout(r, 5)); return n; }"),
    { items: 1 },
  );
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  const second = await at.open();
  const job = await second.load(at.write("other.ts", numbers(10)));
  await second.submit(specFor(job, { batch: "01B" }));
  await second.finished("01B");
  const [before] = await second.ledger.read(["batch/01A"]);
  expect(before?.["endedAt"]).toBeUndefined();
  await second.resume("01A");
  expect(valueOf(await second.finished("01A"))).toEqual(upTo(100));
});

test("a batch that has ended is finished at once when it is resumed", async () => {
  const at = bench();
  const first = await begin(at, numbers(10));
  await first.finished("01A");
  await first.stop();
  const second = await at.open();
  await second.resume("01A");
  expect(await second.finished("01A")).toMatchObject({ state: "succeeded" });
});

test("an unfinished batch is resumed only with the input that it was planned from, unless it is to end", async () => {
  const at = bench();
  const input = at.write("in.txt", "one\ntwo\n");
  const first = await at.open();
  const job = await first.load(at.write("lines.ts", hangingLines));
  const spec = specFor(job);
  const stat = await createLocalStore({ directory: at.path("state"), segmentName: "none" }).stat(
    `file://${input}`,
  );
  const source = { name: `file://${input}`, label: "in.txt", size: 8, version: stat?.version ?? "" };
  await first.submit({ ...spec, input: { reader: "lines", options: {}, sources: [source] } });
  await first.stop();

  at.write("in.txt", "one\nother\n");
  const second = await at.open();
  await expect(second.resume("01A")).rejects.toMatchObject({ code: "INPUT_CHANGED" });
  rmSync(input);
  await expect(second.resume("01A")).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
  await second.cancel("01A");
  expect(await second.finished("01A")).toMatchObject({ state: "cancelled" });
  await second.stop();
  const third = await at.open();
  expect(await third.cancel("01A")).toBe(false);
  expect(await third.finished("01A")).toMatchObject({ state: "cancelled" });
});

test("an unknown batch is not resumed", async () => {
  const engine = await bench().open();
  await expect(engine.resume("01C")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
});

/** Changes the database of a directory as a kill between two commits would have left it. */
function change(file: string, ...statements: string[]): void {
  const db = new DatabaseSync(file);
  for (const statement of statements) db.exec(statement);
  db.close();
}

const SET_ENDING =
  "UPDATE records SET sum = NULL, body = json_set(body, '$.ending', 'cancel', '$.error', json('{\"code\":\"CANCELLED\",\"message\":\"\"}')) WHERE key = 'batch/01A'";

test.for<[string, string[], string]>([
  ["whose first message was never sent", ["DELETE FROM messages"], "succeeded"],
  ["that was asked to end, and whose coordinator was never told", [SET_ENDING], "cancelled"],
])("a batch %s comes to its end when it is resumed", async ([, statements, state]) => {
  const at = bench();
  const first = await begin(
    at,
    numbers(40, "async (n) => { await new Promise((r) => setTimeout(r, 5)); return n; }"),
    {
      items: 1,
    },
  );
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  change(at.path("state", "state.db"), ...statements);
  const second = await at.open();
  await second.resume("01A");
  expect(await second.finished("01A")).toMatchObject({ state });
});

test("the clock of a deadline stands still while no process owns the directory", async () => {
  const at = bench();
  const slow = "async (n) => { await new Promise((r) => setTimeout(r, 5)); return n; }";
  const first = await begin(at, numbers(40, slow), { items: 1 });
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  const day = 24 * 60 * 60 * 1000;
  const ago = (field: string): string => `'$.${field}', json_extract(body, '$.${field}') - ${day}`;
  change(
    at.path("state", "state.db"),
    `UPDATE records SET sum = NULL, body = json_set(body, ${ago("createdAt")}, ${ago("deadlineAt")}) WHERE key = 'batch/01A'`,
    `UPDATE records SET sum = NULL, body = json_set(body, ${ago("at")}) WHERE key = 'alive'`,
  );
  const second = await at.open();
  await second.resume("01A");
  const fields = await second.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", totals: { succeeded: 40 } });
  expect(Number(fields["idleMs"])).toBeGreaterThanOrEqual(day);
  expect(Number(fields["idleMs"])).toBeLessThan(day + 60_000);
});
