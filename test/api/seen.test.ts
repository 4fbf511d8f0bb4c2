import { expect, test } from "vitest";
import { lines } from "../../src/input/lines.ts";
import { count } from "../../src/joins/exact/count.ts";
import { defineJob } from "../../src/job/job.ts";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import type { ApiHost, SeenBatch } from "../../src/api/host.ts";
import type { BatchChange, BatchSnapshot } from "../../src/api/live/snapshot.ts";
import type { BatchHistory } from "../../src/core/history/history.ts";
import { failedWhileRunning } from "../../src/api/live/live-failures.ts";
import { api } from "../../src/api/handle-request.ts";
import { lineJob } from "../steps/jobs.ts";
import { apiStage, BASE } from "./api-stage.ts";
import type { ApiStage } from "./api-stage.ts";

/** Lines of `no …` fail, each with a kind of message of its own word. */
const picky = () =>
  defineJob({
    name: "picky",
    input: lines(),
    join: count(),
    retries: 0,
    process(line: string) {
      if (line.startsWith("no ")) throw new Error(`cannot take ${line.slice(3)}`);
      return 1;
    },
  });

const ITEMS = ["a", "no apples", "no pears", "b", "no apples", "c", "no apples"];

async function endedPicky(
  more: Partial<ApiHost> = {},
): Promise<{ of: ApiStage; batch: string; ids: string[] }> {
  const of = await apiStage(picky(), more);
  const { batch } = await of.submit({ input: { items: ITEMS } });
  await of.stage.pump();
  const { failures } = (await of.get(`/batches/${batch}`)).json as BatchSummary;
  return { of, batch, ids: failures?.groups.flatMap(({ id }) => id ?? []) ?? [] };
}

test("state may be repeated: batches in one of the states are listed", async () => {
  const of = await apiStage(lineJob());
  const done = await of.submit({ input: { items: ["x"] } });
  await of.stage.pump();
  const open = await of.submit({ input: { items: ["y"] } });
  const paused = await of.submit({ input: { items: ["z"] } });
  await of.post(`/batches/${paused.batch}/pause`);
  const ids = async (query: string): Promise<string[]> => {
    const { batches } = (await of.get(`/batches?${query}`)).json as { batches: BatchSummary[] };
    return batches.map(({ batch }) => batch);
  };
  expect(await ids("state=planning&state=paused")).toEqual([paused.batch, open.batch]);
  expect(await ids("state=succeeded&state=paused")).toEqual([paused.batch, done.batch]);
  expect(await ids("state=interrupted&state=running")).toEqual([]);
  expect((await of.get("/batches?state=planning&state=nonsense")).status).toBe(400);
});

test("one batch is shown with what it was started with, without secrets; a list has no details", async () => {
  const of = await apiStage(lineJob());
  const params = {
    year: 2026,
    apiKey: "k",
    at: "https://me:pass@x.example/",
    deep: [{ token: 1, keyColumn: "id" }],
  };
  const { batch } = await of.submit({ input: { items: ["x", "y"] }, params, chunk: { items: 1 } });
  const { details, progress } = (await of.get(`/batches/${batch}`)).json as BatchSummary;
  expect(details).toMatchObject({
    where: "aws",
    input: { reader: "items", unit: "bytes", size: 8, count: 1, sources: [{ name: "items", size: 8 }] },
    params: {
      year: 2026,
      apiKey: "hidden",
      at: "https://hidden@x.example/",
      deep: [{ token: "hidden", keyColumn: "id" }],
    },
    jobFile: null,
    concurrency: 1,
    chunk: { items: 1, bytes: null },
    retry: { attempts: 1, timeoutMs: 900_000 },
  });
  expect(progress).toMatchObject({ unit: "bytes", inFlight: null, secondsLeft: null });
  const { batches } = (await of.get("/batches")).json as { batches: BatchSummary[] };
  expect(batches[0]?.details).toBeUndefined();
});

test("failed items come in pages, of one group or of all", async () => {
  const { of, batch, ids } = await endedPicky();
  const pages = async (query: string): Promise<number[][]> => {
    const all: number[][] = [];
    for (let after: string | null = ""; after !== null;) {
      const reply = await of.get(`/batches/${batch}/failed?${query}&after=${after}`);
      expect(reply.status).toBe(200);
      const page = reply.json as { items: { index: number }[]; cursor: string | null };
      all.push(page.items.map(({ index }) => index));
      after = page.cursor;
    }
    return all;
  };
  expect(await pages(`group=${ids[0]}&limit=2`)).toEqual([[1, 4], [6]]);
  expect((await pages(`group=${ids[1]}`)).flat()).toEqual([2]);
  expect((await pages("limit=3")).flat()).toEqual([1, 2, 4, 6]);
  for (const query of ["group=../x", "limit=0", "limit=101", "after=zz", "after=1-1", "limit=1&grup=x"])
    expect((await of.get(`/batches/${batch}/failed?${query}`)).status).toBe(400);
});

