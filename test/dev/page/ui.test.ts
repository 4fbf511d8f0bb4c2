import { readdirSync, statSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { directoryPlace } from "../../../src/dev/page/place.ts";
import { serveDirectory } from "../../../src/dev/page/ui.ts";
import { begin } from "../../local/engine/batches-run.ts";
import { bench, numbers } from "../../local/engine/engines.ts";
import type { Bench } from "../../local/engine/engines.ts";

const PAGE = { html: "<!doctype html><title>page</title>", csp: "default-src 'none'" };

interface Browser {
  readonly base: string;
  readonly cookie: string;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  readonly post: (path: string, headers?: Record<string, string>) => Promise<Response>;
}

/** A browser that has opened the page of a directory with one batch, of which some items failed. */
async function opened(at: Bench, to?: string): Promise<Browser> {
  const engine = await begin(
    at,
    numbers(20, `(n) => { if (n % 5 === 0) throw new Error("no"); return n; }`),
    { items: 5 },
  );
  await engine.finished("01A");
  await engine.stop();
  const directory = at.path("state");
  const options = { port: 0, page: async () => PAGE, place: directoryPlace(directory), engine: () => null };
  const server = await serveDirectory(directory, options);
  onTestFinished(() => server.close());
  const address = server.address(to);
  const base = new URL(address).origin;
  const answer = await fetch(address, { redirect: "manual" });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, to ?? "/"]);
  const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
  expect((await fetch(address, { redirect: "manual" })).status).toBe(401);
  return {
    base,
    cookie,
    get: (path, headers = {}) => fetch(base + path, { headers: { cookie, ...headers }, redirect: "manual" }),
    post: (path, headers = {}) => fetch(base + path, { method: "POST", headers: { cookie, ...headers } }),
  };
}

const HTML = { accept: "text/html,*/*" };

test("the page is at the addresses of its views; other requests are answered by the API", async () => {
  const { get } = await opened(bench(), "/batches/01A");
  for (const path of ["/", "/batches/01A", "/jobs", "/jobs/numbers"]) {
    const page = await get(path, HTML);
    expect([page.status, await page.text(), page.headers.get("content-security-policy")]).toEqual([
      200,
      PAGE.html,
      PAGE.csp,
    ]);
  }
  expect(await (await get("/batches/01A")).json()).toMatchObject({
    batch: "01A",
    state: "completed-with-failures",
    details: { threads: null, jobFile: expect.stringMatching(/job\.ts$/) as string },
  });
  const result = await get("/batches/01A/result", HTML);
  expect(result.headers.get("content-type")).toBe("application/json");
  expect(await (await get("/place")).json()).toMatchObject({
    kind: "directory",
    changes: false,
    every: "live",
  });
  expect(await (await get("/metrics")).text()).toContain(
    'fanjoin_batches{state="completed-with-failures"} 1',
  );
});

test("nothing but the page is given to somebody who was not let in", async () => {
  const { base } = await opened(bench());
  for (const path of ["/batches", "/batches/01A", "/batches/01A/events", "/place", "/metrics", "/jobs"])
    expect((await fetch(base + path)).status).toBe(401);
  expect((await fetch(`${base}/batches/01A`, { headers: HTML })).status).toBe(200);
  expect((await fetch(`${base}/batches`, { headers: { cookie: "fanjoin-1=x" } })).status).toBe(401);
});

test("the page of a directory changes nothing: requests that would are refused, and no file is touched", async () => {
  const at = bench();
  const { base, get, post } = await opened(at);
  const files = (): string[] =>
    readdirSync(at.path("state"), { recursive: true, encoding: "utf8" })
      .filter((name) => !/\.db(-wal|-shm)?$|^lock/.test(name))
      .map((name) => `${name} ${statSync(at.path("state", name)).mtimeMs}`)
      .toSorted();
  const before = files();
  expect((await post("/batches/01A/redrive")).status).toBe(403);
  const refused = await post("/batches/01A/redrive", { origin: base });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("only looks") as string });
  const dry = await fetch(`${base}/batches/01A/redrive`, {
    method: "POST",
    body: '{"dry":true}',
    headers: { cookie: "", origin: base, "content-type": "application/json" },
  });
  expect(dry.status).toBe(401);
  await (await get("/batches/01A/history")).text();
  await (await get("/batches/01A/failed?limit=3")).text();
  expect(files()).toEqual(before);
});

test("events of a batch that has ended are its snapshot and its end", async () => {
  const { get } = await opened(bench());
  const events = await get("/batches/01A/events");
  expect(events.headers.get("content-type")).toBe("text/event-stream");
  const text = await events.text();
  expect([...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name)).toEqual(["snapshot", "end"]);
  const [, data = "{}"] = /^data: (.*)$/m.exec(text) ?? [];
  expect(JSON.parse(data)).toMatchObject({
    summary: { items: { total: 20, failed: 4 } },
    failures: { of: 4, groups: [{ count: 4, items: [{ item: "0" }, { item: "5" }, { item: "10" }] }] },
    history: { counts: { settled: 4 } },
  });
});
