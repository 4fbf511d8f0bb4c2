/** Outputs by key on both engines: a process of this machine, and the functions of a stack in memory. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Job } from "../../src/job/job.ts";
import { open } from "../../src/open/open.ts";
import type { LocalFanjoin } from "../../src/open/open.ts";
import { memoryStack } from "../functions/stack/stack.ts";
import byKey from "./jobs/by-key.ts";
import byKeyCsv from "./jobs/by-key-csv.ts";
import { rowsFor, textOf } from "./sales.ts";
import type { Row } from "./sales.ts";

const JOBS = new URL("jobs/", import.meta.url);
const ROWS = rowsFor(700);

/** Names and bytes (in base64) of the files, and their list. */
interface KeyedFiles {
  readonly list: string;
  readonly files: { readonly [name: string]: string };
}

interface Folder {
  readonly root: string;
  readonly fanjoin: LocalFanjoin;
}

async function folder(rows: readonly Row[]): Promise<Folder> {
  const root = mkdtempSync(join(tmpdir(), "fanjoin-by-key-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  vi.spyOn(process, "cwd").mockReturnValue(root);
  onTestFinished(() => void vi.restoreAllMocks());
  writeFileSync(join(root, "sales.csv"), textOf(rows));
  const fanjoin = await open({ directory: join(root, ".fanjoin"), threads: 2 });
  onTestFinished(() => fanjoin.close());
  return { root, fanjoin };
}

function filesIn(root: string, batch: string): KeyedFiles {
  const at = join(root, ".fanjoin", "batches", batch);
  const names = readdirSync(join(at, "outputs")).toSorted();
  const bytesOf = (name: string): string => readFileSync(join(at, "outputs", name)).toString("base64");
  return {
    list: readFileSync(join(at, "outputs.jsonl"), "utf8"),
    files: Object.fromEntries(names.map((name) => [name, bytesOf(name)])),
  };
}

async function onThisMachine(job: string, rows: readonly Row[]): Promise<KeyedFiles> {
  const { root, fanjoin } = await folder(rows);
  const batch = await fanjoin.submit(new URL(job, JOBS), { input: [join(root, "sales.csv")] });
  await batch.ended();
  return filesIn(root, batch.id);
}

async function onFunctions(job: Job, rows: readonly Row[]): Promise<KeyedFiles> {
  const stack = memoryStack([job]);
  const name = "s3://shop/sales.csv";
  const text = textOf(rows);
  stack.store.put(name, text);
  const version = (await stack.store.stat(name))?.version ?? "";
  const source = { name, label: name, size: Buffer.byteLength(text), version };
  await stack.submit({ reader: "csv", options: job.input.options, sources: [source] });
  await stack.pump();
  const { outputs } = stack.files();
  const list = stack.store.text(outputs?.name ?? "");
  const names = list
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { file: string }).file);
  const at = (outputs?.name ?? "").replace(".jsonl", "");
  const files: { [name: string]: string } = {};
  for (const file of names.toSorted()) {
    const blocks = await Array.fromAsync(stack.store.read(`${at}/${file}`, 0, Number.MAX_SAFE_INTEGER));
    files[file] = Buffer.concat(blocks).toString("base64");
  }
  return { list, files };
}

const good = (rows: readonly Row[]): Row[] => rows.filter(({ amount }) => amount !== null);

/** The files of JSON lines, by a loop over the rows. */
function expected(rows: readonly Row[]): { [name: string]: string } {
  const files: { [name: string]: string } = {};
  for (const { id, country, amount } of good(rows)) {
    const name = `country=${country}.jsonl`;
    files[name] = `${files[name] ?? ""}${JSON.stringify({ id, country, amount })}\n`;
  }
  return files;
}

const plain = ({ files }: KeyedFiles): { [name: string]: string } =>
  Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes, "base64").toString("utf8")]),
  );

test("each key has a file, in input order, and both engines write the same", async () => {
  const here = await onThisMachine("by-key.ts", ROWS);
  expect(plain(here)).toEqual(expected(ROWS));
  const lines = here.list
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { [name: string]: unknown });
  expect(lines.map(({ key }) => key)).toEqual(["AT", "ES", "FR", "PT"]);
  const at = expected(ROWS)["country=AT.jsonl"] ?? "";
  expect(lines[0]).toEqual({ key: "AT", file: "country=AT.jsonl", bytes: Buffer.byteLength(at) });
  expect(await onFunctions(byKey as unknown as Job, ROWS)).toEqual(here);
});

test("packed CSV is the same on both engines, byte for byte", async () => {
  const here = await onThisMachine("by-key-csv.ts", ROWS);
  expect(await onFunctions(byKeyCsv as unknown as Job, ROWS)).toEqual(here);
  const file = gunzipSync(Buffer.from(here.files["country=PT.csv.gz"] ?? "", "base64")).toString();
  const rows = good(ROWS).filter(({ country }) => country === "PT");
  const text = rows.map(({ id, country, amount }) => `${id},${country},${amount}\r\n`).join("");
  expect(file).toBe(`id,country,amount\r\n${text}`);
});

test("a redrive brings the failed items to their places", async () => {
  const broken = ROWS.map((row) => (row.id % 30 === 4 ? { ...row, note: "broken" } : row));
  const { root, fanjoin } = await folder(broken);
  cpSync(new URL(".", JOBS), join(root, "jobs"), { recursive: true });
  const batch = await fanjoin.submit(join(root, "jobs", "by-key.ts"), { input: [join(root, "sales.csv")] });
  const before = await batch.ended();
  expect(plain(filesIn(root, batch.id))).toEqual(expected(broken.filter(({ note }) => note !== "broken")));
  writeFileSync(join(root, "jobs", "shared", "mended.ts"), "export const MENDED: boolean = true;\n");
  await fanjoin.close();
  const later = await open({ directory: join(root, ".fanjoin"), threads: 2 });
  onTestFinished(() => later.close());
  const again = await later.batch(batch.id);
  expect(
    await again.redrive({
      job: join(root, "jobs", "by-key.ts"),
    }),
  ).toBe(true);
  const after = await again.ended();
  expect(after.items.failed).toBeLessThan(before.items.failed);
  expect(plain(filesIn(root, batch.id))).toEqual(expected(broken));
});

test("the door reads the files, and refuses names that are none of them", async () => {
  const { root, fanjoin } = await folder(ROWS.slice(0, 50));
  const batch = await fanjoin.submit(new URL("by-key.ts", JOBS), { input: [join(root, "sales.csv")] });
  const { outputs } = await batch.ended();
  const blocks = await Array.fromAsync(batch.readOutputFile("country=ES.jsonl"));
  expect(Buffer.concat(blocks).toString()).toBe(expected(ROWS.slice(0, 50))["country=ES.jsonl"]);
  expect(outputs?.files?.count).toBe(4);
  for (const name of ["country=XX.jsonl", "../result.json", "..", "country=/../../x"])
    await expect(Array.fromAsync(batch.readOutputFile(name))).rejects.toMatchObject({
      code: "RESULT_UNKNOWN",
    });
  await expect(Array.fromAsync(batch.outputs())).rejects.toThrow(/collects by key/);
  expect(existsSync(join(root, ".fanjoin", "batches", batch.id, "outputs"))).toBe(true);
});
