import { expect, test } from "vitest";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { rangeJob, SLOW, workspace } from "../cli/command.ts";
import { allEnded, LINES, startDev } from "./dev-process.ts";

test("the API runs batches of several jobs, and Ctrl-C ends it cleanly", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write("numbers.ts", rangeJob({ to: 20 }));
  const dev = await startDev(at, "shout.ts", "numbers.ts");
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

test("Ctrl-C during a batch loses nothing: the next start continues it", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: 200, process: SLOW }));
  const first = await startDev(at, "slow.ts");
  const body = { id: "once", chunk: { items: 2 } };
  const { batch } = (await (await first.post("/jobs/numbers/batches", body)).json()) as BatchSummary;
  await first.until(([one]) => (one?.items.succeeded ?? 0) > 0);
  const { code, stderr } = await first.interrupt();
  expect(code).toBe(130);
  expect(stderr).toMatch(/1 batch unfinished: the next start continues it/);
  const second = await startDev(at, "slow.ts");
  const [ended] = await second.until(allEnded(1));
  expect(ended).toMatchObject({ batch, state: "succeeded", result: { value: (199 * 200) / 2 } });
  expect((await second.post("/jobs/numbers/batches", body)).status).toBe(200);
});

test("the next batch and a redrive run the changed job file", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
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

test("what is wrong with a job file is told without its path", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
  at.write("shout.ts", LINES.replace('"shout"', "nothing.here"));
  const refused = await dev.post("/jobs/shout/batches", { input: { items: [] } });
  const { detail } = (await refused.json()) as { detail: string };
  expect([refused.status, detail]).toEqual([400, expect.stringContaining("shout.ts")]);
  const listed = await (await dev.fetch("/jobs")).text();
  for (const said of [detail, listed]) expect(said).not.toContain(at.path);
});

test("a running batch is cancelled", async () => {
  const at = workspace();
  at.write("slow.ts", rangeJob({ to: 100_000, process: SLOW }));
  const dev = await startDev(at, "slow.ts");
  const { batch } = (await (
    await dev.post("/jobs/numbers/batches", { chunk: { items: 2 } })
  ).json()) as BatchSummary;
  await dev.until(([one]) => (one?.items.succeeded ?? 0) > 0);
  expect((await dev.fetch(`/batches/${batch}/result`)).status).toBe(409);
  expect((await dev.post(`/batches/${batch}/cancel`)).status).toBe(202);
  expect(await dev.until(allEnded(1))).toMatchObject([{ state: "cancelled" }]);
  expect((await dev.post(`/batches/${batch}/cancel`)).status).toBe(200);
});

test("a start that cannot work is an error with exit code 2", async () => {
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
  const dev = await startDev(at, "shout.ts");
  const taken = await at.run("dev", "shout.ts", "--dir", "other", "--port", new URL(dev.base).port);
  expect(taken).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--port \d+: .*EADDRINUSE.*Give another port/),
  });
  const owned = await at.run("dev", "shout.ts", "--port", "0");
  expect(owned).toMatchObject({ code: 2, stderr: expect.stringMatching(/in use by process/) });
});

test("no answer has the path of a page of docs: these are for the terminal", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
  const { batch } = (await (
    await dev.post("/jobs/shout/batches", { input: { items: ["bad"] } })
  ).json()) as BatchSummary;
  await dev.until(allEnded(1));
  const replies = await Promise.all([
    ...["/", "/openapi.json", "/jobs/none", "/batches/01NONE", `/batches/${batch}`].map((path) =>
      dev.fetch(path),
    ),
    dev.fetch(`/batches/${batch}/failed`),
    dev.post("/jobs/shout/batches", { inputs: 1 }),
    dev.post("/jobs/shout/batches", { input: { objects: ["s3://local/inputs/none"] } }),
  ]);
  const texts = await Promise.all(replies.map((reply) => reply.text()));
  expect(texts.filter((text) => text === "")).toEqual([]);
  expect(texts.filter((text) => /docs\/|\.md\b|\bSee /.test(text))).toEqual([]);
});