interface FailedReply {
  readonly items: readonly {
    readonly item: string;
    readonly offset: number;
    readonly index: number | null;
  }[];
  readonly cursor: string | null;
}

test("failed items in pages are, before the end, those of the chunks that are settled", async () => {
  const of = await apiStage(picky());
  const { batch } = await of.submit({ input: { items: ITEMS }, chunk: { items: 1 } });
  const page = async (query: string): Promise<FailedReply> => {
    const { status, json } = await of.get(`/batches/${batch}/failed?${query}`);
    expect(status).toBe(200);
    return json as FailedReply;
  };
  expect(await page("limit=5")).toEqual({ items: [], cursor: null });
  expect((await of.get(`/batches/${batch}/failed`)).status).toBe(409);
  await of.stage.step("coordinator");
  await of.stage.step("worker", 3);
  const first = await page("limit=1");
  expect(first.items.map(({ item }) => item)).toEqual([`"no apples"`]);
  const second = await page(`limit=5&after=${first.cursor}`);
  expect(second.items.map(({ item }) => item)).toEqual([`"no pears"`]);
  expect(second.cursor).toBeNull();
  // Which number it has in its source is known once all before it is settled.
  expect(second.items[0]).toMatchObject({ index: null, offset: expect.any(Number) as number });
  await of.stage.step("worker", 10);
  expect((await page("limit=9")).items).toHaveLength(4);
  for (const query of ["group=../x", "limit=0", "after=r0", "after=r1-0-0", "after=1-1"])
    expect((await of.get(`/batches/${batch}/failed?${query}`)).status).toBe(400);
  await of.stage.pump();
  // The list of a batch that has ended is another one.
  expect((await of.get(`/batches/${batch}/failed?after=${first.cursor}`)).status).toBe(400);
  const { failures } = (await of.get(`/batches/${batch}`)).json as BatchSummary;
  const [group] = failures?.groups ?? [];
  expect((await page(`group=${group?.id}`)).items).toHaveLength(3);
});

test("failed items of one group are found while the batch runs; without any the page is empty", async () => {
  const of = await apiStage(picky());
  const { batch } = await of.submit({ input: { items: ITEMS }, chunk: { items: 2 } });
  await of.stage.step("coordinator");
  await of.stage.step("worker", 10);
  const live = await failedWhileRunning({ ledger: of.host.ledger, store: of.host.store })(
    batch,
    of.stage.ledger.records.get(`batch/${batch}`) ?? {},
    (await of.get(`/batches/${batch}`)).json as BatchSummary,
  );
  expect(live?.groups.map(({ count }) => count)).toEqual([3, 1]);
  const [apples] = live?.groups ?? [];
  const reply = await of.get(`/batches/${batch}/failed?group=${apples?.id}&limit=2`);
  const { items, cursor } = reply.json as FailedReply;
  expect(items.map(({ item }) => item)).toEqual([`"no apples"`, `"no apples"`]);
  expect(cursor).not.toBeNull();
  const none = await of.submit({ input: { items: ["a"] } });
  await of.stage.pump();
  expect((await of.get(`/batches/${none.batch}/failed?limit=5`)).json).toEqual({ items: [], cursor: null });
});

test("a redrive takes the items of some groups, and a dry one says how many they are", async () => {
  const { of, batch, ids } = await endedPicky();
  const [apples, pears] = ids;
  const dry = async (body: object) =>
    (await of.post(`/batches/${batch}/redrive`, { ...body, dry: true })).json;
  expect(await dry({ groups: [apples] })).toEqual({
    failed: 3,
    byCode: { ITEM_FAILED: 3 },
    skipped: 0,
    goesOn: false,
    mayPass: 0,
    notRetried: 3,
    hasToChange: 0,
  });
  expect(await dry({})).toMatchObject({ failed: 4 });
  expect(await dry({ codes: ["ITEM_TIMEOUT"] })).toMatchObject({ failed: 0 });
  expect((await of.get(`/batches/${batch}`)).json).toMatchObject({ state: "completed-with-failures" });
  expect((await of.post(`/batches/${batch}/redrive`, { groups: ["sother"] })).status).toBe(400);
  expect((await of.post(`/batches/${batch}/redrive`, { dry: "yes" })).status).toBe(400);
  expect((await of.post(`/batches/${batch}/redrive`, { groups: [pears] })).status).toBe(202);
  await of.stage.pump();
  const { items } = (await of.get(`/batches/${batch}`)).json as BatchSummary;
  expect(items).toEqual({ total: 7, succeeded: 3, failed: 4, skipped: 0 });
  const page = (await of.get(`/batches/${batch}/failed?limit=9`)).json as {
    items: { index: number; attempts: number }[];
  };
  // Only the pear was tried again.
  expect(page.items.map(({ index, attempts }) => [index, attempts])).toEqual([
    [1, 1],
    [2, 2],
    [4, 1],
    [6, 1],
  ]);
});

