/**
 * Directories of format 3, whose batches have never been paused and whose chunks have never been split.
 * `fixtures/format-3.json` has a batch with a failed item, one that succeeded, and one whose process was
 * killed.
 */
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { open } from "../../src/open/open.ts";
import { redriven, restoreTexts } from "./earlier-directory.ts";
import { bench } from "./engine/engines.ts";

const FAILED = "01M8MQKA55P0EZFXWSFQ01DNSG";
const GOOD = "01M8MQKC17F0JAJWM413CE5FT5";
const KILLED = "01M8MQKD3DZZG8PGKH83CER9RX";

test("a batch with a failed item of format 3 is redriven", async () => {
  const at = bench();
  await restoreTexts(at, 3);
  const engine = await at.open();
  const end = await redriven(engine, FAILED);
  expect(end).toMatchObject({ state: "succeeded", totals: { succeeded: 20 } });
});

test("a batch of format 3 whose process was killed goes on", async () => {
  const at = bench();
  await restoreTexts(at, 3);
  const engine = await at.open();
  await engine.resume(KILLED);
  expect(await engine.finished(KILLED)).toMatchObject({ totals: { succeeded: 19, failed: 1 } });
});

test("batches of format 3 are read without an owner, which leaves the format as it is", async () => {
  const at = bench();
  await restoreTexts(at, 3);
  await using fanjoin = await open({ directory: at.path("state") });
  const batches = await Array.fromAsync(fanjoin.list());
  expect(batches.map(({ batch, state }) => [batch, state])).toEqual([
    [KILLED, "interrupted"],
    [GOOD, "succeeded"],
    [FAILED, "completed-with-failures"],
  ]);
  using db = new DatabaseSync(at.path("state", "state.db"), { readOnly: true });
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 3 });
});
