/** Endpoints that fail for a moment, or all the time. */
import { expect, onTestFinished, test } from "vitest";
import { apiClient } from "../../../src/client/api-client.ts";
import { baseOf } from "../../../src/client/node/base-url.ts";
import { httpClient } from "../../../src/client/node/http-client.ts";
import { signFor } from "../../../src/client/node/sign.ts";
import type { ErrorCode } from "../../../src/core/errors/errors.ts";
import { countingJob } from "../../steps/jobs.ts";
import { workspace } from "../../cli/command.ts";
import { deploy } from "../deployed.ts";
import type { Deployed } from "../deployed.ts";

test("a submit is retried after a broken connection and after 502, with one idempotency token", async () => {
  const deployed = await deploy(countingJob(3));
  let left = 3;
  deployed.meddle = ({ path }) => {
    if (path.includes("/jobs/counting/batches") && left-- > 0)
      return left === 1 ? "hang up" : { status: 502 };
    return null;
  };
  const at = workspace(deployed.env);
  const { code, summary } = await at.json("submit", "counting", "--endpoint", deployed.url, "--wait");
  expect(summary).toMatchObject({ state: "succeeded" });
  expect(code).toBe(0);
  const ids = deployed.seen.filter(({ path }) => path.endsWith("/batches")).map(({ body }) => body);
  expect(ids.length).toBe(4);
  expect(new Set(ids).size).toBe(1);
});

/** An API client in this process with short timeouts. */
async function impatientClient(deployed: Deployed) {
  const env = { FANJOIN_TOKEN: "t" };
  const base = await baseOf({ endpoint: deployed.url }, env);
  const limits = {
    connectMs: 1000,
    answerMs: 150,
    idleMs: 1000,
    slowest: { windowMs: 150, bytes: 1000 },
    attempts: 2,
    backoff: { baseMs: 1, maxMs: 1 },
  };
  const api = apiClient(base, signFor(base, {}, env), httpClient(limits, base.insecure));
  onTestFinished(() => api.close());
  return api;
}

test.for<[string, Deployed["meddle"], ErrorCode, string | RegExp]>([
  ["never answers", () => "be silent", "ENDPOINT_UNUSABLE", "does not answer: the request timed out"],
  [
    "breaks every connection",
    () => "hang up",
    "ENDPOINT_UNUSABLE",
    "broke the connection: try again in a moment",
  ],
  [
    "refuses more requests",
    () => ({ status: 429, body: '{"message":"Too Many Requests"}' }),
    "TOO_MANY_REQUESTS",
    "gets too many requests at the moment: try again later",
  ],
  [
    "has no working function",
    () => ({ status: 502, body: '{"message":"Internal server error"}' }),
    "ENDPOINT_UNUSABLE",
    "failed: it answers 502, Internal server error. Try again",
  ],
])("a GET is retried once, then the error explains that the endpoint %s", async ([, meddle, code, said]) => {
  const deployed = await deploy(countingJob(3));
  deployed.meddle = meddle;
  const api = await impatientClient(deployed);
  await expect(api.batch("01K")).rejects.toMatchObject({ code, message: expect.stringMatching(said) });
  expect(deployed.seen.length).toBe(2);
});

test("a redrive is not retried, because the first request may have begun it", async () => {
  const deployed = await deploy(countingJob(3));
  deployed.meddle = () => ({ status: 502 });
  const api = await impatientClient(deployed);
  await expect(api.redrive("01K", null)).rejects.toMatchObject({ code: "ENDPOINT_UNUSABLE" });
  expect(deployed.seen.length).toBe(1);
});
