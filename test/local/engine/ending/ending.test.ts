import { existsSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { requestOfOwner } from "../../../../src/local/directory/directory.ts";
import { bench, numbers, specFor } from "../engines.ts";
import { DEAF, begin, expectExactlySettled, hangingLines, until, upTo, valueOf } from "../batches-run.ts";

test("cancel ends a running batch with what was joined by then", async () => {
  const at = bench();
  const slow = "async (n) => { if (n >= 20) await new Promise(() => {}); return n; }";
  const engine = await begin(at, numbers(1000, slow), { items: 1 });
  await until(() => engine.progress("01A").totals.chunks > 0);
  expect(await engine.cancel("01A")).toBe(true);
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
  expectExactlySettled(fields, 20);
  expect(await engine.cancel("01A")).toBe(false);
});

test("a cancelled batch does not wait for code that never yields, and its threads can run the next batch", async () => {
  const at = bench();
  const engine = await begin(at, numbers(50, DEAF), { items: 1 });
  await until(() => at.log.some(({ message }) => message === "deaf"));
  await engine.cancel("01A");
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "cancelled" });
  expectExactlySettled(fields, 4);
  const spec = specFor(await engine.load(at.path("job.ts")), { batch: "01B", items: 1 });
  const sources = [{ name: "", label: "range", size: 4, version: "" }];
  await engine.submit({ ...spec, input: { ...spec.input, sources } });
  expect(valueOf(await engine.finished("01B"))).toEqual(upTo(4));
});

test("a cancelled batch does not wait for code that blocks outside of JavaScript", async () => {
  const at = bench();
  const returned = at.path("returned");
  const blocked = `(n, ctx) => { if (n >= 4) ctx.log.info("blocked"); if (n >= 4) execSync("sleep 2; touch ${returned}"); return n; }`;
  const text = `import { execSync } from "node:child_process";${numbers(50, blocked)}`;
  const engine = await begin(at, text, { items: 1 });
  await until(() => at.log.some(({ message }) => message === "blocked"));
  await engine.cancel("01A");
  const fields = await engine.finished("01A");
  expect(existsSync(returned)).toBe(false);
  expectExactlySettled(fields, 4);
});

test("an input that is replaced while a batch runs ends it", async () => {
  const at = bench();
  const engine = await at.open();
  const job = await engine.load(at.write("lines.ts", hangingLines));
  const source = {
    name: `file://${at.write("in.txt", "one\n")}`,
    label: "in.txt",
    size: 4,
    version: "another",
  };
  await engine.submit({ ...specFor(job), input: { reader: "lines", options: {}, sources: [source] } });
  expect(await engine.finished("01A")).toMatchObject({ state: "failed", error: { code: "INPUT_CHANGED" } });
});

test("a left-over batch that another process wants cancelled is brought to its end", async () => {
  const at = bench();
  const first = await begin(
    at,
    numbers(100, "async (n) => { if (n > 3) await new Promise(() => {}); return n; }"),
    { items: 1 },
  );
  await until(() => first.progress("01A").totals.chunks > 0);
  await first.stop();
  const second = await at.open();
  requestOfOwner(at.path("state"), { kind: "cancel", batch: "01A" });
  await until(async () => (await second.ledger.read(["batch/01A"]))[0]?.["endedAt"] !== undefined);
  const fields = await second.finished("01A");
  expect(fields).toMatchObject({ state: "cancelled" });
  expectExactlySettled(fields, 4);
});

test("a deadline ends the batch with what was joined by then", async () => {
  const at = bench();
  const slow = "async (n) => { if (n >= 5) await new Promise(() => {}); return n; }";
  const engine = await begin(at, numbers(100, slow), { items: 1, deadlineMs: 500 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "failed", error: { code: "DEADLINE_EXCEEDED" } });
  expectExactlySettled(fields, 5);
});

test("more failed items than are tolerated end the batch at once", async () => {
  const at = bench();
  const bad = "async (n) => { if (n < 3) throw new TypeError('bad'); await new Promise(() => {}); }";
  const engine = await begin(at, numbers(100, bad, "tolerate: { count: 2 }"), { items: 1 });
  expect(await engine.finished("01A")).toMatchObject({
    state: "failed",
    error: { code: "TOO_MANY_FAILURES", message: "3 items failed, the job tolerates 2" },
  });
});

test("a batch that has enough ends at once, as succeeded, and a redrive does the rest", async () => {
  const at = bench();
  const hangs = "async (n) => { if (n >= 20) await new Promise(() => {}); return n; }";
  const engine = await begin(at, numbers(100, hangs, "enough: { items: 10 }"), { items: 1 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({
    state: "succeeded",
    error: null,
    enough: expect.stringMatching(/are enough$/),
  });
  const { succeeded, lost } = fields["totals"] as { succeeded: number; lost: number };
  expect(succeeded).toBeGreaterThanOrEqual(10);
  expect(lost > 0 || fields["short"]).toBe(true);
  at.write("job.ts", numbers(100));
  await engine.reload(at.path("job.ts"));
  await engine.load(at.path("job.ts"));
  await engine.redrive("01A", null);
  expect(valueOf(await engine.finished("01A"))).toEqual(upTo(100));
});

test("a batch ends at the time at which it has enough", async () => {
  const at = bench();
  const slow = "async (n) => { if (n >= 5) await new Promise(() => {}); return n; }";
  const engine = await begin(at, numbers(100, slow, "enough: { afterMs: 500 }"), { items: 1 });
  const fields = await engine.finished("01A");
  expect(fields).toMatchObject({ state: "succeeded", error: null });
  expectExactlySettled(fields, 5);
});

test("a journal that cannot be written ends the engine, and nothing keeps it from stopping", async () => {
  const at = bench();
  const engine = await at.open();
  const job = await engine.load(at.write("job.ts", numbers(1_000)));
  at.write("state/journal", "no folder");
  await engine.submit(specFor(job, { items: 1 }));
  await expect(engine.finished("01A")).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  await engine.stop();
  rmSync(at.path("state", "journal"));
  const next = await at.open();
  await next.resume("01A");
  expect(await next.finished("01A")).toMatchObject({ state: "succeeded", totals: { succeeded: 1_000 } });
});
