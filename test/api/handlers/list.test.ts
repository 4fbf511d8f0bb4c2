/** Lists of batches, in pages. */
import { expect, test } from "vitest";
import { range } from "../../../src/input/range.ts";
import { fold } from "../../../src/joins/fold.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { lineJob } from "../../steps/jobs.ts";
import { apiStage } from "../api-stage.ts";
import type { ApiStage } from "../api-stage.ts";

const first = () =>
  fold<string, string>({ init: () => "", add: (_, value) => value, merge: (a, b) => a + b });

interface Page {
  readonly batches: readonly BatchSummary[];
  readonly cursor: string | null;
}

async function pageOf({ get }: ApiStage, query = ""): Promise<Page> {
  const { status, json } = await get(`/batches${query}`);
  expect(status).toBe(200);
  return json as Page;
}

async function allPages(of: ApiStage, query: string): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: Page = await pageOf(of, `?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    pages.push(page.batches.map(({ batch }) => batch));
    cursor = page.cursor;
  }
  return pages;
}

test("batches are listed newest first, in pages, each once", async () => {
  const of = await apiStage(lineJob());
  const made: string[] = [];
  for (let n = 0; n < 25; n++) made.push((await of.submit({ input: { items: [n] } })).batch);
  const pages = await allPages(of, "limit=10");
  expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
  expect(pages.flat()).toEqual(made.toReversed());
  expect((await pageOf(of)).batches).toHaveLength(20);
});

test("a page with large results ends early", async () => {
  const job = defineJob({ name: "wide", input: range(1), process: () => "x".repeat(60_000), join: first() });
  const of = await apiStage(job);
  for (let n = 0; n < 50; n++) await of.submit();
  await of.stage.pump();
  const pages = await allPages(of, "limit=100");
  expect(pages.map(({ length }) => length)).toEqual([34, 16]);
  expect(new Set(pages.flat()).size).toBe(50);
});

test("batches are filtered by job, by state and by id prefix", async () => {
  const of = await apiStage(lineJob());
  const done = await of.submit({ input: { items: ["x"] } });
  await of.stage.pump();
  const open = await of.submit({ input: { items: ["y"] } });
  const ids = async (query: string): Promise<string[]> =>
    (await pageOf(of, query)).batches.map(({ batch }) => batch);
  expect(await ids("?state=succeeded")).toEqual([done.batch]);
  expect(await ids("?state=planning")).toEqual([open.batch]);
  expect(await ids("?state=failed")).toEqual([]);
  expect(await ids("?job=line-job&state=planning")).toEqual([open.batch]);
  expect(await ids(`?batch=${done.batch.toLowerCase()}`)).toEqual([done.batch]);
  expect(await ids("?batch=02")).toEqual([]);
});

test("a filter without matches does bounded work per page, and its cursor continues", async () => {
  const of = await apiStage(lineJob());
  const { batch } = await of.submit({ input: { items: ["x"] } });
  await of.stage.pump();
  const record = of.stage.ledger.records.get(`batch/${batch}`) ?? {};
  for (let n = 0; n < 2500; n++)
    of.stage.ledger.records.set(`batch/01A${String(n).padStart(6, "0")}`, record);
  let reads = 0;
  of.stage.hook = (_call, when) => void (when === "before" && reads++);
  const first = await pageOf(of, "?state=failed");
  expect(first).toEqual({ batches: [], cursor: expect.any(String) });
  expect(reads).toBeLessThanOrEqual(10);
  expect(await allPages(of, "state=failed")).toEqual([[], [], []]);
});

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
