import { spawn } from "node:child_process";
import { createReadStream, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { create } from "../../../../src/core/records/record.ts";
import { openForReading } from "../../../../src/local/sqlite/database.ts";
import { openEngine } from "../../../../src/local/engine/open-engine.ts";
import { office } from "../../../input/unpack/other-files.ts";
import { BIN, workspace } from "../../command.ts";
import type { Outcome, Workspace } from "../../command.ts";

const ROWS = Array.from({ length: 2000 }, (_, n) => ({ id: String(n), name: `n\u00e4me, ${n}` }));
const CSV = `id,name\n${ROWS.map(({ id, name }) => `${id},"${name}"\n`).join("")}`;
const JSONL = ROWS.map((row) => `${JSON.stringify(row)}\n`).join("");

function jobOf(input: string, more = ""): string {
  return `
    import { collect, count, csv, defineJob, from, json, jsonl, lines } from "fanjoin";
    export default defineJob({ name: "rows", input: ${input}, process: (row) => row, join: { all: collect(), n: count() }, ${more} });
  `;
}

/** A workspace with a job and files. */
function prepared(input: string, files: { readonly [name: string]: Uint8Array | string } = {}): Workspace {
  const at = workspace();
  at.write("rows.ts", jobOf(input));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(at.path, name), bytes);
  return at;
}

function outputs({ summary }: Awaited<ReturnType<Workspace["json"]>>): unknown[] {
  const text = readFileSync(summary.outputs?.path ?? "", "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

test.each([
  ["csv()", "rows.csv.gz", gzipSync(CSV)],
  ["csv()", "rows.csv", Buffer.from(`\uFEFF${CSV}`, "utf16le")],
  ["jsonl()", "rows.jsonl.zst", zstdCompressSync(JSONL)],
  ["json({ path: 'data.rows' })", "rows.json.gz", gzipSync(JSON.stringify({ n: 1, data: { rows: ROWS } }))],
])("%s reads %s", async (input, name, bytes) => {
  const at = prepared(input, { [name]: bytes });
  const run = await at.json("run", "rows.ts", name, "--chunk-items", "150");
  expect(run.code).toBe(0);
  expect(outputs(run)).toEqual(ROWS);
  expect(run.summary.items).toEqual({ total: 2000, succeeded: 2000, failed: 0, skipped: 0 });
});

test("a damaged file among others is one failed item that names its place and reason", async () => {
  const packed = gzipSync(CSV);
  const files = {
    "a.csv.gz": packed,
    "b.csv.gz": Buffer.concat([packed, gzipSync("1,a\n").subarray(0, -9)]),
    "c.csv.gz": "no gzip",
    "d.csv": CSV,
  };
  const at = prepared("csv()", files);
  const { code, summary } = await at.json("run", "rows.ts", ...Object.keys(files));
  expect(code).toBe(1);
  expect(summary).toMatchObject({ state: "completed-with-failures", items: { failed: 2 } });
  const failed = readFileSync(summary.failed?.path ?? "", "utf8")
    .trimEnd()
    .split("\n");
  const [cut, none] = failed.map((line): unknown => JSON.parse(line));
  expect(cut).toMatchObject({ source: "b.csv.gz", code: "INPUT_INVALID", index: 2000, line: 2002 });
  expect(none).toMatchObject({ source: "c.csv.gz", code: "INPUT_INVALID", index: 0 });
  expect(summary.items.succeeded).toBe(6000);
});

test("a job reads its own generator; a value that JSON cannot express is a failed item", async () => {
  const at = prepared(
    "from(async function* ({ params }) { for (let n = 0; n < params.to; n++) yield n === 7 ? 7n : n; })",
  );
  const run = await at.json("run", "rows.ts", "--params", '{"to":500}');
  expect(run.code).toBe(1);
  expect(outputs(run)).toEqual([...Array(500).keys()].filter((n) => n !== 7));
  expect(readFileSync(run.summary.failed?.path ?? "", "utf8")).toContain('"code":"ITEM_NOT_JSON"');
});

test.each(["await new Promise(() => {});", "for (;;);"])(
  "a generator that never yields its next item (%s) blocks neither the other items nor a cancel",
  async (never) => {
    const at = prepared(
      `from(async function* () { yield 1; yield 2; await new Promise((go) => setTimeout(go, 400)); ${never} })`,
    );
    const running = at.start("run", "rows.ts", "--json");
    const [, batch = ""] = await running.said(/batch (\w+) runs/);
    await eventually(async () => (await at.json("show", batch)).summary.items.succeeded === 2);
    await at.run("cancel", batch);
    const { code, stdout } = await running.ended;
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ state: "cancelled", items: { succeeded: 2 } });
  },
);

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

/** Runs `… < file` like a shell. */
async function piped(at: Workspace, file: string | null, ...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: at.path, stdio: "pipe" });
  if (file === null) child.stdin.end();
  else createReadStream(join(at.path, file)).pipe(child.stdin);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
}

