/**
 * Directories of format 2, in which the batches of a process share its segment files.
 * `fixtures/format-2.json` has a batch with a failed item, one that succeeded, and one whose process was
 * killed; the first and the last read a packed input, so they have a spool.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { redriven, restoreTexts } from "./earlier-directory.ts";
import { bench } from "./engine/engines.ts";
import type { Bench } from "./engine/engines.ts";

const FAILED = "01M8MC8M2P7PF1FS0RT2JCXRQ7";
const GOOD = "01M8MC8N4X6S0GJK3NTQ1EMARG";
const KILLED = "01M8MC8NSKXA75WCM31805P042";

const segments = (at: Bench): string[] => readdirSync(at.path("state", "segments")).toSorted();
const outputs = (at: Bench, batch: string): string[] =>
  readFileSync(at.path("state", "batches", batch, "outputs.jsonl"), "utf8")
    .trimEnd()
    .split("\n");

test("a batch with shared segments and a spool is redriven, and its own new ones are dropped at the end", async () => {
  const at = bench({ partsMs: 0 });
  await restoreTexts(at, 2);
  const shared = segments(at);
  const engine = await at.open();
  const end = await redriven(engine, FAILED);
  expect(end).toMatchObject({ state: "succeeded", totals: { succeeded: 20 } });
  await engine.stop();
  expect(outputs(at, FAILED)).toHaveLength(20);
  expect(segments(at)).toEqual(shared);
});

test("a batch whose process was killed goes on with its shared spool", async () => {
  const at = bench();
  await restoreTexts(at, 2);
  const engine = await at.open();
  await engine.resume(KILLED);
  expect(await engine.finished(KILLED)).toMatchObject({ totals: { succeeded: 19, failed: 1 } });
  expect(outputs(at, KILLED)).toHaveLength(19);
});

test("shared segments go with the last of the batches that may have used them", async () => {
  const at = bench();
  await restoreTexts(at, 2);
  const shared = segments(at);
  const engine = await at.open();
  await engine.remove(FAILED);
  expect(existsSync(at.path("state", "batches", FAILED))).toBe(false);
  await engine.remove(GOOD);
  expect(segments(at)).toEqual(shared);
  await engine.resume(KILLED);
  await engine.finished(KILLED);
  await engine.remove(KILLED);
  expect(segments(at)).toEqual([]);
});
