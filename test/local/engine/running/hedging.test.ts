/** Hedges on one machine. The clock is the test's own: nothing waits for ten seconds. */
import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { liveCountsKey } from "../../../../src/core/records/batch/live-counts.ts";
import type { QueuedChunk } from "../../../../src/local/engine/pumping/pump.ts";
import { BATCH } from "../../../steps/stage-spec.ts";
import { begin, until, upTo, valueOf } from "../batches-run.ts";
import { bench, numbers } from "../engines.ts";
import { secondsLater, watched } from "./watched-chunks.ts";
import type { Watched } from "./watched-chunks.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

describe("a chunk that runs", () => {
  test("for ten seconds is hedged, once, and only a twentieth of the chunks is", async () => {
    const it = await watched();
    it.hedging.begin(it.running);
    await it.checkAfter(9);
    expect(it.hedges()).toEqual([]);
    await it.checkAfter(1);
    expect(it.hedges()).toEqual([3, 11]);
    await it.hedging.check();
    expect(it.hedges()).toEqual([]);
  });

  test("is hedged after three times the median of those before, if that is longer", async () => {
    const it = await watched();
    const before = it.running.map((one) => ({ ...one }));
    it.hedging.begin(before);
    secondsLater(5);
    await it.hedging.end(before);
    it.hedging.begin(it.running);
    await it.checkAfter(14);
    expect(it.hedges()).toEqual([]);
    await it.checkAfter(1);
    expect(it.hedges()).toEqual([3, 11]);
  });

  test.each<[string, (it: Watched) => void]>([
    ["no thread is idle", (it) => void (it.idle = 0)],
    ["chunks wait for a thread", (it) => void (it.tail = false)],
  ])("is not hedged while %s", async (_, change) => {
    const it = await watched();
    change(it);
    it.hedging.begin(it.running);
    await it.checkAfter(60);
    expect(it.hedges()).toEqual([]);
  });

  test("is not hedged if it runs with care, or if its job does not hedge", async () => {
    const it = await watched();
    it.hedging.begin(it.running.map((one) => ({ ...one, suspect: true })));
    const other = await watched({ hedge: false });
    other.hedging.begin(other.running);
    await it.checkAfter(60);
    await other.hedging.check();
    expect([...it.hedges(), ...other.hedges()]).toEqual([]);
  });

  test("gets no more hedges than there are idle threads", async () => {
    const it = await watched();
    it.idle = 1;
    it.hedging.begin(it.running);
    await it.checkAfter(60);
    expect(it.hedges()).toEqual([3]);
  });

  test("is stopped once its hedge has settled it, and a chunk that was only cut is not", async () => {
    const it = await watched();
    it.hedging.begin(it.running);
    await it.checkAfter(60);
    const [three, eleven] = it.one.queue.take("worker") as ChunkMessage[];
    await it.hedging.end([{ ...it.running[1], message: eleven } as QueuedChunk]);
    expect(it.overtaken).toEqual([]);
    await it.one.deliver("worker", [three as ChunkMessage]);
    await it.hedging.end([{ ...it.running[0], message: three } as QueuedChunk]);
    expect(it.overtaken).toEqual([3]);
    expect(it.one.ledger.records.get(liveCountsKey(BATCH))).toMatchObject({ hedges: 2, hedgesWon: 1 });
  });
});

test("an item that hangs in one thread is done by another one, and its first attempt is told to stop", async () => {
  const at = bench();
  const seen = at.path("seen");
  const process = `async (n, { signal }) => {
    await new Promise((resolve) => setTimeout(resolve, 9));
    if (n !== 1 || existsSync(${JSON.stringify(seen)})) return n;
    writeFileSync(${JSON.stringify(seen)}, "");
    await new Promise((resolve) => signal.addEventListener("abort", () => {
      appendFileSync(${JSON.stringify(seen)}, String(signal.reason));
      resolve();
    }));
    return -1;
  }`;
  const imports = `import { appendFileSync, existsSync, writeFileSync } from "node:fs";`;
  const engine = await begin(at, `${imports}\n${numbers(40, process, "hedge: true")}`, { items: 1 }, 2);
  // The thread that hangs holds one more chunk for when it is done.
  await until(() => engine.progress("01A").totals.chunks >= 38);
  expect(existsSync(seen)).toBe(true);
  await vi.advanceTimersByTimeAsync(10_000);
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", totals: { chunks: 40, succeeded: 40 } });
  expect(valueOf(fields)).toEqual(upTo(40));
  await until(() => readFileSync(seen, "utf8") !== "");
  expect(readFileSync(seen, "utf8")).toBe("Error: another attempt has settled the chunk");
  const [counts] = await engine.ledger.read([liveCountsKey("01A")]);
  expect(counts).toMatchObject({ hedges: 1, hedgesWon: 1 });
  expect(at.log).toEqual([]);
});