test("- is standard input, packed or not, alone or beside files; its items have the label -", async () => {
  const at = prepared("csv()", {
    "in.csv": CSV,
    "in.gz": gzipSync(`${CSV}x\n`),
    "more.csv": "id,name\n1,a\n",
  });
  const plain = await piped(at, "in.csv", "run", "rows.ts", "-", "more.csv", "--json");
  expect(JSON.parse(plain.stdout)).toMatchObject({ state: "succeeded", items: { total: 2001 } });
  const packed = await piped(at, "in.gz", "run", "rows.ts", "-", "--json");
  expect(packed.code).toBe(1);
  const { batch, failed } = JSON.parse(packed.stdout) as { batch: string; failed: { path: string } };
  expect(JSON.parse(readFileSync(failed.path, "utf8"))).toMatchObject({
    source: "-",
    index: 2000,
    line: 2002,
  });
  expect(readFileSync(join(at.path, ".fanjoin/batches", batch, "stdin"))).toEqual(gzipSync(`${CSV}x\n`));
});

test("standard input and the files of a glob that are no text are refused by name", async () => {
  const zip = office("a.csv", "a,b\n1,2\n");
  const at = prepared("csv()", { "a.csv": zip, "b.csv": gzipSync(zip) });
  const typed = await piped(at, "a.csv", "run", "rows.ts", "-");
  expect(typed.stdout).toContain("reason   - is a ZIP archive");
  expect(typed.code).toBe(3);
  const globbed = await at.run("run", "rows.ts", "?.csv");
  expect(globbed.stdout).toContain("a.csv is a ZIP archive");
  expect(globbed.stdout).toContain("b.csv is packed with gzip and holds a ZIP archive");
  expect(globbed.code).toBe(1);
});

test("the same id with the same standard input is the same batch; another input is refused", async () => {
  const at = prepared("lines()", { one: "a\n", other: "b\n" });
  const first = JSON.parse(
    (await piped(at, "one", "run", "rows.ts", "-", "--id", "x", "--json")).stdout,
  ) as object;
  const again = JSON.parse(
    (await piped(at, "one", "run", "rows.ts", "-", "--id", "x", "--json")).stdout,
  ) as object;
  expect(again).toEqual(first);
  const other = await piped(at, "other", "run", "rows.ts", "-", "--id", "x", "--json");
  expect(other.stderr).toContain("BATCH_CONFLICT");
  // The copies that are not needed are deleted.
  expect(readdirSync(join(at.path, ".fanjoin/batches")).length).toBe(1);
});

test.each([
  ["SIGINT", 130],
  ["SIGKILL", null],
] as const)("standard input that was not read to its end leaves no copy (%s)", async (signal, code) => {
  const at = prepared("lines()", { one: "a\n" });
  const child = spawn(process.execPath, [BIN, "run", "rows.ts", "-"], { cwd: at.path, stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.write("a\n");
  const batches = join(at.path, ".fanjoin/batches");
  await vi.waitUntil(() => existsSync(batches) && partOf(batches) === "a\n", 20_000);
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.kill(signal);
  expect(await ended).toBe(code);
  if (signal === "SIGKILL") await piped(at, "one", "run", "rows.ts", "-", "--json");
  expect(readdirSync(batches).length).toBe(signal === "SIGKILL" ? 1 : 0);
});

function partOf(batches: string): string {
  const [batch = ""] = readdirSync(batches);
  const folder = join(batches, batch);
  const part = readdirSync(folder).find((name) => /^stdin\.\d+\.part$/.test(name));
  return part === undefined ? "" : readFileSync(join(folder, part), "utf8");
}

test("an id that a dead process claimed but did not submit is used by the next run", async () => {
  const run = ["run", "rows.ts", "-", "--id", "x", "--json"];
  const [model, at] = [prepared("lines()", { one: "a\n" }), prepared("lines()", { one: "a\n" })];
  await piped(model, "one", ...run);
  const state = openForReading(join(model.path, ".fanjoin/state.db"));
  const [claim] = await state.ledger.read(["token/rows/x"]);
  state.close();
  const engine = await openEngine({ directory: join(at.path, ".fanjoin"), concurrency: 1 });
  await engine.ledger.update(create("token/rows/x", claim ?? {}));
  await engine.stop();
  const { stdout, code } = await piped(at, "one", ...run);
  expect(JSON.parse(stdout)).toMatchObject({ batch: claim?.["batch"], items: { succeeded: 1 } });
  expect(code).toBe(0);
});

test("standard input can be given once, and may be empty", async () => {
  const at = prepared("lines()");
  const twice = await at.run("run", "rows.ts", "-", "-");
  expect(twice.code).toBe(2);
  expect(twice.stderr).toContain("standard input can be read only once");
  const empty = await piped(at, null, "run", "rows.ts", "-", "--json");
  expect(JSON.parse(empty.stdout)).toMatchObject({ state: "succeeded", items: { total: 0 } });
});
