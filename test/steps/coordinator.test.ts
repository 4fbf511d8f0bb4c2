import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { ChunkMessage } from "../../src/core/records/message.ts";
import { planKey } from "../../src/core/records/plan.ts";
import { cancel } from "../../src/batch/submit.ts";
import { countingJob, csvJob, lineJob, upTo } from "./jobs.ts";
import { stage } from "./stage.ts";
import { BATCH } from "./stage-spec.ts";
import type { Stage } from "./stage.ts";

const PLAN = { kind: "plan", batch: BATCH, entry: 0 } as const;

function chunks(one: Stage): ChunkMessage[] {
  return one.queue.take("worker") as ChunkMessage[];
}

test("an entry of the plan is written before its messages are sent", async () => {
  const one = await stage({ job: countingJob(300), chunk: { items: 1 } });
  const order: string[] = [];
  one.hook = ({ method, of }, when) => {
    if (when !== "before" || (!of.startsWith("plan/") && of !== "worker") || method === "read") return;
    order.push(of === "worker" ? "send" : "write");
  };
  await one.submit();
  await one.step("coordinator");
  // Entries of 16, 100, 100 and 84 chunks, and the end.
  expect(order).toEqual(["write", "send", "write", "send", "write", "send", "write", "send", "write"]);
  expect(chunks(one).map(({ chunk, start, end }) => [chunk, start, end])).toEqual(
    Array.from({ length: 300 }, (_, n) => [n, n, n + 1]),
  );
});

test.each(["before", "after"] as const)(
  "a planner that dies %s an effect is followed by one that takes over there",
  async (moment) => {
    for (let survived = 0; survived < 40; survived++) {
      const one = await stage({ job: countingJob(150), chunk: { items: 1 } });
      let effects = 0;
      await one.submit();
      one.hook = (_, when) => {
        if (when === moment && effects++ === survived) throw new Error("dies");
      };
      await one.pump();
      expect(one.batch()).toMatchObject({ state: "succeeded", chunks: 150 });
      expect(one.result()).toEqual({ order: upTo(150), all: 150 });
    }
  },
);

test("a planner leaves no read of its input open, however it ends", async () => {
  const text = `id,note\n${"1,fine\n".repeat(400)}`;
  for (const dies of [false, true]) {
    const one = await stage({ job: csvJob(), inputs: { "x.csv": text }, chunk: { items: 1 } });
    const read = one.store.read.bind(one.store);
    const reads = { begun: 0, open: 0 };
    one.store.read = async function* (...asked) {
      reads.begun++;
      reads.open++;
      try {
        yield* read(...asked);
      } finally {
        reads.open--;
      }
    };
    await one.submit();
    let entries = 0;
    one.hook = ({ method, of }, when) => {
      if (dies && method === "send" && of === "worker" && when === "after" && ++entries === 2)
        throw new Error("dies");
    };
    await one.step("coordinator");
    expect(reads.begun).toBeGreaterThan(0);
    expect(reads.open).toBe(0);
  }
});

test("two planners that cut differently plan one batch", async () => {
  const text = Array.from({ length: 2000 }, (_, n) => `${n}\n`).join("");
  const one = await stage({ job: lineJob(), inputs: { "x.txt": text }, chunk: { bytes: 50 } });
  await one.submit();
  const [message = PLAN] = one.queue.take("coordinator");
  await Promise.all([one.deliver("coordinator", [message]), one.deliver("coordinator", [message])]);
  await one.pump();
  expect(one.result()).toEqual({ order: upTo(2000), all: 2000 });
});

test("sizes are learned: the first chunks are small, and there are few of them", async () => {
  const one = await stage({ job: countingJob(100_000) });
  await one.submit();
  await one.step("coordinator");
  const sizes = chunks(one).map(({ start, end }) => end - start);
  expect(sizes.slice(0, 4)).toEqual([1, 1, 1, 1]);
  expect(Math.max(...sizes)).toBeGreaterThan(10);
  expect(sizes.reduce((a, b) => a + b, 0)).toBe(100_000);
});

test("the pace is read where sizes are learned, and not where the user gave them", async () => {
  for (const { chunk, reads } of [
    { chunk: { items: 1 }, reads: false },
    { chunk: {}, reads: true },
  ]) {
    const one = await stage({ job: countingJob(300), chunk });
    const read: string[] = [];
    one.hook = ({ method, of }) => void (method === "read" && read.push(of));
    await one.submit();
    await one.step("coordinator");
    expect(read.some((key) => key.startsWith("node/"))).toBe(reads);
  }
});

test("the rest is shared out: a small file becomes many chunks of at least one record", async () => {
  const text = `${"x".repeat(999)}\n`.repeat(20);
  const one = await stage({ job: lineJob(), inputs: { "a.txt": text, "b.txt": text } });
  await one.submit();
  await one.step("coordinator");
  expect(chunks(one).map(({ source, start, end }) => [source, start, end])).toEqual(
    [0, 1].flatMap((source) => Array.from({ length: 20 }, (_, n) => [source, n * 1000, (n + 1) * 1000])),
  );
});

test("the first chunks have an item for each place in process", async () => {
  const one = await stage({ job: countingJob(100_000, (n) => n, { concurrency: 50 }) });
  await one.submit();
  await one.step("coordinator");
  const [first] = chunks(one);
  expect(first).toMatchObject({ start: 0, end: 50 });
});

