/** A program submits streams: they are kept first, and read again by whoever looks at the batch. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { InputStream } from "../../src/door/fanjoin.ts";
import { open } from "../../src/open/open.ts";
import type { LocalFanjoin } from "../../src/open/open.ts";

const JOB = `import { defineJob, collect, lines } from "fanjoin";
export default defineJob({ name: "all", input: lines(), join: collect(), process: (line) => line });`;

async function opened(): Promise<{ readonly fanjoin: LocalFanjoin; readonly job: string }> {
  const path = mkdtempSync(join(tmpdir(), "fanjoin-open-"));
  const job = join(path, "job.ts");
  writeFileSync(job, JOB);
  const fanjoin = await open({ directory: join(path, "state"), threads: 1 });
  onTestFinished(async () => {
    await fanjoin.close();
    rmSync(path, { recursive: true, force: true });
  });
  return { fanjoin, job };
}

function stream(name: string, text: string): InputStream {
  return {
    name,
    bytes: (async function* () {
      yield Buffer.from(text);
    })(),
  };
}

test("several streams are one batch, and only its first items are run if a limit says so", async () => {
  const { fanjoin, job } = await opened();
  const input = [stream("a", "1\n2\n"), stream("b", "3\n4\n")];
  const batch = await fanjoin.submit(job, { input, maxItems: 3 });
  expect(await batch.ended()).toMatchObject({ state: "succeeded", maxItems: 3, items: { total: 3 } });
  expect(await Array.fromAsync(batch.outputs())).toEqual(["1", "2", "3"]);
});

test("the same id with the same streams is the same batch; other streams are refused", async () => {
  const { fanjoin, job } = await opened();
  const submit = (text: string) =>
    fanjoin.submit(job, { id: "x", input: [stream("a", "1\n"), stream("b", text)] });
  const first = await submit("2\n");
  expect((await submit("2\n")).id).toBe(first.id);
  await expect(submit("3\n")).rejects.toMatchObject({ code: "BATCH_CONFLICT" });
  await first.ended();
});

test.each([0, -1, 1.5, Number.NaN])("a limit of %d is refused", async (maxItems) => {
  const { fanjoin, job } = await opened();
  await expect(fanjoin.submit(job, { input: [], maxItems })).rejects.toMatchObject({ code: "USAGE" });
});
