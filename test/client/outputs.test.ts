import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { connect } from "../../src/client/connect.ts";
import type { Batch } from "../../src/door/fanjoin.ts";
import { plan, settle } from "../outputs/settle.ts";
import { countingJob, joinlessJob } from "../steps/jobs.ts";
import type { Job } from "../../src/job/job.ts";
import { deploy } from "./deployed.ts";
import type { Deployed } from "./deployed.ts";

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A batch of a stack; its chunks of two items run when the test says so. */
async function submitted(job: Job): Promise<{ readonly to: Deployed; readonly batch: Batch }> {
  const to = await deploy(job);
  to.held = true;
  for (const [name, value] of Object.entries(to.env)) vi.stubEnv(name, value);
  const fanjoin = await connect({ endpoint: to.url });
  onTestFinished(() => fanjoin.close());
  const batch = await fanjoin.submit(job.name, { chunk: { items: 2 } });
  await plan(to.api.stage);
  return { to, batch };
}

test("outputs of a stack come in pages while the batch runs", async () => {
  const { to, batch } = await submitted(countingJob(10));
  const { stage } = to.api;
  await settle(stage, [0, 2]);
  const seen: unknown[] = [];
  for await (const value of batch.outputs()) {
    seen.push(value);
    if (value === 1) await settle(stage, [1]);
    if (value === 5) await stage.pump();
  }
  expect(seen).toEqual(numbers(0, 10));
  const asked = to.seen.filter(({ path }) => path.includes("/outputs?"));
  expect(asked[0]?.path).toMatch(/\/outputs\?after=$/);
  expect(new Set(asked.map(({ path }) => path)).size).toBeGreaterThan(2);
});

test("outputs come as they are completed, and a program goes on with the cursor that it kept", async () => {
  const { to, batch } = await submitted(countingJob(10));
  await settle(to.api.stage, [3]);
  let text = "";
  let after = "";
  for await (const { blocks, cursor } of batch.outputPages({ order: "completed" })) {
    text += Buffer.concat(blocks).toString();
    after = cursor;
    break;
  }
  expect(text).toBe("6\n7\n");
  await to.api.stage.pump();
  const rest = await Array.fromAsync(batch.outputs({ after }));
  expect(rest).toEqual([...numbers(0, 6), 8, 9]);
});

test("a job that does not collect has no outputs", async () => {
  const { batch } = await submitted(joinlessJob(4));
  await expect(Array.fromAsync(batch.outputs())).rejects.toMatchObject({ code: "RESULT_UNKNOWN" });
});

test("a signal ends the wait for more", async () => {
  const { batch } = await submitted(countingJob(4));
  const stop = new AbortController();
  const reading = Array.fromAsync(batch.outputs({ signal: stop.signal }));
  stop.abort(new Error("enough"));
  await expect(reading).rejects.toThrow("enough");
});

test.for([
  ["of an earlier version", { headers: { "content-type": "application/jsonl" } }],
  ["with an unknown state", { headers: { "fanjoin-cursor": "x", "fanjoin-outputs": "perhaps" } }],
  [
    "with a page that is too long",
    { body: "x".repeat(9_000_000), headers: { "fanjoin-cursor": "x", "fanjoin-outputs": "ready" } },
  ],
] as const)("an endpoint %s is not read for ever", async ([, answer]) => {
  const { to, batch } = await submitted(countingJob(4));
  to.meddle = ({ path }) => (path.includes("/outputs?") ? { status: 200, ...answer } : null);
  await expect(Array.fromAsync(batch.outputs())).rejects.toMatchObject({
    code: "ENDPOINT_UNUSABLE",
    message: expect.stringContaining("is not a fanjoin API"),
  });
});