test("an entry of the plan stays below 1 KB even for a thousand tiny sources", async () => {
  const inputs = Object.fromEntries(
    Array.from({ length: 1000 }, (_, n) => [`f${n}.txt`, `${"x".repeat(n % 7)}\n`]),
  );
  const one = await stage({ job: lineJob((line) => line), inputs });
  await one.submit();
  await one.pump();
  const entries = [...one.ledger.records].filter(([key]) => key.startsWith("plan/"));
  for (const [key, fields] of entries) expect(key.length + JSON.stringify(fields).length).toBeLessThan(1024);
  expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 1000, succeeded: 1000 } });
});

test("an input that no longer exists ends the batch with INPUT_NOT_FOUND", async () => {
  const one = await stage({ job: csvJob(), inputs: { "x.csv": "id,note\n1,a\n" } });
  const gone = { ...one.spec.input, sources: [{ ...one.spec.input.sources[0]!, name: "in/gone.csv" }] };
  Object.assign(one.spec, { input: gone });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "failed", error: { code: "INPUT_NOT_FOUND" }, chunks: 0 });
});

test("an input that cannot be read the way the job says ends the batch with INPUT_INVALID", async () => {
  const one = await stage({ job: csvJob(), inputs: { "x.csv": "id,id\n1,a\n" } });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "failed", error: { code: "INPUT_INVALID" } });
});

test("an input that cannot be read costs one failed item beside others, which are all read", async () => {
  const one = await stage({
    job: csvJob(),
    inputs: { "a.csv": "id,note\n1,a\n2,b\n", "b.csv": "id,id\n1,a\n", "c.csv": "id,note\n3,c\n" },
    chunk: { items: 1 },
  });
  await one.submit();
  await one.pump();
  const totals = { succeeded: 3, failed: 1, chunks: 4 };
  expect(one.batch()).toMatchObject({ state: "completed-with-failures", error: null, totals });
  expect(one.failed()).toMatchObject([{ source: "b.csv", index: 0, offset: 0, code: "INPUT_INVALID" }]);
});

test("text that two planners spooled is read as the plan names it, whichever planner wrote the entries", async () => {
  const text = Array.from({ length: 200 }, (_, n) => `line ${n}\n`).join("");
  const one = await stage({
    job: lineJob((line) => line),
    inputs: { "a.gz": gzipSync(text), "cut.gz": gzipSync(text).subarray(0, -9) },
    chunk: { items: 3 },
    blockBytes: 50,
  });
  await one.submit();
  const plan = { kind: "plan", batch: BATCH, entry: 0 } as const;
  await Promise.all([one.deliver("coordinator", [plan]), one.deliver("coordinator", [plan])]);
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "completed-with-failures", totals: { failed: 1 } });
  const [failed] = one.failed();
  expect(failed).toMatchObject({ source: "cut.gz", code: "INPUT_INVALID", line: (failed?.index ?? 0) + 1 });
  expect(one.batch()).toMatchObject({ totals: { succeeded: 200 + (failed?.index ?? 0) } });
});

test("a batch that is cancelled while it is planned has only the chunks that were planned", async () => {
  const one = await stage({ job: countingJob(1000), chunk: { items: 1 } });
  await one.submit();
  one.hook = async ({ of, method }, when) => {
    if (method === "send" && of === "worker" && when === "after")
      await cancel({ ledger: one.ledger, queue: one.queue }, BATCH);
  };
  await one.step("coordinator");
  one.hook = () => undefined;
  await one.pump();
  expect(one.ledger.records.get(planKey(BATCH, 1))).toEqual({ end: 16, short: true });
  expect(one.batch()).toMatchObject({ state: "cancelled", chunks: 16, totals: { chunks: 0, lost: 16 } });
  expect(one.result()).toEqual({ order: "", all: 0 });
});

test("a message for a batch that has ended does nothing", async () => {
  const one = await stage({ job: countingJob(3) });
  await one.submit();
  await one.pump();
  const before = one.batch();
  await one.deliver("coordinator", [PLAN]);
  expect(one.batch()).toEqual(before);
  expect(one.queue.waiting("worker") + one.queue.waiting("join")).toBe(0);
});

test("wherever a second planner comes in, the damaged part of a packed source is one failed item", async () => {
  const fine = Array.from({ length: 300 }, (_, n) => `${n}\n`).join("");
  const rest = gzipSync("lost\n".repeat(900));
  const inputs = {
    "a.gz": Buffer.concat([gzipSync(fine), rest.subarray(0, -9)]),
    "b.txt": "b\n".repeat(300),
  };
  const job = lineJob();
  for (let before = 0, wasMet = true; wasMet; before++) {
    const one = await stage({ job, inputs, chunk: { bytes: 30 }, blockBytes: 1000 });
    let writes = 0;
    wasMet = false;
    one.hook = async ({ method, of }, when) => {
      if (method !== "update" || !of.startsWith("plan/") || when !== "before" || writes++ !== before) return;
      wasMet = true;
      await one.deliver("coordinator", [PLAN]);
    };
    await one.submit();
    await one.pump();
    expect(one.failed().map(({ source, code }) => [source, code])).toEqual([["a.gz", "INPUT_INVALID"]]);
    expect(one.result()).toEqual({ order: (fine + inputs["b.txt"]).replaceAll("\n", ","), all: 600 });
  }
});
