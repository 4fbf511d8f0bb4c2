/** Requests by `fetch` that are broken off, come late, or lead elsewhere. */
import { expect, onTestFinished, test, vi } from "vitest";
import { fetchClient } from "../../../src/client/browser/fetch-client.ts";
import type { HttpAnswer, OutgoingRequest } from "../../../src/client/http/http.ts";

const LIMITS = {
  connectMs: 0,
  answerMs: 60_000,
  idleMs: 0,
  slowest: { windowMs: 60_000, bytes: 1 },
  attempts: 3,
  backoff: { baseMs: 1, maxMs: 1 },
};

type Answer = (init: RequestInit) => Response | Promise<Response>;

/** Answers in place of a server, one after the other. */
function answers(...all: readonly Answer[]): { readonly calls: () => number } {
  const left = [...all];
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init = {}) => {
    const next = left.shift();
    if (!next) throw new Error("nobody expects this request");
    return next(init);
  });
  onTestFinished(() => spy.mockRestore());
  return { calls: () => spy.mock.calls.length };
}

function send(
  {
    repeatable = true,
    url = "https://api.example/v1",
    ...limits
  }: {
    readonly repeatable?: boolean;
    readonly url?: string;
    readonly answerMs?: number;
  } = {},
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const request = async (): Promise<OutgoingRequest> => ({ method: "GET", url: new URL(url), headers: {} });
  const attempt = { to: "https://api.example", request, repeatable, ...(signal ? { signal } : {}) };
  return fetchClient({ ...LIMITS, ...limits }, false).send(attempt);
}

const broken: Answer = () => {
  throw new TypeError("Failed to fetch");
};
const status =
  (code: number): Answer =>
  () =>
    new Response("x", { status: code });

/** As a server that is silent: only an abort ends the request. */
const silent: Answer = ({ signal }) =>
  new Promise((_, reject) => {
    signal?.throwIfAborted();
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });

test("a broken connection, 429 and 5xx are tried again; the last answer counts", async () => {
  const { calls } = answers(broken, status(502), status(200));
  expect((await send()).status).toBe(200);
  expect(calls()).toBe(3);
  answers(status(503), status(503), status(503));
  expect((await send()).status).toBe(503);
});

test("a request that is not repeatable is sent once, unless it was refused with 429", async () => {
  const { calls } = answers(broken);
  await expect(send({ repeatable: false })).rejects.toMatchObject({ code: "ENDPOINT_UNUSABLE" });
  expect(calls()).toBe(1);
  answers(status(429), status(202));
  expect((await send({ repeatable: false })).status).toBe(202);
});

test("an endpoint that never answers is given up", async () => {
  const { calls } = answers(silent, silent, silent);
  await expect(send({ answerMs: 1 })).rejects.toMatchObject({
    code: "ENDPOINT_UNUSABLE",
    message: "https://api.example does not answer: the request timed out",
  });
  expect(calls()).toBe(3);
});

test("a signal ends the request with its reason, and nothing is tried again", async () => {
  const stop = new AbortController();
  const { calls } = answers((init) => {
    stop.abort(new Error("enough"));
    return silent(init);
  });
  const waiting = send({}, stop.signal);
  await expect(waiting).rejects.toThrow("enough");
  expect(calls()).toBe(1);
});

test("a redirect is not followed", async () => {
  const { calls } = answers(({ redirect }) => {
    expect(redirect).toBe("manual");
    return Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" });
  });
  await expect(send()).rejects.toMatchObject({
    code: "ENDPOINT_UNUSABLE",
    message: expect.stringContaining("answers with a redirect") as unknown,
  });
  expect(calls()).toBe(1);
});

test("nothing is sent without encryption but to this machine", async () => {
  const { calls } = answers(status(200));
  await expect(send({ url: "http://files.example/x" })).rejects.toMatchObject({ code: "ENDPOINT_UNUSABLE" });
  expect(calls()).toBe(0);
  expect((await send({ url: "http://localhost:1/x" })).status).toBe(200);
});

test("discarding an answer ends its request", async () => {
  let given: AbortSignal | null | undefined;
  answers(({ signal }) => {
    given = signal;
    return new Response("x");
  });
  (await send()).discard();
  expect(given?.aborted).toBe(true);
});
