/** Pauses, resumes and settings over HTTP. */
import { expect, test } from "vitest";
import { lineJob } from "../steps/jobs.ts";
import { apiStage, BASE, jsonBody } from "./api-stage.ts";

test("a batch is paused and resumed, and what does not apply changes nothing", async () => {
  const { stage, submit, post, get } = await apiStage(lineJob());
  const { batch } = await submit({ input: { items: ["x"] } });
  const paused = await post(`/batches/${batch}/pause`);
  expect(paused).toMatchObject({ status: 202, json: { state: "paused" } });
  expect(paused.headers["location"]).toBe(`${BASE}/batches/${batch}`);
  expect(await post(`/batches/${batch}/pause`, {})).toMatchObject({ status: 200, json: { state: "paused" } });
  expect((await get("/batches?state=paused")).json).toMatchObject({ batches: [{ batch }] });
  await stage.pump();
  expect((await get(`/batches/${batch}`)).json).toMatchObject({ state: "paused", endedAt: null });
  expect((await post(`/batches/${batch}/resume`)).status).toBe(202);
  expect((await post(`/batches/${batch}/resume`)).status).toBe(200);
  await stage.pump();
  expect(await post(`/batches/${batch}/pause`)).toMatchObject({ status: 200, json: { state: "succeeded" } });
  expect(await post(`/batches/${batch}/resume`)).toMatchObject({ status: 200, json: { state: "succeeded" } });
  expect((await post("/batches/01NONE/pause")).status).toBe(404);
  expect((await post("/batches/01NONE/resume")).status).toBe(404);
});

test("settings of a batch that runs are changed one by one, and shown", async () => {
  const { stage, submit, request, get } = await apiStage(lineJob(), { refusedSettings: {} });
  const { batch } = await submit({ input: { items: ["x"] } });
  const set = (body: unknown) => request("PATCH", `/batches/${batch}`, jsonBody(body));
  expect(await set({ threads: 2 })).toMatchObject({ status: 200, json: { settings: { threads: 2 } } });
  await set({ priority: -3 });
  await set({ perSecond: 0.5, inFlight: 8 });
  expect((await get(`/batches/${batch}`)).json).toMatchObject({
    settings: { threads: 2, priority: -3, inFlight: 8, perSecond: 0.5 },
  });
  await stage.pump();
  expect(await set({ threads: 4 })).toMatchObject({ status: 409, json: { code: "BATCH_NOT_READY" } });
});

test.for([
  [{}, "nothing is set: give one or more of threads, priority, inFlight, perSecond"],
  [{ threads: 0 }, "threads must be a whole number from 1 to 1024, but is 0"],
  [{ priority: 1.5 }, "priority must be a whole number from -100 to 100, but is 1.5"],
  [{ priority: "high" }, "priority must be a number"],
  [{ inFlight: 0.5 }, "inFlight must be a whole number from 1 to 1000000, but is 0.5"],
  [{ perSecond: 0 }, "perSecond must be a number from 0.001 to 50000, but is 0"],
  [{ speed: 1 }, "unknown field"],
] as const)("%j is refused", async ([body, detail]) => {
  const { submit, request } = await apiStage(lineJob(), { refusedSettings: {} });
  const { batch } = await submit({ input: { items: ["x"] } });
  const refused = await request("PATCH", `/batches/${batch}`, jsonBody(body));
  expect(refused).toMatchObject({ status: 400, json: { code: "REQUEST_INVALID" } });
  expect((refused.json as { detail: string }).detail).toContain(detail);
});

test("a setting that a platform does not have is refused with the reason", async () => {
  const { submit, request } = await apiStage(lineJob());
  const { batch } = await submit({ input: { items: ["x"] } });
  const refused = await request("PATCH", `/batches/${batch}`, jsonBody({ threads: 2 }));
  expect(refused).toMatchObject({
    status: 400,
    json: { detail: "threads cannot be set here: there are none here" },
  });
  const both = await request("PATCH", `/batches/${batch}`, jsonBody({ inFlight: 2, threads: 2 }));
  expect(both.status).toBe(400);
  const taken = await request("PATCH", `/batches/${batch}`, jsonBody({ inFlight: 2 }));
  expect(taken).toMatchObject({ status: 200, json: { settings: { inFlight: 2 } } });
});
