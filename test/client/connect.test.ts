/** The door `fanjoin/client`, as a program uses it, against a deployed API on a local port. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { connect } from "../../src/client/connect.ts";
import type { Fanjoin } from "../../src/door/fanjoin.ts";
import { csvJob, lineJob } from "../steps/jobs.ts";
import { deploy } from "./deployed.ts";
import type { Deployed } from "./deployed.ts";

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

async function connected(deployed: Deployed): Promise<Fanjoin> {
  for (const [name, value] of Object.entries(deployed.env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const fanjoin = await connect({ endpoint: deployed.url });
  onTestFinished(() => fanjoin.close());
  return fanjoin;
}

test("a local file is uploaded; the batch gives outputs, failed items and counts", async () => {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const folder = mkdtempSync(join(tmpdir(), "fanjoin-connect-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "rows.csv"), "id,note\n1,a\n2,b\n3,bad\n4,d\n");
  const fanjoin = await connected(deployed);
  const batch = await fanjoin.submit("csv-job", { input: [join(folder, "rows.csv")] });
  expect(await batch.ended()).toMatchObject({ state: "completed-with-failures", items: { failed: 1 } });
  expect(await all(batch.failed())).toMatchObject([{ line: 4, code: "ITEM_FAILED" }]);
  expect(await all(batch.outputs())).toHaveLength(3);
  expect((await fanjoin.batch("latest")).id).toBe(batch.id);
  expect(await all(fanjoin.list())).toMatchObject([{ batch: batch.id }]);
  expect(await all(fanjoin.list({ state: ["failed", "completed-with-failures"] }))).toHaveLength(1);
  expect(await all(fanjoin.list({ state: ["succeeded", "failed"] }))).toEqual([]);
  expect([...deployed.uploads.keys()]).toEqual([expect.stringMatching(/rows\.csv$/)]);
});

test("items, params, the id and the size of chunks are sent", async () => {
  const deployed = await deploy(lineJob());
  const fanjoin = await connected(deployed);
  const options = { input: { items: ["1", "2"] }, params: { by: 2 }, id: "monday", chunk: { items: 7 } };
  const first = await fanjoin.submit("line-job", options);
  const { body } = deployed.seen.find(({ method }) => method === "POST") ?? {};
  expect(JSON.parse(body ?? "")).toEqual({
    input: { items: ["1", "2"] },
    params: { by: 2 },
    id: "monday",
    chunk: { items: 7, bytes: null },
  });
  await first.ended();
  expect((await fanjoin.submit("line-job", options)).id).toBe(first.id);
});

test("a signal cancels the batch", async () => {
  const deployed = await deploy(lineJob());
  deployed.held = true;
  const fanjoin = await connected(deployed);
  const stop = new AbortController();
  const batch = await fanjoin.submit("line-job", { input: { items: ["1"] }, signal: stop.signal });
  stop.abort();
  const ended = batch.ended();
  await expect.poll(() => deployed.seen.some(({ path }) => path.endsWith("/cancel"))).toBe(true);
  await deployed.api.stage.pump();
  expect(await ended).toMatchObject({ state: "cancelled" });
});

test("failed items are run again; a batch without any has nothing to redrive", async () => {
  const deployed = await deploy(lineJob());
  const batch = await (await connected(deployed)).submit("line-job", { input: { items: ["1"] } });
  await batch.ended();
  expect(await batch.redrive()).toBe(false);
});

test("wrong options and unknown names are errors with codes", async () => {
  const deployed = await deploy(lineJob());
  const fanjoin = await connected(deployed);
  await expect(connect({}, {})).rejects.toMatchObject({ code: "USAGE" });
  await expect(connect({ stack: "a", endpoint: deployed.url }, {})).rejects.toMatchObject({ code: "USAGE" });
  await expect(fanjoin.submit("none")).rejects.toMatchObject({ code: "JOB_UNKNOWN" });
  await expect(fanjoin.submit(new URL("file:///job.ts"))).rejects.toMatchObject({ code: "USAGE" });
  await expect(fanjoin.submit("line-job")).rejects.toMatchObject({ code: "USAGE" });
  await expect(fanjoin.batch("01K")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
});
