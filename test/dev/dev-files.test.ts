import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import { rangeJob, workspace } from "../cli/command.ts";
import { allEnded, LINES, startDev } from "./dev-process.ts";

test("a dropped file starts one batch once it is complete; a file with an unfinished name starts none", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
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

test("the name of a dropped file cannot write to the terminal, nor forge a line of the log", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
  mkdirSync(join(at.path, "uploads/other"));
  writeFileSync(join(at.path, "uploads/other/\u001b[2J\u202e\nshout 01K succeeded"), "x\n");
  const [said] = await dev.running.said(/other\/\\u001b\[2J.*\n.*starts no batch/);
  expect(said).toBe(String.raw`other/\u001b[2J\u202e` + "\n  shout 01K succeeded starts no batch");
});

test("a damaged packed file beside another is a failed item, also while the batch is looked at", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write(".fanjoin/inputs/shout/a.txt", "one\ntwo\n");
  writeFileSync(join(at.path, ".fanjoin/inputs/shout/b.gz"), Buffer.from([0x1f, 0x8b, 8, 0]));
  const dev = await startDev(at, "shout.ts");
  await dev.post("/jobs/shout/batches", { input: { prefix: "s3://local/inputs/" } });
  const [ended] = await dev.until(allEnded(1));
  expect(ended).toMatchObject({ state: "completed-with-failures", items: { succeeded: 2, failed: 1 } });
});

test("lists of failed items tell no path of this machine, small and large ones", async () => {
  const at = workspace();
  at.write(
    "throws.ts",
    rangeJob({ to: 2, process: "() => { throw new Error('in ' + process.cwd() + '/x'); }" }),
  );
  const long = "(n) => { throw new Error(process.cwd() + '/' + 'y'.repeat(900)); }";
  at.write("long.ts", rangeJob({ to: 1500, process: long }).replace('"numbers"', '"long"'));
  const dev = await startDev(at, "throws.ts", "long.ts");
  const { batch } = (await (await dev.post("/jobs/numbers/batches")).json()) as BatchSummary;
  const large = ((await (await dev.post("/jobs/long/batches")).json()) as BatchSummary).batch;
  await dev.until(allEnded(2));
  const small = await (await dev.fetch(`/batches/${batch}/failed`)).text();
  expect(small).toContain('"message":"in x"');
  const redirect = await dev.fetch(`/batches/${large}/failed`);
  expect(redirect.status).toBe(303);
  const whole = await (await fetch(redirect.headers.get("location") ?? "")).text();
  expect(whole.match(/"message":"yyy/g)).toHaveLength(1500);
  for (const text of [small, whole]) expect(text).not.toContain(at.path);
  // The groups in the summary have their messages, and the messages' shapes.
  const summary = await (await dev.fetch(`/batches/${batch}`)).text();
  expect(summary).toContain('"message":"in x"');
  const list = await (await dev.fetch("/batches")).text();
  for (const text of [summary, list]) expect(text).not.toContain(at.path);
});

test("existing files are processed at the start, and only once", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write("drop/shout/before.txt", "one\n");
  const first = await startDev(at, "shout.ts", "--uploads", "drop");
  await first.until(allEnded(1));
  await first.interrupt();
  at.write("drop/shout/between.txt", "two\nthree\n");
  const second = await startDev(at, "shout.ts", "--uploads", "drop");
  const batches = await second.until(allEnded(2));
  expect(batches.map(({ items }) => items.total)).toEqual([2, 1]);
  await sleep(1500);
  expect(await second.batches()).toHaveLength(2);
});

test("a file uploaded to a signed URL starts a batch, or is an input of one", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
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
  // The watcher sees the files too.
  await sleep(1500);
  expect(await dev.batches()).toHaveLength(3);
});

