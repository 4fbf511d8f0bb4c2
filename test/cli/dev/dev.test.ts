import { request } from "node:http";
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary.ts";
import { workspace, rangeJob, SLOW } from "../command.ts";
import type { Workspace, Running } from "../command.ts";

const TOKEN = "secret-of-the-test";

const LINES = `
  import { collect, defineJob, lines } from "fanjoin";
  export default defineJob({
    name: "shout", input: lines(), join: collect(), retries: 0,
    process(line) { if (line === "bad") throw new TypeError("bad line"); return line.toUpperCase(); },
  });
`;

interface Dev {
  readonly running: Running;
  readonly base: string;
  /** With the token, unless other headers are given. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
  batches(): Promise<readonly BatchSummary[]>;
  /** Waits until the batches say so. */
  until(holds: (batches: readonly BatchSummary[]) => boolean): Promise<readonly BatchSummary[]>;
  interrupt(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

async function start(at: Workspace, ...args: string[]): Promise<Dev> {
  const running = at.start("dev", ...args, "--port", "0", "--token", TOKEN, "--concurrency", "2");
  const [, base = ""] = await running.said(/at (http:\/\/127\.0\.0\.1:\d+)\n[^]*Ctrl-C/);
  const dev: Dev = {
    running,
    base,
    fetch: (path, init = {}) =>
      fetch(base + path, { headers: { authorization: `Bearer ${TOKEN}` }, redirect: "manual", ...init }),
    post: (path, body) =>
      dev.fetch(path, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async batches() {
      const page = (await (await dev.fetch("/batches")).json()) as { batches: BatchSummary[] };
      return page.batches;
    },
    async until(holds) {
      for (;;) {
        const batches = await dev.batches();
        if (holds(batches)) return batches;
        await sleep(50);
      }
    },
    async interrupt() {
      running.child.kill("SIGINT");
      return running.ended;
    },
  };
  return dev;
}

const allEnded = (count: number) => (batches: readonly BatchSummary[]) =>
  batches.length === count && batches.every(({ endedAt }) => endedAt !== null);

test("the API runs batches of several jobs, and Ctrl-C ends it cleanly", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write("numbers.ts", rangeJob({ to: 20 }));
  const dev = await start(at, "shout.ts", "numbers.ts");
  const jobs = (await (await dev.fetch("/jobs")).json()) as { jobs: { job: string }[] };
  expect(jobs.jobs.map(({ job }) => job)).toEqual(["numbers", "shout"]);
  const first = await dev.post("/jobs/shout/batches", { input: { items: ["a", "bad", "c"] } });
  expect(first.status).toBe(202);
  const { batch } = (await first.json()) as BatchSummary;
  expect(first.headers.get("location")).toBe(`${dev.base}/batches/${batch}`);
  expect((await dev.post("/jobs/numbers/batches")).status).toBe(202);
  await dev.until(allEnded(2));
  expect(await (await dev.fetch(`/batches/${batch}/outputs`)).text()).toBe('"A"\n"C"\n');
  expect(await (await dev.fetch(`/batches/${batch}/failed`)).text()).toMatch(/"code":"ITEM_FAILED"/);
  const redriven = await dev.post(`/batches/${batch}/redrive`, { codes: ["ITEM_FAILED"] });
  expect(redriven.status).toBe(202);
  await dev.until(allEnded(2));
  expect(at.read(`.fanjoin/batches/${batch}/outputs.jsonl`)).toBe('"A"\n"C"\n');
  const { code, stderr } = await dev.interrupt();
  expect(code).toBe(0);
  expect(stderr).toMatch(new RegExp(`shout ${batch} completed-with-failures: 3 items, 1 failed`));
});

test("a request without the token, for another host or from another origin is refused", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await start(at, "shout.ts");
  for (const authorization of ["", "Bearer wrong", `Basic ${TOKEN}`]) {
    const refused = await dev.fetch("/batches", { headers: authorization ? { authorization } : {} });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
  }
  const { port } = new URL(dev.base);
  const ask = (headers: { [name: string]: string }): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const all = { authorization: `Bearer ${TOKEN}`, ...headers };
      const sent = request({ host: "127.0.0.1", port, path: "/batches", headers: all }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject).end();
    });
  expect(await ask({ host: "evil.example" })).toBe(403);
  expect(await ask({ host: `evil.example:${port}` })).toBe(403);
  expect(await ask({ host: "127.0.0.1:1" })).toBe(403);
  expect(await ask({ origin: "https://evil.example" })).toBe(403);
  expect(await ask({ origin: "null" })).toBe(403);
  expect(await ask({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200);
});

const BAD: readonly (readonly [string, string, number])[] = [
  ["{", "application/json", 400],
  ["{}", "text/plain", 415],
  [`{"input":{"items":["${"x".repeat(5_000_000)}"]}}`, "application/json", 413],
  ['{"input":{"object":"s3://others/x"}}', "application/json", 403],
  ['{"input":{"object":"s3://local/state.db"}}', "application/json", 403],
  ['{"input":{"object":"s3://local/inputs/../state.db"}}', "application/json", 400],
  ['{"input":{"object":"s3://local/inputs/shout/none.txt"}}', "application/json", 400],
];

test("a bad request is never a 5xx, and starts nothing", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await start(at, "shout.ts");
  const headers = { authorization: `Bearer ${TOKEN}` };
  for (const [body, type, status] of BAD) {
    const how = { method: "POST", headers: { ...headers, "content-type": type }, body };
    const refused = await dev.fetch("/jobs/shout/batches", how);
    expect([body.slice(0, 80), refused.status]).toEqual([body.slice(0, 80), status]);
  }
  for (const path of [
    "/batches/..%2F..%2Fstate.db",
    "/batches/%00",
    "/signed/state.db",
    "/signed/%zz",
    "//",
    "/?%",
  ]) {
    const refused = await dev.fetch(path, { headers });
    expect([path, Math.floor(refused.status / 100)]).toEqual([path, 4]);
  }
  expect(await dev.batches()).toEqual([]);
});

