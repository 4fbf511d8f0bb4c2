/** The door `fanjoin/local`, as a program uses it. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import type { LocalFanjoin, OpenOptions } from "../../src/open/open.ts";
import { open } from "../../src/open/open.ts";
import { rangeJob, SLOW } from "../cli/command.ts";

interface Folder {
  readonly path: (name: string) => string;
  write(name: string, text: string): string;
  open(options?: OpenOptions): Promise<LocalFanjoin>;
}

function folder(): Folder {
  const root = mkdtempSync(join(tmpdir(), "fanjoin-open-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  // Recorded job files have to be in the working directory.
  vi.spyOn(process, "cwd").mockReturnValue(root);
  onTestFinished(() => void vi.restoreAllMocks());
  return {
    path: (name) => join(root, name),
    write(name, text) {
      writeFileSync(join(root, name), text);
      return join(root, name);
    },
    async open(options = {}) {
      const opened = await open({ directory: join(root, ".fanjoin"), threads: 1, ...options });
      onTestFinished(() => opened.close());
      return opened;
    },
  };
}

const COLLECTING = `
  import { collect, defineJob, lines } from "fanjoin";
  export default defineJob({
    name: "shout", input: lines(), retries: 0, join: collect(),
    process: (line) => { if (line === "b") throw new TypeError("no b"); return line.toUpperCase(); },
  });`;

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

test("File and Blob objects are inputs, read in their order", async () => {
  const at = folder();
  const fanjoin = await at.open();
  const input = [new File(["a\n"], "a.txt"), new Blob(["c\n"])];
  const batch = await fanjoin.submit(at.write("shout.ts", COLLECTING), { input });
  expect((await batch.ended()).items).toMatchObject({ succeeded: 2 });
  expect(await Array.fromAsync(batch.outputs())).toEqual(["A", "C"]);
});

test("a batch of a file gives its outputs, its failed items and its counts", async () => {
  const at = folder();
  const job = at.write("shout.ts", COLLECTING);
  const file = at.write("a.txt", "a\nb\nc\n");
  const fanjoin = await at.open();
  const batch = await fanjoin.submit(pathToFileURL(job), { input: [pathToFileURL(file)] });
  const seen = await all(batch.progress());
  expect(seen.at(-1)?.totals).toMatchObject({ succeeded: 2, failed: 1 });
  expect(await batch.ended()).toMatchObject({ state: "completed-with-failures", result: 2 });
  expect(await all(batch.outputs())).toEqual(["A", "C"]);
  const [failed] = await all(batch.failed());
  expect(failed).toMatchObject({ source: file, index: 1, error: { name: "TypeError", message: "no b" } });
});

test("a result is the value, also where it is too large for the summary", async () => {
  const at = folder();
  const fold = "fold({ init: () => '', add: (a, n) => a + 'x'.repeat(9000), merge: (a, b) => a + b })";
  const job = at.write("long.ts", rangeJob({ to: 10, more: `join: ${fold}` }));
  const batch = await (await at.open()).submit(job);
  const { result, state } = await batch.ended();
  expect(state).toBe("succeeded");
  expect(result).toBe("x".repeat(90_000));
  expect((await batch.summary()).result?.value).toBeUndefined();
});

test("items and streams are inputs; a stream is read before the lock is taken, and kept", async () => {
  const at = folder();
  const job = at.write("shout.ts", COLLECTING);
  const fanjoin = await at.open();
  const items = await fanjoin.submit(job, { input: { items: ["x", "y"] } });
  await items.ended();
  expect(await all(items.outputs())).toEqual(["X", "Y"]);
  const encoder = new TextEncoder();
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield encoder.encode("q\nb");
    yield encoder.encode("\nz\n");
  }
  const streamed = await fanjoin.submit(job, { input: [{ name: "made", bytes: bytes() }] });
  await streamed.ended();
  expect(await all(streamed.outputs())).toEqual(["Q", "Z"]);
  expect(await all(streamed.failed())).toMatchObject([{ source: "made", line: 2 }]);
});

test("the same id with the same input is the same batch, and another input is refused", async () => {
  const at = folder();
  const job = at.write("shout.ts", COLLECTING);
  const fanjoin = await at.open();
  const first = await fanjoin.submit(job, { input: { items: ["x"] }, id: "monday" });
  await first.ended();
  const second = await fanjoin.submit(job, { input: { items: ["x"] }, id: "monday" });
  expect(second.id).toBe(first.id);
  expect(await second.ended()).toEqual(await first.ended());
  await expect(fanjoin.submit(job, { input: { items: ["y"] }, id: "monday" })).rejects.toMatchObject({
    code: "BATCH_CONFLICT",
  });
});

test("a signal cancels the batch; one that has aborted starts nothing", async () => {
  const at = folder();
  const job = at.write("slow.ts", rangeJob({ to: 10_000, process: SLOW }));
  const fanjoin = await at.open();
  const stop = new AbortController();
  const batch = await fanjoin.submit(job, { signal: stop.signal, chunk: { items: 2 } });
  stop.abort();
  expect(await batch.ended()).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
  await expect(fanjoin.submit(job, { signal: stop.signal })).rejects.toThrow("aborted");
  expect(await all(fanjoin.list())).toHaveLength(1);
});

test("closing leaves the batch resumable, and another opening goes on with it", async () => {
  const at = folder();
  const job = at.write("slow.ts", rangeJob({ to: 60, process: SLOW }));
  const first = await at.open();
  const begun = await first.submit(job, { chunk: { items: 2 } });
  for await (const { totals } of begun.progress()) if (totals.succeeded > 0) break;
  await first.close();
  expect((await begun.summary()).endedAt).toBeNull();
  await expect(begun.ended()).rejects.toMatchObject({ code: "BATCH_NOT_READY" });
  const second = await at.open();
  const batch = await second.batch("latest");
  expect(batch.id).toBe(begun.id);
  await batch.resume();
  expect(await batch.ended()).toMatchObject({ state: "succeeded", result: (60 * 59) / 2 });
});

test("failed items are run again; a batch without any has nothing to redrive", async () => {
  const at = folder();
  const job = at.write(
    "odd.ts",
    rangeJob({ process: "(n) => { if (n === 3) throw new Error('no'); return n; }" }),
  );
  const fanjoin = await at.open();
  const batch = await fanjoin.submit(job);
  expect(await batch.ended()).toMatchObject({ items: { failed: 1 }, result: 187 });
  await fanjoin.close();
  at.write("odd.ts", rangeJob());
  const again = await at.open();
  const redriven = await again.batch(batch.id);
  expect(await redriven.redrive()).toBe(true);
  expect(await redriven.ended()).toMatchObject({ items: { failed: 0 }, result: 190 });
  expect(await redriven.redrive()).toBe(false);
});

test("looking takes no lock and leaves nothing behind", async () => {
  const at = folder();
  const fanjoin = await at.open();
  expect(await all(fanjoin.list())).toEqual([]);
  await expect(fanjoin.batch("latest")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  expect(fanjoin.isWorkedOn()).toBe(false);
  expect(existsSync(at.path(".fanjoin"))).toBe(false);
});

test("a directory in use is refused, or waited for", async () => {
  const at = folder();
  const job = at.write("slow.ts", rangeJob({ to: 10_000, process: SLOW }));
  const quick = at.write("quick.ts", rangeJob());
  const owner = await at.open();
  const running = await owner.submit(job, { chunk: { items: 2 } });
  await expect((await at.open()).submit(quick)).rejects.toMatchObject({ code: "DIRECTORY_IN_USE" });
  const notices: [string, string][] = [];
  const waiting = await at.open({ wait: true, onNotice: (line, kind) => void notices.push([kind, line]) });
  const submitted = waiting.submit(quick);
  await vi.waitUntil(() => notices.length > 0, 20_000);
  expect(notices[0]?.[0]).toBe("waiting");
  expect(notices[0]?.[1]).toMatch(new RegExp(`^waiting for process ${process.pid} `));
  await running.cancel();
  await owner.close();
  expect(await (await submitted).ended()).toMatchObject({ state: "succeeded", result: 190 });
});

test("an input that is refused starts nothing", async () => {
  const at = folder();
  const job = at.write("shout.ts", COLLECTING);
  const file = at.write("a.txt", "a\n");
  const fanjoin = await at.open();
  const onInputs = (): never => {
    throw new Error("not this one");
  };
  await expect(fanjoin.submit(job, { input: [file], onInputs })).rejects.toThrow("not this one");
  await expect(fanjoin.submit(job, { input: [at.path("none.txt")] })).rejects.toMatchObject({
    code: "INPUT_NOT_FOUND",
  });
  await expect(fanjoin.submit(job)).rejects.toMatchObject({ code: "USAGE" });
  await expect(fanjoin.submit(at.path("none.ts"))).rejects.toMatchObject({ code: "JOB_INVALID" });
  await expect(open({ threads: 0 })).rejects.toThrow("threads of open() has to be a whole number");
  expect(await all(fanjoin.list())).toEqual([]);
});

test("a stream that breaks starts nothing, and its copy is deleted", async () => {
  const at = folder();
  const job = at.write("shout.ts", COLLECTING);
  const fanjoin = await at.open();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error("the sender is gone");
  }
  const input = [{ name: "made", bytes: broken() }];
  await expect(fanjoin.submit(job, { input })).rejects.toThrow("the sender is gone");
  expect(readdirSync(at.path(".fanjoin/batches"))).toEqual([]);
});
