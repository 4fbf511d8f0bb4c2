import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { failedWhileRunning } from "../../../src/api/live/live-failures.ts";
import { apiStage } from "../api-stage.ts";
import { ITEMS, endedPicky, picky } from "../picky.ts";

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
