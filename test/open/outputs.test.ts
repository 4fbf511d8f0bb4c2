import { existsSync } from "node:fs";
import { onTestFinished, expect, test } from "vitest";
import type { Batch } from "../../src/door/fanjoin.ts";
import { open } from "../../src/open/open.ts";
import type { LocalFanjoin } from "../../src/open/open.ts";
import { bench } from "../local/engine/engines.ts";
import type { Bench } from "../local/engine/engines.ts";

/** Numbers of which some wait until the file `go` is there, and some fail until the file `fixed` is. */
function job(at: Bench, { to = 40, waits = "false", fails = "false", join = "collect()" } = {}): string {
  return at.write(
    "job.ts",
    `
    import { existsSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { collect, count, defineJob, range } from "fanjoin";
    const isThere = (name) => existsSync(${JSON.stringify(at.path())} + "/" + name);
    export default defineJob({
      name: "numbers", input: range(${to}), chunk: { items: 1 }, join: ${join}, retries: 0,
      async process(n) {
        await sleep(10);
        while (${waits} && !isThere("go")) await sleep(10);
        if (${fails} && !isThere("fixed")) throw new Error("bad");
        return n;
      },
    });`,
  );
}

async function opened(at: Bench): Promise<LocalFanjoin> {
  const fanjoin = await open({ directory: at.path("state"), threads: 2 });
  onTestFinished(() => fanjoin.close());
  return fanjoin;
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
const all = (batch: Batch, options = {}): Promise<unknown[]> => Array.fromAsync(batch.outputs(options));

test("outputs come in input order while the batch runs, and end with it", async () => {
  const at = bench();
  const fanjoin = await opened(at);
  const batch = await fanjoin.submit(job(at, { waits: "n === 20" }));
  const seen: unknown[] = [];
  for await (const value of batch.outputs()) {
    seen.push(value);
    if (value !== 19) continue;
    expect((await batch.summary()).endedAt).toBeNull();
    at.write("go", "");
  }
  expect(seen).toEqual(numbers(0, 40));
  expect(await all(batch)).toEqual(seen);
});

test("in the order of completion, an item that waits holds back few others", async () => {
  const at = bench();
  const fanjoin = await opened(at);
  const batch = await fanjoin.submit(job(at, { waits: "n === 4" }));
  const seen: unknown[] = [];
  for await (const value of batch.outputs({ order: "completed" })) {
    seen.push(value);
    if (value === 39) at.write("go", "");
  }
  expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(0, 40));
  expect(seen.indexOf(4)).toBeGreaterThan(30);
});

test("a program keeps a cursor, and another one goes on with it, after a stop and a resume", async () => {
  const at = bench();
  const file = job(at, { waits: "n === 20" });
  const first = await opened(at);
  const begun = await first.submit(file);
  let text = "";
  let after = "";
  for await (const { blocks, cursor } of begun.outputPages()) {
    text += Buffer.concat(blocks).toString();
    after = cursor;
    if (text.endsWith("9\n") && text.length > 30) break;
  }
  await first.close();
  at.write("go", "");
  const second = await opened(at);
  const batch = await second.batch(begun.id);
  await batch.resume({ job: file });
  for await (const { blocks } of batch.outputPages({ after })) text += Buffer.concat(blocks).toString();
  expect(text).toBe(
    numbers(0, 40)
      .map((n) => `${n}\n`)
      .join(""),
  );
});

test("after a redrive, a reader goes on with what it added", async () => {
  const at = bench();
  const file = job(at, { to: 20, fails: "n % 5 === 2" });
  const fanjoin = await opened(at);
  const batch = await fanjoin.submit(file);
  let after = "";
  for await (const { cursor } of batch.outputPages()) after = cursor;
  at.write("fixed", "");
  expect(await batch.redrive({ job: file })).toBe(true);
  expect(await all(batch, { after })).toEqual([2, 7, 12, 17]);
  expect(await all(batch)).toEqual(numbers(0, 20));
});

test("a cancelled batch has the outputs of what had settled", async () => {
  const at = bench();
  const fanjoin = await opened(at);
  const batch = await fanjoin.submit(job(at, { waits: "n >= 10" }));
  const seen: unknown[] = [];
  for await (const value of batch.outputs()) {
    seen.push(value);
    if (value === 3) void batch.cancel();
  }
  expect((await batch.summary()).state).toBe("cancelled");
  expect(await all(batch)).toEqual(seen);
  expect(seen.slice(0, 4)).toEqual([0, 1, 2, 3]);
});

test("a batch that nobody works on is not waited for", async () => {
  const at = bench();
  const first = await opened(at);
  const batch = await first.submit(job(at, { waits: "n === 5" }));
  const reading = all(batch);
  // Its process goes on to its end.
  for await (const value of batch.outputs()) if (value === 4) break;
  await first.close();
  const refusal = { code: "BATCH_NOT_READY", message: expect.stringContaining("no process works on it") };
  await expect(reading).rejects.toMatchObject(refusal);
  const second = await opened(at);
  await expect(all(await second.batch(batch.id))).rejects.toMatchObject(refusal);
});

test("a signal ends the reading, and not the batch", async () => {
  const at = bench();
  const fanjoin = await opened(at);
  const batch = await fanjoin.submit(job(at, { waits: "n === 5" }));
  const stop = new AbortController();
  const reading = all(batch, { signal: stop.signal });
  for await (const value of batch.outputs()) if (value === 4) break;
  stop.abort(new Error("enough"));
  await expect(reading).rejects.toThrow("enough");
  at.write("go", "");
  expect((await batch.ended()).state).toBe("succeeded");
});

test("a job that does not collect has no outputs, which is said at once", async () => {
  const at = bench();
  const fanjoin = await opened(at);
  const batch = await fanjoin.submit(job(at, { waits: "true", join: "count()" }));
  await expect(all(batch)).rejects.toMatchObject({ code: "RESULT_UNKNOWN" });
});

test("nothing is started if the caller does not want the job", async () => {
  const at = bench();
  const fanjoin = await opened(at);
  const onJob = ({ name, outputs }: { readonly name: string; readonly outputs: boolean }): void => {
    throw new Error(`${name} ${outputs}`);
  };
  await expect(fanjoin.submit(job(at), { onJob })).rejects.toThrow("numbers true");
  expect(existsSync(at.path("state", "batches"))).toBe(false);
  expect(await Array.fromAsync(fanjoin.list())).toEqual([]);
});