test("a file that is dropped starts one batch, once it is complete; one that is not finished by its name starts none", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await start(at, "shout.ts");
  const folder = join(at.path, "uploads/shout");
  expect(existsSync(folder)).toBe(true);
  for (const name of [".hidden", "a.txt.part", "b.tmp", "c~"]) writeFileSync(join(folder, name), "no\n");
  for (const line of ["one\n", "two\n", "three\n"]) {
    appendFileSync(join(folder, "slow.txt"), line);
    await sleep(100);
  }
  const [slow] = await dev.until(allEnded(1));
  expect(slow).toMatchObject({ state: "succeeded", items: { total: 3 } });
  writeFileSync(join(folder, "d.part"), "late\n");
  renameSync(join(folder, "d.part"), join(folder, "d.txt"));
  mkdirSync(join(folder, "2026"));
  writeFileSync(join(folder, "2026/empty.txt"), "");
  const batches = await dev.until(allEnded(3));
  expect(batches.map(({ items }) => items.total)).toEqual(expect.arrayContaining([0, 1, 3]));
  mkdirSync(join(at.path, "uploads/unknown"));
  writeFileSync(join(at.path, "uploads/unknown/x.txt"), "x\n");
  await dev.running.said(/unknown\/x\.txt starts no batch: there is no job unknown here/);
  writeFileSync(join(folder, "slow.txt"), "another\n");
  await dev.until(allEnded(4));
});

test("files that were there before are processed at the start, and only once", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write("drop/shout/before.txt", "one\n");
  const first = await start(at, "shout.ts", "--uploads", "drop");
  await first.until(allEnded(1));
  await first.interrupt();
  at.write("drop/shout/between.txt", "two\nthree\n");
  const second = await start(at, "shout.ts", "--uploads", "drop");
  const batches = await second.until(allEnded(2));
  expect(batches.map(({ items }) => items.total)).toEqual([2, 1]);
  await sleep(1500);
  expect(await second.batches()).toHaveLength(2);
});

test("a file is uploaded by a signed URL, and starts a batch or is an input of one", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await start(at, "shout.ts");
  const put = async (body: unknown, text: string): Promise<string> => {
    const signed = (await (await dev.post("/jobs/shout/uploads", body)).json()) as {
      url: string;
      object: string;
    };
    const stored = await fetch(signed.url, { method: "PUT", body: text });
    expect(stored.status).toBe(200);
    return signed.object;
  };
  await put({ name: "a.txt" }, "one\n");
  expect(await dev.until(allEnded(1))).toMatchObject([{ items: { total: 1 } }]);
  const object = await put({ name: "deep/b.txt", start: false }, "two\nbad\n");
  expect(object).toBe("s3://local/inputs/shout/deep/b.txt");
  expect(await dev.batches()).toHaveLength(1);
  await dev.post("/jobs/shout/batches", { input: { object } });
  const prefix = { prefix: "s3://local/inputs/shout/" };
  await put({ name: "deep/c.txt", start: false }, "three\n");
  await dev.post("/jobs/shout/batches", { input: prefix });
  const [all, one] = await dev.until(allEnded(3));
  expect([all?.items.total, one?.items.total]).toEqual([3, 2]);
  expect(await (await dev.fetch(`/batches/${one?.batch}/failed`)).text()).toContain(`"source":"${object}"`);
  // The watcher sees it as well.
  await sleep(1500);
  expect(await dev.batches()).toHaveLength(3);
});

