/** The reply to a request: what is done of its chunks, and what they leave. */
import { expect, onTestFinished, test, vi } from "vitest";
import { NO_SPAN } from "../../../../src/core/span.ts";
import { partName } from "../../../../src/core/records/contribution.ts";
import type { Contribution } from "../../../../src/core/records/contribution.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import { BundleReply } from "../../../../src/runner/chunk/bundle/bundle-reply.ts";
import type { ChunkOutcome } from "../../../../src/runner/chunk/chunk-outcome.ts";
import { loadBody } from "../../../../src/runner/contribution/body.ts";
import type { ChunksReply } from "../../../../src/runner/runner.ts";
import { memoryStore } from "../../../../src/testing/memory/store.ts";

const TOTALS = { ...NO_TOTALS, chunks: 1, succeeded: 5 };
const outcome = (more: Partial<ChunkOutcome> = {}): ChunkOutcome => {
  return { totals: TOTALS, contribution: null, tookMs: undefined, again: null, ...more };
};
const chunk = (number: number, start = 0): ChunkMessage => {
  return { kind: "chunk", batch: "b", generation: 0, chunk: number, attempt: 1, source: 0, start, end: 100 };
};
const partOf = (number: number, part: number, start: number): ChunkMessage => {
  return { ...chunk(number, start), kind: "part", part };
};
const worth = (value: number): Contribution => ({
  value,
  span: { items: value, lines: null, anchored: false },
});

const store = memoryStore();
const replyTo = (onPart?: (part: ChunksReply) => void): BundleReply =>
  new BundleReply({ store, settleAfterMs: 0 }, onPart);

test("chunks that leave nothing but their counts have no body, and the reply says no more", async () => {
  const reply = replyTo();
  reply.add(chunk(3), outcome());
  reply.add(chunk(4), outcome({ tookMs: 12 }));
  reply.add(partOf(5, 2, 30), outcome());
  expect(await reply.write(null)).toEqual({
    body: null,
    done: [
      { child: 3, totals: TOTALS },
      { child: 4, totals: TOTALS, tookMs: 12 },
      { child: 5, part: 2, totals: TOTALS },
    ],
  });
});

test("the reply says which chunks others have settled, when the rest comes again, and what failed", async () => {
  const reply = replyTo();
  const failures = [{ kinds: [], others: 1 }] as unknown as NonNullable<ChunkOutcome["failures"]>;
  reply.add(chunk(3), outcome({ failures }));
  reply.overtake(chunk(4));
  reply.overtake(partOf(5, 2, 30));
  reply.latency.add(7, 2);
  const { overtaken, ...others } = await reply.write(4000);
  expect(overtaken).toHaveLength(2);
  expect(others).toMatchObject({ laterAt: 4000, failures, latency: { max: 7 } });
});

test("a body that one chunk needs has all chunks of the reply", async () => {
  const reply = replyTo();
  reply.add(chunk(1), outcome());
  reply.add(chunk(2), outcome({ contribution: worth(7) }));
  reply.add(partOf(3, 1, 30), outcome({ contribution: worth(8) }));
  const { body } = await reply.write(null);
  expect(body && (await loadBody(store, body))).toEqual({
    1: { span: NO_SPAN },
    2: worth(7),
    [partName(3, 30)]: worth(8),
  });
});

test("of a chunk that was cut, the body has the ranges that are done, under the names of their parts", async () => {
  const reply = replyTo();
  const ranges = [
    { start: 10, done: true },
    { start: 40, done: false },
    { start: 70, done: true },
  ];
  const further = new Map([[70, worth(9)]]);
  reply.add(chunk(4, 10), outcome({ contribution: worth(1), cut: ranges, further }));
  reply.add(partOf(6, 3, 20), outcome({ cut: [{ start: 20, done: true }], further: new Map() }));
  const { body, done, cuts } = await reply.write(null);
  expect(done).toEqual([]);
  expect(cuts).toEqual([
    { chunk: 4, ranges, totals: TOTALS },
    { chunk: 6, part: 3, ranges: [{ start: 20, done: true }], totals: TOTALS },
  ]);
  expect(body && (await loadBody(store, body))).toEqual({
    [partName(4, 10)]: worth(1),
    [partName(4, 70)]: worth(9),
    [partName(6, 20)]: { span: NO_SPAN },
  });
});

