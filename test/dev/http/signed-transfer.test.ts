import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { rangeJob, workspace } from "../../cli/command.ts";
import { allEnded, LINES, startDev } from "../dev-process.ts";
import type { DevProcess } from "../dev-process.ts";

async function put(dev: DevProcess, name: string): Promise<Response> {
  const signed = await dev.post("/jobs/shout/uploads", { name, start: false });
  const { url } = (await signed.json()) as { url: string };
  return fetch(url, { method: "PUT", body: "one\n" });
}

test("an upload that the file system refuses is a 4xx that names the object, not a path", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  const dev = await startDev(at, "shout.ts");
  const inputs = join(at.path, ".fanjoin/inputs/shout");
  mkdirSync(join(inputs, "folder"), { recursive: true });
  writeFileSync(join(inputs, "file"), "there\n");
  mkdirSync(join(at.path, "elsewhere"));
  symlinkSync(join(at.path, "elsewhere"), join(inputs, "link"));
  for (const [name, status, why] of [
    ["x".repeat(300), 400, "the name is too long"],
    [`${"x".repeat(300)}/a`, 400, "the name is too long"],
    ["folder", 400, "there is a folder of this name"],
    ["file/below", 400, "a part of its path is a file"],
    ["file/deep/below", 400, "a part of its path is a file"],
    ["link/out.txt", 403, "s3://local/inputs/shout/link is a link"],
    ["link", 403, "s3://local/inputs/shout/link is a link"],
  ] as const) {
    const refused = await put(dev, name);
    const problem = (await refused.json()) as { detail: string };
    expect([name, refused.status]).toEqual([name, status]);
    expect(problem.detail).toContain(why);
    expect(JSON.stringify(problem)).not.toContain(at.path);
  }
  expect(readdirSync(join(at.path, "elsewhere"))).toEqual([]);
  expect(readdirSync(inputs).toSorted()).toEqual(["file", "folder", "link"]);
  // The longest name that the file system takes is stored.
  expect((await put(dev, "ü".repeat(127))).status).toBe(200);
});

test("a HEAD of a signed URL tells the size, and a file that is gone is a 404", async () => {
  const at = workspace();
  const big = rangeJob({ to: 1500, process: "(n) => 'x'.repeat(1000)" });
  at.write("big.ts", big.replace("join: sum()", "join: collect()"));
  const dev = await startDev(at, "big.ts");
  const { batch } = (await (await dev.post("/jobs/numbers/batches")).json()) as BatchSummary;
  const [ended] = await dev.until(allEnded(1));
  const url = (await dev.fetch(`/batches/${batch}/outputs`)).headers.get("location") ?? "";
  const head = await fetch(url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(ended?.outputs?.bytes)]);
  expect(await head.text()).toBe("");
  const file = join(at.path, `.fanjoin/batches/${batch}/outputs.jsonl`);
  expect(existsSync(file)).toBe(true);
  rmSync(file);
  expect((await fetch(url)).status).toBe(404);
});

test("a signed URL of an input gives the range that is asked for, and no other file", async () => {
  const at = workspace();
  at.write("shout.ts", LINES);
  at.write(".fanjoin/inputs/shout/a.txt", "one\ntwo\nthree\n");
  const dev = await startDev(at, "shout.ts");
  const body = { input: { object: "s3://local/inputs/shout/a.txt" } };
  const { batch } = (await (await dev.post("/jobs/shout/batches", body)).json()) as BatchSummary;
  await dev.until(allEnded(1));
  const page = (await (await dev.fetch(`/batches/${batch}/chunks?chunk=0`)).json()) as {
    chunks: { bytes: { url: string } }[];
  };
  const url = page.chunks[0]?.bytes.url ?? "";
  const part = await fetch(url, { headers: { range: "bytes=4-6" } });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 4-6/14"]);
  expect(await part.text()).toBe("two");
  const beyond = await fetch(url, { headers: { range: "bytes=9-99" } });
  expect([beyond.status, await beyond.text()]).toEqual([206, "hree\n"]);
  expect(await (await fetch(url, { headers: { range: "bytes=50-99" } })).text()).toBe("one\ntwo\nthree\n");
  expect((await fetch(url.replace("a.txt", "b.txt"))).status).toBe(403);
});
