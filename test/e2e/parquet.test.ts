/** A Parquet file on both engines: a process of this machine, and the functions of a stack in memory. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { BatchSpec } from "../../src/batch/spec.ts";
import { open } from "../../src/open/open.ts";
import { memoryStack } from "../functions/stack/stack.ts";
import { plainSources } from "./driver.ts";
import type { BatchFiles } from "./driver.ts";
import parquetSales from "./jobs/parquet-sales.ts";
import { parquetOf } from "./parquet-sales.ts";
import { outputsOf, resultOf, rowsFor } from "./sales.ts";

const JOB_FILE = new URL("jobs/parquet-sales.ts", import.meta.url);
const ROWS = rowsFor(1000);
const FILE = parquetOf(ROWS, 150, 20);

interface RunOptions {
  readonly chunk?: { readonly items: number | null; readonly bytes: number | null };
  readonly maxItems?: number;
}

async function onThisMachine(bytes: Buffer, { chunk, maxItems }: RunOptions): Promise<BatchFiles> {
  const root = mkdtempSync(join(tmpdir(), "fanjoin-parquet-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  vi.spyOn(process, "cwd").mockReturnValue(root);
  onTestFinished(() => void vi.restoreAllMocks());
  const path = join(root, "sales.parquet");
  writeFileSync(path, bytes);
  const fanjoin = await open({ directory: join(root, ".fanjoin"), threads: 2 });
  onTestFinished(() => fanjoin.close());
  const batch = await fanjoin.submit(JOB_FILE, {
    input: [path],
    ...(maxItems === undefined ? {} : { maxItems }),
    chunk: { items: chunk?.items ?? undefined, bytes: chunk?.bytes ?? undefined },
  });
  await batch.ended();
  const { result, outputs, failed } = await batch.summary();
  const text = (file: { readonly path: string } | null): string | null =>
    file && readFileSync(file.path, "utf8");
  return { result: text(result), outputs: text(outputs), failed: plainSources(text(failed) ?? "") };
}

async function onFunctions(bytes: Buffer, { chunk, maxItems }: RunOptions): Promise<BatchFiles> {
  const stack = memoryStack([parquetSales]);
  const name = "s3://shop/sales.parquet";
  stack.store.put(name, bytes);
  const stat = await stack.store.stat(name);
  const source = { name, label: name, size: bytes.length, version: stat?.version ?? "" };
  const options = parquetSales.input.options;
  const input: BatchSpec["input"] = {
    reader: "parquet",
    options,
    sources: [source],
    ...(maxItems === undefined ? {} : { maxItems }),
  };
  await stack.submit(input, chunk ? { chunk } : {});
  await stack.pump();
  const { result, outputs, failed } = stack.files();
  const text = (file: { readonly name: string } | null): string | null => file && stack.store.text(file.name);
  return { result: text(result), outputs: text(outputs), failed: plainSources(text(failed) ?? "") };
}

test.for([
  ["chunks of the size that is learned", {}],
  ["a chunk for each row group", { chunk: { items: null, bytes: 1 } }],
  ["chunks of a few rows", { chunk: { items: 40, bytes: null } }],
  ["only the first rows", { maxItems: 333 }],
] as const)("both engines write the same files: %s", async ([, options]) => {
  const here = await onThisMachine(FILE, options);
  const rows = "maxItems" in options ? ROWS.slice(0, options.maxItems) : ROWS;
  expect(here.outputs).toBe(outputsOf(rows));
  const { countries, sales } = resultOf(rows) as { countries: unknown; sales: number };
  expect(JSON.parse(here.result ?? "")).toEqual({ countries, sales });
  const there = await onFunctions(FILE, options);
  expect(withoutChunks(there)).toEqual(withoutChunks(here));
});

/** Chunk sizes are learned from the time that chunks take. */
function withoutChunks({ failed, ...files }: BatchFiles): BatchFiles {
  return { ...files, failed: failed?.replaceAll(/,"chunk":\d+/g, "") ?? null };
}

test("a failed row has its number in the file, its row group and its row in there", async () => {
  const { failed } = await onThisMachine(FILE, { chunk: { items: 40, bytes: null } });
  const lines = (failed ?? "").trimEnd().split("\n");
  const places = lines.map((line) => JSON.parse(line) as { [name: string]: unknown });
  expect(places.map(({ index, rowGroup, row }) => [index, rowGroup, row])).toEqual(
    ROWS.filter(({ amount }) => amount === null).map(({ id }) => [id, Math.floor(id / 150), id % 150]),
  );
  expect(places[0]).toMatchObject({
    source: "sales.parquet",
    line: null,
    offset: null,
    attempts: 1,
    item: JSON.stringify({ country: ROWS[13]?.country, id: "13", amount: "none" }),
  });
});

test("a damaged page costs its own rows on both engines", async () => {
  const bytes = Buffer.from(FILE).fill(0xff, 900, 910);
  const options = { chunk: { items: null, bytes: 1 } };
  const here = await onThisMachine(bytes, options);
  const there = await onFunctions(bytes, options);
  expect(there).toEqual(here);
  expect(here.failed).toContain("has a damaged page");
  const others = [...ROWS.slice(0, 120), ...ROWS.slice(140)];
  expect(here.outputs).toBe(outputsOf(others));
});