test("the body has nothing of a first range that stays open", async () => {
  const reply = replyTo();
  const cut = [
    { start: 10, done: false },
    { start: 40, done: true },
  ];
  reply.add(chunk(4, 10), outcome({ cut, further: new Map([[40, worth(9)]]) }));
  const { body } = await reply.write(null);
  expect(body && (await loadBody(store, body))).toEqual({ [partName(4, 40)]: worth(9) });
});

test("chunks that run in turn are handed over when it is time, and the reply has the others", async () => {
  const parts: ChunksReply[] = [];
  const reply = replyTo((part) => void parts.push(part));
  expect(reply.handOverIfDue()).toBeNull();
  reply.add(chunk(1), outcome({ contribution: worth(1) }));
  await reply.handOverIfDue();
  expect(parts).toMatchObject([{ done: [{ child: 1 }] }]);
  expect(parts[0]?.body).not.toBeNull();
  reply.add(chunk(2), outcome());
  expect(await reply.write(null)).toEqual({ body: null, done: [{ child: 2, totals: TOTALS }] });
  expect(replyTo().handOverIfDue()).toBeNull();
});

test("a reply is refused if the store did not take what was handed over before", async () => {
  const refuses = (): never => {
    throw new Error("the disk is full");
  };
  const full = { ...memoryStore(), create: refuses };
  const reply = new BundleReply({ store: full, settleAfterMs: 0 }, () => undefined);
  reply.add(chunk(1), outcome({ contribution: { ...worth(1), value: "x".repeat(100_000) } }));
  reply.handOverIfDue()?.catch(() => undefined);
  reply.add(chunk(2), outcome());
  await expect(reply.write(null)).rejects.toThrow("the disk is full");
});

/** The module with a clock that the test moves. */
async function withClock(): Promise<typeof BundleReply> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.resetModules();
  });
  vi.resetModules();
  return (await import("../../../../src/runner/chunk/bundle/bundle-reply.ts")).BundleReply;
}

test("chunks that are done while others are awaited are handed over together, after a quarter of a second", async () => {
  const Reply = await withClock();
  const parts: ChunksReply[] = [];
  const reply = new Reply({ store }, (part) => void parts.push(part));
  reply.handOverSoon();
  expect(vi.getTimerCount()).toBe(0);
  reply.add(chunk(1), outcome());
  reply.handOverSoon();
  await vi.advanceTimersByTimeAsync(200);
  reply.add(chunk(2), outcome());
  reply.handOverSoon();
  expect([parts.length, reply.handOverIfDue()]).toEqual([0, null]);
  await vi.advanceTimersByTimeAsync(50);
  expect(parts.map(({ done }) => done.map(({ child }) => child))).toEqual([[1, 2]]);
  reply.add(chunk(3), outcome());
  expect(reply.handOverIfDue()).toBeNull();
  reply.handOverSoon();
  await vi.advanceTimersByTimeAsync(249);
  expect(parts).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(parts).toHaveLength(2);
});

test("nothing is handed over any more once the reply is written, or its request has failed", async () => {
  const Reply = await withClock();
  for (const end of ["write", "giveUp"] as const) {
    const parts: ChunksReply[] = [];
    const reply = new Reply({ store }, (part) => void parts.push(part));
    reply.add(chunk(1), outcome());
    reply.handOverSoon();
    await reply[end](null);
    await vi.advanceTimersByTimeAsync(1000);
    expect(parts).toEqual([]);
  }
});
