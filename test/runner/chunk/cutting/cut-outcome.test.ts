/** The outcome of a chunk that is interrupted while its items are awaited. */
import { expect, test } from "vitest";
import type { CutReply } from "../../../../src/runner/runner.ts";
import { countingJob } from "../../../steps/jobs.ts";
import { chunkRuns } from "../chunk-runs.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Interrupts a chunk of numbers when all that may begin has. `v`: ends before that, `.`: never does. */
async function interrupted(
  items: string,
  slots: number,
  mayCut = (): boolean => true,
): Promise<CutReply | undefined> {
  const controller = new AbortController();
  const job = countingJob(
    items.length,
    async (n: number) => {
      if (items[n] === ".") await new Promise(() => undefined);
      return n;
    },
    { concurrency: slots },
  );
  const cutting = { isDue: () => false, mayCut, partsFor: () => 2, isLate: () => false };
  const machine = { cutting, signal: () => controller.signal };
  const it = await chunkRuns({ job, chunk: { items: items.length } }, machine);
  const running = it.run();
  await turn();
  it.is.interrupted = true;
  controller.abort();
  const { cuts, done } = await running;
  expect([done, it.open()]).toEqual([[], [0, 0]]);
  return cuts?.[0];
}

const shown = (cut: CutReply | undefined): unknown[] | undefined =>
  cut?.ranges.map(({ start, done }) => [start, done]);

test("items that have ended behind one that runs are parts of their own, and that one is what runs again", async () => {
  const cut = await interrupted("vv.vv", 4);
  expect(shown(cut)).toEqual([
    [0, true],
    [2, false],
    [3, true],
  ]);
  expect(cut?.totals).toMatchObject({ succeeded: 4, failed: 0, units: 4, chunks: 0 });
});

test("what has not begun is divided, together with the last items that run", async () => {
  expect(shown(await interrupted("v...vvvvvv", 3))).toEqual([
    [0, true],
    [1, false],
    [6, false],
  ]);
  expect(shown(await interrupted("v.v...vv", 4))).toEqual([
    [0, true],
    [1, false],
    [2, true],
    [3, false],
    [6, false],
  ]);
});

test("a chunk none of whose items has ended is not cut: it comes again as it is", async () => {
  expect(await interrupted("....", 4)).toBeUndefined();
  // The first part may be open, if a later one is done.
  expect(shown(await interrupted(".v", 4))).toEqual([
    [0, false],
    [1, true],
  ]);
});

test("a chunk that is no longer wanted is not cut, whatever is done of it", async () => {
  expect(await interrupted("vv.vv", 4, () => false)).toBeUndefined();
  let looks = 0;
  expect(await interrupted("vv.vv", 4, () => looks++ === 0)).toBeUndefined();
});