const HISTORY: BatchHistory = {
  start: 0,
  now: 500,
  interval: 250,
  points: { done: [1, 2], failed: [0, 1], inFlight: [1, null] },
  allowed: 4,
  latency: null,
  counts: { settled: 3, running: 1, triedAgain: 0, hedged: 0, split: 0, merges: 0 },
  timeline: { form: "exact", lanes: ["thread 1"], marks: [[0, 0, null, "running", 3, 0, 0, 1, 0]] },
};

test("a history is shown if one was kept; else the answer says why there is none", async () => {
  const { of, batch } = await endedPicky();
  const whyNone = async (of: ApiStage, batch: string): Promise<string> => {
    const { status, json } = await of.get(`/batches/${batch}/history`);
    expect({ status, json }).toMatchObject({ status: 404, json: { code: "RESULT_UNKNOWN" } });
    return (json as { readonly detail: string }).detail.replace(batch, "01A");
  };
  expect(await whyNone(of, batch)).toBe(
    "batch 01A has no history: an older fanjoin ran it, or it was one of many short batches",
  );
  const fresh = await apiStage(picky());
  const begun = await fresh.submit({ input: { items: ITEMS } });
  expect(await whyNone(fresh, begun.batch)).toBe(
    "batch 01A has no history: none of its chunks is settled yet, try again later",
  );
  await fresh.post(`/batches/${begun.batch}/cancel`);
  await fresh.stage.pump();
  expect(await whyNone(fresh, begun.batch)).toBe(
    "batch 01A has no history: it ended before a chunk of it was settled",
  );
  const other = await endedPicky({ seen: async () => ({ history: HISTORY, failures: null }) });
  expect((await other.of.get(`/batches/${other.batch}/history`)).json).toEqual(HISTORY);
});

test("events of a host that cannot go on are one snapshot, and the end of an ended batch", async () => {
  const { of, batch } = await endedPicky({ seen: async () => ({ history: HISTORY, failures: null }) });
  const { status, headers, body } = await of.get(`/batches/${batch}/events`);
  expect([status, headers["content-type"]]).toEqual([200, "text/event-stream"]);
  const [retry, snapshot, end, rest] = body.split("\n\n");
  expect([retry, end, rest]).toEqual(["retry: 2000", "event: end\ndata: {}", ""]);
  const { summary, failures, history } = JSON.parse(snapshot?.split("\ndata: ")[1] ?? "") as BatchSnapshot;
  expect(summary.details).toBeDefined();
  expect(history).toEqual(HISTORY);
  expect(failures).toMatchObject({
    of: 4,
    others: 0,
    groups: [
      { count: 3, items: [] },
      { count: 1, items: [] },
    ],
  });
  expect((await of.get("/batches/01NONE/events")).status).toBe(404);
});

test("events go on with what changes, a second apart for failures, until the end", async () => {
  let now = 1_000_000;
  const waits: number[] = [];
  let seen: SeenBatch = { history: HISTORY, failures: null };
  const steps: (() => Promise<void>)[] = [];
  const of = await apiStage(picky(), {
    now: () => now,
    seen: async () => seen,
    async wait(ms) {
      waits.push(ms);
      now += ms;
      await steps.shift()?.();
    },
  });
  const { batch } = await of.submit({ input: { items: ITEMS } });
  const groups = { groups: [], others: 4, of: 4 };
  steps.push(
    async () => void (seen = { history: { ...HISTORY, now: 750 }, failures: groups }),
    async () => undefined,
    async () => undefined,
    async () => undefined,
    () => of.stage.pump(),
  );
  const request = {
    method: "GET",
    path: `/batches/${batch}/events`,
    query: {},
    headers: {},
    body: "",
    base: BASE,
  };
  const { more } = await api(of.host, request);
  const events: { name: string; data: unknown }[] = [];
  for await (const text of more ?? []) {
    for (const [, name = "", data = ""] of String(text).matchAll(/event: (\w+)\ndata: (.*)\n\n/g))
      events.push({ name, data: JSON.parse(data) as unknown });
  }
  expect(events.map(({ name }) => name)).toEqual(["snapshot", "change", "change", "change", "end"]);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(250);
  const [, first, second, third] = events.map(({ data }) => data as BatchChange);
  expect(first).toEqual({ at: expect.any(Number) as number, history: { now: 750 } });
  expect(second).toEqual({ at: expect.any(Number) as number, failures: groups });
  expect(third?.summary?.set).toMatchObject({ state: "completed-with-failures" });
  expect(third?.summary?.unset).toEqual(expect.arrayContaining(["progress"]));
  expect(third?.failures?.of).toBe(4);
});
