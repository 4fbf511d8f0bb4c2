import { expect, test } from "vitest";
import type { ChunkMessage, Message } from "../../src/core/records/message.ts";
import type { Fields } from "../../src/core/records/record.ts";
import { planKey, writeEntry } from "../../src/core/records/plan.ts";
import { deadLetter } from "../../src/steps/dead-letter.ts";
import type { ChunksRequest, MergeRequest, Runner } from "../../src/runner/runner.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { cancel } from "../../src/batch/submit.ts";
import { countingJob, csvJob, lineJob, upTo } from "./jobs.ts";
import { stage } from "./stage.ts";
import { BATCH } from "./stage-spec.ts";
import type { Stage } from "./stage.ts";

/** Attempts die whenever an effect touches a key that contains `of`. */
function dyingAt(one: Stage, of: (key: string) => boolean): { count: number } {
  const deaths = { count: 0 };
  one.hook = (call, when) => {
    if (when !== "before" || !of(call.of)) return;
    deaths.count++;
    throw new Error("dies");
  };
  return deaths;
}

test("a chunk that dies in every attempt is given up as CHUNK_FAILED with its range, after three rounds of three", async () => {
  const job = lineJob();
  const one = await stage({ job, inputs: { "x.txt": "one\ntwo\nthree\nfour\n" }, chunk: { items: 1 } });
  let deaths = 0;
  const { runner } = one;
  const runs: Pick<Runner, "chunks"> = { ...runner };
  Object.assign(runner, {
    chunks: async (request: ChunksRequest) => {
      if (request.chunks.some(({ chunk }) => chunk === 1)) throw new Error(`death ${++deaths}`);
      return runs.chunks(request);
    },
  });
  await one.submit();
  await one.pump();
  expect(deaths).toBe(9);
  expect(one.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { chunks: 4, broken: 1, lost: 0, succeeded: 3, failed: 0 },
  });
  expect(one.failed()).toMatchObject([
    {
      source: "x.txt",
      chunk: 1,
      code: "CHUNK_FAILED",
      attempts: 9,
      range: { start: 4, end: 8 },
      index: null,
      line: null,
      item: null,
    },
  ]);
  expect(one.failures()).toMatchObject({
    groups: [{ code: "CHUNK_FAILED", count: 1, first: [{ source: "x.txt", range: { start: 4, end: 8 } }] }],
    others: 0,
  });
  expect(one.result()).toEqual({ order: "one,three,four,", all: 3 });
});

test("a pulled chunk that is given up again has the number that it had", async () => {
  const one = await stage({ job: countingJob(4) });
  const { runner } = one;
  const runs: Pick<Runner, "chunks"> = { ...runner };
  Object.assign(runner, {
    chunks: async (request: ChunksRequest) => {
      if (request.chunks.some(({ chunk }) => chunk === 1)) throw new Error("it dies");
      return runs.chunks(request);
    },
  });
  const unread = { source: 0, spooled: false, before: { items: null, lines: null }, text: null, offset: 0 };
  const chunks = [3, 17].map((chunk) => ({ ...unread, chunk, start: chunk, end: chunk + 2 }));
  const sources = [{ source: 0, label: "range", size: 100, head: "" }];
  Object.assign(one.spec, { reproduces: { batch: "01A", sources, chunks } });
  await one.submit();
  await one.pump();
  expect(one.failed()).toMatchObject([{ chunk: 17, code: "CHUNK_FAILED", range: { start: 17, end: 19 } }]);
  expect(one.result()).toEqual({ order: "3,4,", all: 2 });
});

test("a chunk that was settled meanwhile is not given up", async () => {
  const one = await stage({ job: countingJob(2), chunk: { items: 1 } });
  await one.submit();
  await one.step("coordinator");
  const chunks = one.queue.take("worker") as ChunkMessage[];
  await one.deliver("worker", chunks);
  await deadLetter(one.ports, { message: { ...chunks[0]!, attempt: 7 }, receives: 3 });
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "succeeded", totals: { broken: 0 } });
});

test("a chunk that is given up twice is counted once", async () => {
  const one = await stage({ job: countingJob(2), chunk: { items: 1 } });
  await one.submit();
  await one.step("coordinator");
  const [first, second] = one.queue.take("worker") as [ChunkMessage, ChunkMessage];
  for (let n = 0; n < 2; n++) await deadLetter(one.ports, { message: { ...first, attempt: 7 }, receives: 3 });
  await one.deliver("worker", [first, second]);
  await one.pump();
  expect(one.batch()).toMatchObject({ totals: { chunks: 2, broken: 1, succeeded: 1 } });
});

test("a chunk of an ending batch is not given up, because it was not tried", async () => {
  const one = await stage({ job: countingJob(2), chunk: { items: 1 } });
  await one.submit();
  await one.step("coordinator");
  const [first] = one.queue.take("worker") as [ChunkMessage];
  await cancel(one.ports, BATCH);
  await deadLetter(one.ports, { message: { ...first, attempt: 7 }, receives: 3 });
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "cancelled", totals: { broken: 0, lost: 2 } });
});