test("large outputs are read from a signed URL, without the token", async () => {
  const at = workspace();
  at.write(
    "big.ts",
    rangeJob({ to: 1500, process: "(n) => 'x'.repeat(1000)" }).replace("join: sum()", "join: collect()"),
  );
  const dev = await startDev(at, "big.ts");
  const { batch } = (await (await dev.post("/jobs/numbers/batches")).json()) as BatchSummary;
  await dev.until(allEnded(1));
  const redirect = await dev.fetch(`/batches/${batch}/outputs`);
  expect(redirect.status).toBe(303);
  const file = await fetch(redirect.headers.get("location") ?? "");
  expect(file.headers.get("content-type")).toBe("application/jsonl");
  expect(await file.text()).toBe(
    readFileSync(join(at.path, `.fanjoin/batches/${batch}/outputs.jsonl`), "utf8"),
  );
});

test("files that are there at the start and start no batch are counted", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write("uploads/shout/.hidden", "no\n");
  at.write("uploads/shout/a.part", "no\n");
  const dev = await startDev(at, "shout.ts");
  const [said] = await dev.running.said(/\d+ hidden or unfinished paths in .*uploads left out\n/);
  expect(said).toMatch(/^2 /);
});

test.skipIf(process.platform !== "linux")(
  "a file whose name is not UTF-8 starts no batch, and dev says so",
  async () => {
    const at = workspace();
    at.write("shout.ts", LINES);
    const misnamed = (name: string): Buffer => Buffer.from(join(at.path, name), "latin1");
    at.write("uploads/shout/a.txt", "one\n");
    writeFileSync(misnamed("uploads/shout/b\xFF.txt"), "two\n");
    const dev = await startDev(at, "shout.ts");
    await dev.running.said(/shout\/b\\xff\.txt starts no batch: it has a name that is not UTF-8/);
    writeFileSync(misnamed("uploads/shout/c\xFE.txt"), "three\n");
    await dev.running.said(/shout\/c\\xfe\.txt starts no batch: it has a name that is not UTF-8/);
    writeFileSync(misnamed(".fanjoin/inputs/d\xFF.txt"), "four\n");
    const posted = await dev.post("/jobs/shout/batches", { input: { prefix: "s3://local/inputs/" } });
    const { batch } = (await posted.json()) as BatchSummary;
    const ended = (await dev.until(allEnded(2))).find((one) => one.batch === batch);
    expect(ended).toMatchObject({ state: "failed", error: { code: "INPUT_INVALID" } });
    expect(ended?.error?.message).toContain("is not UTF-8");
  },
);

test("outputs are read while the batch runs, and after its end from where the reader was", async () => {
  const at = workspace();
  // Chunks that take long travel alone, so the one that waits holds back no other.
  at.write(
    "gated.ts",
    `
    import { existsSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { collect, defineJob, range } from "fanjoin";
    export default defineJob({
      name: "gated", input: range(30), chunk: { items: 1 }, join: collect(),
      async process(n) { do await sleep(20); while (n === 10 && !existsSync("go")); return n; },
    });`,
  );
  const dev = await startDev(at, "gated.ts");
  const { batch } = (await (await dev.post("/jobs/gated/batches")).json()) as BatchSummary;
  const read = async (after: string, order: string) => {
    const reply = await dev.fetch(`/batches/${batch}/outputs?after=${after}&order=${order}`);
    const state = reply.headers.get("fanjoin-outputs");
    return { text: await reply.text(), after: reply.headers.get("fanjoin-cursor") ?? "", state };
  };
  const until = async (
    order: string,
    after: string,
    holds: (text: string, state: string | null) => boolean,
  ) => {
    let text = "";
    for (;;) {
      const page = await read(after, order);
      text += page.text;
      if (holds(text, page.state)) return { ...page, text };
      after = page.after;
    }
  };
  const early = await until("input", "", (text) => text.endsWith("9\n"));
  expect(early.text.split("\n")).toHaveLength(11);
  const ahead = await until("completed", "", (text) => text.includes("29\n"));
  at.write("go", "");
  const isEnded = (_: string, state: string | null): boolean => state === "ended";
  const last = await until("completed", ahead.after, isEnded);
  // A thread has its next chunk already while it runs one.
  expect(last.text).toMatch(/^10\n(\d+\n){0,2}$/);
  const rest = await until("input", early.after, isEnded);
  expect(early.text + rest.text).toBe(at.read(`.fanjoin/batches/${batch}/outputs.jsonl`));
});
