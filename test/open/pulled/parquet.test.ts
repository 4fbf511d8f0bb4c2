/** Row groups of Parquet files, pulled and run again: the columns that are read, and the footer. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePulled } from "../../../src/open/pulled/pulled-format.ts";
import { writePulled } from "../../../src/open/pulled/write-pulled.ts";
import { numberedRows } from "../../input/parquet/numbered-rows.ts";
import { all, bench, job, reproduce } from "./reproducing.ts";
import type { Bench, Case } from "./reproducing.ts";

/** The columns lie further apart than a read bridges. */
const WIDE = 1_500_000;

const PICKED = 'parquet({ pick: ["id", "note"] })';
const SMALL = numberedRows({ rows: 60, groupRows: 20 });

const CASES: { readonly [title: string]: Case } = {
  "rows of several row groups": {
    input: "parquet()",
    value: "item.id",
    files: { "a.parquet": SMALL, "b.parquet": SMALL },
    chunk: { bytes: 1 },
  },
  "rows of chunks that begin within a row group": {
    input: PICKED,
    value: "item.id",
    files: { "a.parquet": SMALL },
    chunk: { items: 7 },
  },
  "rows whose columns lie far apart": {
    input: PICKED,
    value: "item.id",
    files: { "a.parquet": numberedRows({ rows: 60, groupRows: 20, ballast: WIDE }) },
    chunk: { bytes: 1 },
  },
};

test.for(Object.entries(CASES))("%s fail again, at the same places with the same keys", async ([, one]) => {
  const at = await bench();
  const { batch, ended, again, failed } = await reproduce(at, one);
  expect(failed.map(({ error }) => error.message.split(" ")[1])).toContain("59");
  expect(failed.length % 9).toBe(0);
  expect(new Set(failed.map(({ rowGroup }) => rowGroup))).toEqual(new Set([0, 1, 2]));
  expect(await all(again.failed())).toEqual(failed);
  const chunks = new Set(failed.map(({ chunk }) => chunk)).size;
  expect(ended.reproduces).toEqual({ batch: batch.id, chunks });
  expect(ended.items.total).toBeLessThanOrEqual((await batch.summary()).items.total ?? 0);
  expect(at.notices).toEqual([]);
});

test("only the picked columns of a failed row group are brought, with the footer", async () => {
  const at = await bench();
  const file = CASES["rows whose columns lie far apart"] as Case;
  const { written } = await reproduce(at, file, { chunk: 1 });
  expect(written.chunks).toBe(1);
  expect(written.bytes).toBeLessThan(5000);
  expect(statSync(join(at.path("pulled"), "chunk-1")).size).toBe(written.bytes);
  const path = join(at.path("pulled"), "pulled.json");
  const text = readFileSync(path, "utf8");
  expect(JSON.parse(text)).toMatchObject({ format: 3, chunks: [{ text: { pieces: expect.any(Array) } }] });
  const [chunk] = parsePulled(text, path).chunks;
  expect(chunk?.text).toMatchObject({ pieces: { length: 3 } });
});

async function failedTwice(at: Bench, input: readonly string[]) {
  const file = at.write("picky.ts", job(PICKED, "item.id"));
  const batch = await at.fanjoin.submit(file, { input: [...input], chunk: { bytes: 1 } });
  await batch.ended();
  const failed = await all(batch.failed());
  await writePulled(at.path("pulled"), batch.pull({ failed: true }));
  for (const path of input) rmSync(path);
  const again = await at.fanjoin.submit(file, { pulled: at.path("pulled") });
  await again.ended();
  return { failed, again: await all(again.failed()) };
}

test("rows of a damaged page and a damaged file fail again with their reasons", async () => {
  const at = await bench();
  const { failed, again } = await failedTwice(at, [
    at.write("a.parquet", numberedRows({ rows: 60, groupRows: 20, damagedGroup: 1 })),
    at.write("b.parquet", SMALL.subarray(0, SMALL.length - 9)),
    at.write("c.parquet", SMALL),
  ]);
  expect(new Set(failed.map(({ code }) => code))).toEqual(
    new Set(["ITEM_FAILED", "ITEM_UNREADABLE", "INPUT_INVALID"]),
  );
  expect(failed.filter(({ code }) => code === "ITEM_UNREADABLE")).toHaveLength(20);
  expect(again).toEqual(failed);
});

test("a file that has changed since the batch ran is refused", async () => {
  const at = await bench();
  const file = at.write("picky.ts", job(PICKED, "item.id"));
  const input = at.write("a.parquet", SMALL);
  const batch = await at.fanjoin.submit(file, { input: [input] });
  await batch.ended();
  at.write("a.parquet", numberedRows({ rows: 61, groupRows: 20 }));
  const pulling = writePulled(at.path("pulled"), batch.pull({ failed: true }));
  await expect(pulling).rejects.toMatchObject({ code: "INPUT_CHANGED" });
});