test("a signed URL that was changed is refused", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await start(at, "shout.ts");
  const { url } = (await (await dev.post("/jobs/shout/uploads", { name: "a.txt" })).json()) as {
    url: string;
  };
  for (const changed of [
    url.replace("a.txt", "b.txt"),
    url.replace(/expires=\d+/, "expires=9999999999999"),
    url.replace("method=PUT", "method=GET"),
    url.replace(/signature=.*/, "signature="),
  ]) {
    expect((await fetch(changed, { method: "PUT", body: "x" })).status).toBe(403);
  }
  expect((await fetch(url)).status).toBe(403);
});

test("large outputs are read by a signed URL, without the token", async () => {
  const at = workspace();
  at.write(
    "big.ts",
    rangeJob({ to: 1500, process: "(n) => 'x'.repeat(1000)" }).replace("join: sum()", "join: collect()"),
  );
  const dev = await start(at, "big.ts");
  const { batch } = (await (await dev.post("/jobs/numbers/batches")).json()) as BatchSummary;
  await dev.until(allEnded(1));
  const elsewhere = await dev.fetch(`/batches/${batch}/outputs`);
  expect(elsewhere.status).toBe(303);
  const file = await fetch(elsewhere.headers.get("location") ?? "");
  expect(file.headers.get("content-type")).toBe("application/jsonl");
  expect(await file.text()).toBe(
    readFileSync(join(at.path, `.fanjoin/batches/${batch}/outputs.jsonl`), "utf8"),
  );
});

test("Ctrl-C in the middle loses nothing: the next start goes on", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: 200, process: SLOW }));
  const first = await start(at, "slow.ts");
  const body = { id: "once", chunk: { items: 2 } };
  const { batch } = (await (await first.post("/jobs/numbers/batches", body)).json()) as BatchSummary;
  await first.until(([one]) => (one?.items.succeeded ?? 0) > 0);
  const { code, stderr } = await first.interrupt();
  expect(code).toBe(130);
  expect(stderr).toMatch(/1 batch unfinished: the next start continues it/);
  const second = await start(at, "slow.ts");
  const [ended] = await second.until(allEnded(1));
  expect(ended).toMatchObject({ batch, state: "succeeded", result: { value: (199 * 200) / 2 } });
  expect((await second.post("/jobs/numbers/batches", body)).status).toBe(200);
});

test("a job file that was changed is what the next batch, and a redrive, runs", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await start(at, "shout.ts");
  const submit = async (): Promise<string> => {
    const reply = await dev.post("/jobs/shout/batches", { input: { items: ["a", "bad"] } });
    return ((await reply.json()) as BatchSummary).batch;
  };
  const first = await submit();
  await dev.until(allEnded(1));
  at.write("shout.ts", LINES.replace('line === "bad"', 'line === "a"'));
  expect((await dev.post(`/batches/${first}/redrive`)).status).toBe(202);
  await dev.until(allEnded(1));
  expect(await (await dev.fetch(`/batches/${first}/outputs`)).text()).toBe('"A"\n"BAD"\n');
  at.write("shout.ts", LINES.replace("toUpperCase", "toLowerCase"));
  const second = await submit();
  await dev.until(allEnded(2));
  expect(await (await dev.fetch(`/batches/${second}/outputs`)).text()).toBe('"a"\n');
});

test("a batch is cancelled in the middle", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: 100_000, process: SLOW }));
  const dev = await start(at, "slow.ts");
  const { batch } = (await (
    await dev.post("/jobs/numbers/batches", { chunk: { items: 2 } })
  ).json()) as BatchSummary;
  await dev.until(([one]) => (one?.items.succeeded ?? 0) > 0);
  expect((await dev.fetch(`/batches/${batch}/result`)).status).toBe(409);
  expect((await dev.post(`/batches/${batch}/cancel`)).status).toBe(202);
  expect(await dev.until(allEnded(1))).toMatchObject([{ state: "cancelled" }]);
  expect((await dev.post(`/batches/${batch}/cancel`)).status).toBe(200);
});

test("what cannot work is said in a sentence", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write("again.ts", LINES);
  at.write("broken.ts", "export default 7;");
  const none = await at.run("dev", "none.ts", "--port", "0");
  expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/there is no job file none\.ts/) });
  const twice = await at.run("dev", "shout.ts", "again.ts", "--port", "0");
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringMatching(/both have the job name shout/) });
  const broken = await at.run("dev", "broken.ts", "--port", "0");
  expect(broken).toMatchObject({ code: 2, stderr: expect.stringMatching(/default export is 7, not a job/) });
  const dev = await start(at, "shout.ts");
  const taken = await at.run("dev", "shout.ts", "--dir", "other", "--port", new URL(dev.base).port);
  expect(taken).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--port \d+: .*EADDRINUSE.*Give another port/),
  });
  const owned = await at.run("dev", "shout.ts", "--port", "0");
  expect(owned).toMatchObject({ code: 2, stderr: expect.stringMatching(/in use by process/) });
});
