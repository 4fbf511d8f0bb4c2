import { expect, test } from "vitest";
import type { SeenBatch } from "../../../src/api/host.ts";
import type { BatchChange, BatchSnapshot } from "../../../src/api/live/snapshot.ts";
import type { BatchHistory } from "../../../src/core/history/history.ts";
import { api } from "../../../src/api/handle-request.ts";
import { BASE, apiStage } from "../api-stage.ts";
import type { ApiStage } from "../api-stage.ts";
import { ITEMS, endedPicky, picky } from "../picky.ts";

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
