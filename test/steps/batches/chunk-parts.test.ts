import { describe, expect, test } from "vitest";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { recover } from "../../../src/steps/recovering/recover.ts";
import { readTotals } from "../../../src/batch/summary/progress.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { splitOf } from "../../../src/core/records/split.ts";
import { MAX_RECEIVES } from "../../../src/core/records/message.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Cutting } from "../../../src/runner/chunk/cutting/cutting.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";
import { cancel } from "../../../src/batch/submit.ts";
import type { RedriveFilter } from "../../../src/core/failures/redrive-filter.ts";
import { jobOf, numbers } from "./cutting.ts";

/** Cuts each chunk of the whole input in two, once. */
function inTwo(): Cutting {
  let cuts = 0;
  return { isDue: () => cuts++ === 9, mayCut: () => true, partsFor: () => 1, isLate: () => false };
}

async function cutInTwo(): Promise<{ readonly one: Stage; readonly part: ChunkMessage }> {
  const one = await stage({
    job: jobOf(lines()),
    inputs: { in: numbers.join("\n") },
    chunk: { items: 100 },
    cutting: inTwo(),
  });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker");
  const [part] = one.queue.take("worker");
  if (part?.kind !== "part") throw new Error("the chunk was not cut");
  return { one, part };
}

describe("a part of a chunk", () => {
  test("shows in the totals before its chunk is settled", async () => {
    const { one } = await cutInTwo();
    const { totals } = await readTotals(one.ledger, BATCH);
    expect(totals).toMatchObject({ chunks: 0, succeeded: 9, failed: 1 });
  });

  test("that is lost is sent again, and nothing else", async () => {
    const { one, part } = await cutInTwo();
    await recover(one.ports, BATCH);
    expect(one.queue.take("worker")).toEqual([part]);
    await one.deliver("worker", [part]);
    await one.pump();
    expect(one.batch()["totals"]).toMatchObject({ chunks: 1, succeeded: 36, failed: 4 });
  });

  test("that is the last one is joined with the others, also if the join was lost", async () => {
    const { one, part } = await cutInTwo();
    await one.deliver("worker", [part]);
    expect(one.queue.take("join")).toMatchObject([{ node: splitOf(part) }]);
    await one.pump();
    expect(one.ended()).toBe(false);
    await recover(one.ports, BATCH);
    await one.pump();
    expect(one.batch()["totals"]).toMatchObject({ chunks: 1, succeeded: 36, failed: 4 });
  });

  test("that is given up costs its own items only", async () => {
    const { one, part } = await cutInTwo();
    await one.deliver("dead-letter", [{ ...part, attempt: 9 * MAX_RECEIVES }]);
    await one.pump();
    expect(one.batch()).toMatchObject({
      state: "completed-with-failures",
      totals: { chunks: 1, lost: 0, broken: 1, succeeded: 9, failed: 1 },
    });
    const { start, end } = part;
    expect(one.failed()[1]).toMatchObject({ code: "CHUNK_FAILED", chunk: 0, range: { start, end } });
  });

  test("comes after a crash whose cut is on record: the chunk is not run again", async () => {
    const { one, part } = await cutInTwo();
    const { start, end } = { start: 0, end: part.end };
    const { kind: _, ...rest } = part;
    await one.deliver("worker", [{ ...rest, kind: "chunk", start, end }], 2);
    expect(one.queue.take("worker")).toEqual([part]);
  });

  test.for<[string, RedriveFilter | null]>([
    ["of all", null],
    ["of some error codes that its chunk has", { codes: ["ITEM_FAILED"], classes: null }],
  ])("that never ran is run by a redrive %s, and left out by one of others", async ([, filter]) => {
    const { one } = await cutInTwo();
    await cancel(one.ports, BATCH);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "cancelled", totals: { succeeded: 9, failed: 1 } });
    const sentBy = async (wanted: RedriveFilter | null): Promise<number> => {
      await redrive(one.ports, BATCH, wanted);
      while ((await one.step("coordinator")) > 0);
      const messages = one.queue.take("worker");
      await one.deliver("worker", messages);
      await one.pump();
      return messages.length;
    };
    expect(await sentBy({ codes: ["ITEM_TIMEOUT"], classes: null })).toBe(0);
    expect(one.batch()["totals"]).toMatchObject({ succeeded: 9, failed: 1 });
    // Both parts: the failed item of the other one fails again.
    expect(await sentBy(filter)).toBe(2);
    expect(one.batch()).toMatchObject({ totals: { chunks: 1, lost: 0, succeeded: 36, failed: 4 } });
  });
});