test("a message that is sent again carries the number of its attempts", async () => {
  const one = await stage({ job: countingJob(1) });
  await one.submit();
  await one.step("coordinator");
  const [message] = one.queue.take("worker") as [ChunkMessage];
  await deadLetter(one.ports, { message, receives: 3 });
  expect(one.queue.take("worker")).toEqual([{ ...message, attempt: 4 }]);
});

test("a merge that dies in every attempt is given up: the batch fails with MERGE_FAILED and exact counts", async () => {
  const one = await stage({ job: countingJob(250), chunk: { items: 1 } });
  const merges: Pick<Runner, "merge"> = { ...one.runner };
  Object.assign(one.runner, {
    merge: async (request: MergeRequest) => {
      if (!request.root && request.index === 1) throw new Error("dies");
      return merges.merge(request);
    },
  });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: {
      code: "MERGE_FAILED",
      message: "the join of node 1 on level 0 did not survive 9 attempts",
    },
    totals: { chunks: 250, succeeded: 250, broken: 0 },
  });
});

test("a root that dies in every attempt is closed without files", async () => {
  const one = await stage({ job: countingJob(5) });
  Object.assign(one.runner, { merge: () => Promise.reject(new Error("dies")) });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: { code: "MERGE_FAILED" },
    totals: { succeeded: 5 },
    result: null,
  });
});

test("a planner that dies without getting anywhere ends its batch with INPUT_NOT_RESUMABLE", async () => {
  const one = await stage({ job: csvJob(), inputs: { "x.csv": "id,note\n1,a\n" } });
  const deaths = dyingAt(one, (key) => key === "in/x.csv");
  await one.submit();
  await one.pump();
  expect(deaths.count).toBe(3);
  expect(one.batch()).toMatchObject({ state: "failed", error: { code: "INPUT_NOT_RESUMABLE" }, chunks: 0 });
});

test("a planner that dies but gets further each time continues", async () => {
  const one = await stage({ job: countingJob(1500), chunk: { items: 1 } });
  let writes = 0;
  one.hook = ({ of, method }, when) => {
    // It dies before it writes a third entry.
    if (of.startsWith("plan/") && method === "update" && when === "after" && ++writes % 2 === 0)
      throw new Error("dies");
  };
  await one.submit();
  await one.pump();
  expect(one.log.length).toBeGreaterThan(3);
  expect(one.batch()).toMatchObject({ state: "succeeded", chunks: 1500 });
  expect(one.result()).toEqual({ order: upTo(1500), all: 1500 });
});

test("however far the plan has grown, the next planner continues at its last entry", async () => {
  const one = await stage({ job: countingJob(1000) });
  await one.submit();
  one.queue.take("coordinator");
  for (let entry = 0; entry < 205; entry++) {
    const ranges = [{ source: 0, start: entry, end: entry + 1 }];
    one.ledger.records.set(planKey(BATCH, entry), writeEntry(BATCH, { entry, first: entry, ranges }).set);
  }
  for (const entry of [0, 3, 203]) {
    await deadLetter(one.ports, { message: { kind: "plan", batch: BATCH, entry }, receives: 3 });
    expect(one.queue.take("coordinator")).toEqual([{ kind: "plan", batch: BATCH, entry: 204 }]);
  }
  expect(one.batch()["ending"]).toBeUndefined();
  await deadLetter(one.ports, { message: { kind: "plan", batch: BATCH, entry: 204 }, receives: 3 });
  expect(one.batch()).toMatchObject({ ending: "input", error: { code: "INPUT_NOT_RESUMABLE" } });
});

/** A batch of which one row failed, and the messages of its redrive. */
async function redriveAsked(): Promise<{ one: Stage; before: Fields; messages: Message[] }> {
  const one = await stage({ job: csvJob(), inputs: { in: "id,note\n1,good\n2,bad\n" } });
  await one.submit();
  await one.pump();
  const before = one.batch();
  await redrive(one.ports, BATCH, null);
  return { one, before, messages: one.queue.take("coordinator", 10) };
}

test("a redrive that cannot be prepared leaves the batch as it was, and says so", async () => {
  const { one, before, messages } = await redriveAsked();
  const { state, totals, result } = before;
  expect(messages).toHaveLength(1);
  await one.deliver("dead-letter", messages);
  const message =
    "the redrive could not be prepared, again and again; the batch is as it was before. The log says more";
  expect(one.batch()).toMatchObject({ state, totals, result, error: { code: "REDRIVE_FAILED", message } });
  expect(one.queue.take("coordinator", 10)).toEqual([]);
});

test("a redrive that was prepared is launched again", async () => {
  const { one, messages } = await redriveAsked();
  await one.deliver("coordinator", messages);
  await one.deliver("dead-letter", messages);
  expect(one.batch()["error"]).toBeUndefined();
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { succeeded: 1, failed: 1 },
  });
});

test("what nothing depends on is given up at once: news, and a time at which a batch was to start", async () => {
  const one = await stage({ job: countingJob(2) });
  await one.submit();
  one.queue.take("coordinator", 10);
  const before = structuredClone([...one.ledger.records]);
  for (const kind of ["news", "tick"] as const)
    await deadLetter(one.ports, { message: { kind, batch: BATCH } as never, receives: 3 });
  expect([...one.ledger.records]).toEqual(before);
  for (const name of ["coordinator", "worker", "join", "dead-letter"] as const)
    expect(one.queue.take(name, 10)).toEqual([]);
});
