import { expect, test } from "vitest";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { removeObjects } from "../../src/batch/steering/remove.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { redriveBatch } from "../../src/core/records/batch/redriving.ts";
import { lineJob } from "../steps/jobs.ts";
import { sweeper } from "../../src/steps/sweeper.ts";
import { apiStage } from "./api-stage.ts";
import type { ApiStage } from "./api-stage.ts";

async function ended(of: ApiStage, id = "mine"): Promise<BatchSummary> {
  const { json } = await of.post("/jobs/line-job/batches", { input: { items: ["a", "b"] }, id });
  await of.stage.pump();
  const { batch } = json as BatchSummary;
  const shown = (await of.get(`/batches/${batch}`)).json as BatchSummary;
  expect(shown.endedAt).not.toBeNull();
  return shown;
}

const remove = (of: ApiStage, batch: string) => of.request("DELETE", `/batches/${batch}`);

test("a removed batch is neither listed nor known, and its id is free again", async () => {
  const of = await apiStage(lineJob());
  const kept = await ended(of, "kept");
  const { batch } = await ended(of);
  expect((await remove(of, batch)).status).toBe(204);
  const listed = (await of.get("/batches")).json as { batches: BatchSummary[] };
  expect(listed.batches.map((one) => one.batch)).toEqual([kept.batch]);
  for (const path of ["", "/result", "/outputs", "/failed"]) {
    expect(await of.get(`/batches/${batch}${path}`)).toMatchObject({
      status: 404,
      json: { code: "BATCH_UNKNOWN" },
    });
  }
  for (const action of ["cancel", "redrive"])
    expect((await of.post(`/batches/${batch}/${action}`)).status).toBe(404);
  expect((await remove(of, batch)).status).toBe(404);
  const again = await of.post("/jobs/line-job/batches", { input: { items: ["other"] }, id: "mine" });
  expect(again.status).toBe(202);
  expect((again.json as BatchSummary).batch).not.toBe(batch);
  const same = await of.post("/jobs/line-job/batches", { input: { items: ["other"] }, id: "mine" });
  expect(same).toMatchObject({ status: 200, json: { batch: (again.json as BatchSummary).batch } });
});

test("a batch that has not ended is refused, and goes on", async () => {
  const of = await apiStage(lineJob());
  const { batch } = await of.submit({ input: { items: ["a"] } });
  const refused = await remove(of, batch);
  expect(refused).toMatchObject({ status: 409, json: { code: "BATCH_NOT_READY" } });
  expect((refused.json as { detail: string }).detail).toContain("cancel it first");
  await of.stage.pump();
  expect((await of.get(`/batches/${batch}`)).json).toMatchObject({ state: "succeeded" });
});

test("the record of a removed batch holds nothing of its input, params or result", async () => {
  const of = await apiStage(lineJob());
  const { batch } = await ended(of);
  await remove(of, batch);
  const record = of.stage.ledger.records.get(`batch/${batch}`);
  expect(record).toMatchObject({ input: { sources: [] }, params: null, result: null });
  expect(JSON.stringify(record)).not.toMatch(/input-|result-/);
});

test("the sweeper removes the objects of a removed batch, and no others", async () => {
  const of = await apiStage(lineJob());
  const { batch } = await ended(of);
  const other = await ended(of, "other");
  const record = of.stage.ledger.records.get(`batch/${batch}`) ?? {};
  const { result } = record["result"] as unknown as { result: { name: string } };
  await remove(of, batch);
  expect(await of.stage.store.stat(result.name)).not.toBeNull();
  await sweeper(of.stage.ports);
  expect(await of.stage.store.stat(result.name)).toBeNull();
  expect((await of.get(`/batches/${other.batch}/result`)).status).toBe(200);
  let asked = 0;
  of.stage.hook = ({ method }) => void (asked += method === "remove" ? 1 : 0);
  await sweeper(of.stage.ports);
  expect(asked).toBe(0);
});

test("a sweep whose removal fails is tried again, and has swept everything else before", async () => {
  const of = await apiStage(lineJob());
  const { batch } = await ended(of);
  await remove(of, batch);
  const late = await of.submit({ input: { items: ["late"] } });
  of.stage.clock.advance(30 * 24 * 3_600_000);
  of.stage.hook = ({ method }) => {
    if (method === "remove") throw new Error("S3 is away");
  };
  await expect(sweeper(of.stage.ports)).rejects.toThrow("S3 is away");
  expect(of.stage.ledger.records.get(`batch/${late.batch}`)).toMatchObject({ ending: "deadline" });
  of.stage.hook = () => undefined;
  await sweeper(of.stage.ports);
  expect(of.stage.ledger.records.get(`batch/${batch}`)?.["open"]).toBeUndefined();
});

test("late messages of a removed batch are dropped, and change nothing", async () => {
  const of = await apiStage(lineJob());
  const { batch } = await of.submit({ input: { items: ["a", "b"] } });
  await of.stage.step("coordinator");
  const [message] = of.stage.queue.take("worker");
  if (!message) throw new Error("the batch has a chunk");
  await of.stage.deliver("worker", [message]);
  await of.stage.pump();
  await remove(of, batch);
  await removeObjects(of.stage.ports, batch);
  const before = new Map(of.stage.ledger.records);
  await of.stage.deliver("worker", [{ ...message, look: true } as typeof message]);
  await of.stage.deliver("coordinator", [{ kind: "plan", batch, entry: 0 }]);
  await of.stage.pump();
  expect(of.stage.ledger.records.get(`batch/${batch}`)).toEqual(before.get(`batch/${batch}`));
});

test("a redrive that read the batch before its removal is refused, and one that began refuses the removal", async () => {
  const of = await apiStage(lineJob());
  const { batch } = await ended(of);
  const { ledger } = of.stage;
  const read = ledger.records.get(`batch/${batch}`) ?? {};
  await remove(of, batch);
  expect(await ledger.update(redriveBatch(batch, read, { short: false }))).toMatchObject({ applied: false });
  const second = (await ended(of, "second")).batch;
  const record = ledger.records.get(`batch/${second}`) ?? {};
  await ledger.update(redriveBatch(second, record, { short: false }));
  expect((await remove(of, second)).status).toBe(409);
  await expect(redrive(of.stage.ports, batch, null)).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
});

test("where nothing works on a batch it is interrupted, unless it is to end", async () => {
  const worked = new Set<string>();
  const of = await apiStage(lineJob(), { isWorkedOn: (batch) => worked.has(batch) });
  const { batch } = await of.submit({ input: { items: ["a"] } });
  const stateNow = async (): Promise<string> =>
    ((await of.get(`/batches/${batch}`)).json as BatchSummary).state;
  const listed = async (state: string): Promise<number> =>
    ((await of.get(`/batches?state=${state}`)).json as { batches: unknown[] }).batches.length;
  expect(await stateNow()).toBe("interrupted");
  expect([await listed("interrupted"), await listed("planning")]).toEqual([1, 0]);
  worked.add(batch);
  expect(await stateNow()).toBe("planning");
  expect([await listed("interrupted"), await listed("planning")]).toEqual([0, 1]);
  worked.clear();
  await of.post(`/batches/${batch}/cancel`);
  expect(await stateNow()).toBe("cancelling");
});
