/** The report of a batch that ran for long. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { keepReport } from "../../../src/cli/follow/keep-report.ts";
import { open } from "../../../src/open/open.ts";
import { begin } from "../../local/engine/batches-run.ts";
import { bench, numbers } from "../../local/engine/engines.ts";

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text).trimEnd()) > 0);
});
afterEach(() => vi.restoreAllMocks());

/** A batch that has ended in a directory, and its summary. */
async function ended(): Promise<{ readonly directory: string; readonly summary: BatchSummary }> {
  const at = bench();
  const engine = await begin(at, numbers(4), { items: 2 });
  await engine.finished("01A");
  await engine.stop();
  const directory = at.path("state");
  await using fanjoin = await open({ directory });
  const batch = await fanjoin.batch("01A");
  return { directory, summary: await batch.summary() };
}

test("a batch of ten seconds has its report beside its result, and the user is told where", async () => {
  const { directory, summary } = await ended();
  const path = `${directory}/batches/01A/report.html`;
  await keepReport(directory, { ...summary, seconds: 9.9 }, {});
  expect([existsSync(path), said]).toEqual([false, []]);
  await keepReport(directory, { ...summary, seconds: 10 }, {});
  expect(readFileSync(path, "utf8")).toContain("Every item is accounted for");
  expect(existsSync(path.replace(".html", ".json"))).toBe(true);
  expect(said).toEqual([`the report is in ${path}`]);
  await keepReport(directory, { ...summary, seconds: 10 }, { quiet: true });
  await keepReport(directory, { ...summary, seconds: 10 }, { json: true });
  expect(said).toHaveLength(1);
});

test("a report that cannot be written is said, with the command that makes it, and nothing fails", async () => {
  const { directory, summary } = await ended();
  // A directory cannot be replaced by a file.
  mkdirSync(`${directory}/batches/01A/report.json/in-the-way`, { recursive: true });
  await keepReport(directory, { ...summary, seconds: 10 }, { quiet: true });
  expect(said).toEqual([
    expect.stringMatching(/^the report was not written: .*\. fanjoin report 01A makes it$/),
  ]);
});
