/**
 * Kills batches at random moments: with every reader, with items that misbehave, and during a redrive.
 * Resumed, each writes the same files as an uninterrupted one, byte for byte.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { BIN, workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import { chance } from "../../../src/core/chance.ts";
import { stateOf, survive, written } from "./killing.ts";
import type { Written } from "./killing.ts";
import { parquetOf } from "../parquet-sales.ts";
import { JOB, outputsOf, rowsFor, textOf } from "../sales.ts";
import type { Row } from "../sales.ts";

const seed = Number(process.env["FANJOIN_SEED"] ?? 20_260_102);
const KILLS = 2;
/** More kills, because a redrive has three phases: its nodes, its chunks, its commit. */
const KILLS_OF_REDRIVE = 4;
const ROWS = rowsFor(240);
const TEXT = textOf(ROWS);
const OBJECTS = JSON.stringify(ROWS.map(objectOf), null, 1);
const OPTIONS = ["--concurrency", "2", "--chunk-items", "4"];

interface Scenario {
  readonly name: string;
  readonly job: string;
  readonly files: { readonly [name: string]: Uint8Array | string };
  readonly args: readonly string[];
  /** The outputs end with those of these rows. */
  readonly last: readonly Row[];
  /** The name of the file that is piped into standard input. */
  readonly stdin?: string;
  /** The batch first runs to its end with this job; then it is redriven with `job`. */
  readonly before?: string;
}

/** A row as JSON. A missing amount is a text. */
function objectOf(row: Row) {
  return { ...row, amount: row.amount ?? "none" };
}

function jobWith(input: string, beginning = ""): string {
  return JOB.replace("csv,", "csv, files, from, json, parquet,")
    .replace("input: csv()", `retries: 0, input: ${input}`)
    .replace("process(row) {", `process(item) { const row = item; ${beginning}`);
}

const quarter = (from: number): readonly Row[] => ROWS.slice(from * 60, from * 60 + 60);
const FEW = ROWS.slice(0, 80);

const SCENARIOS: readonly Scenario[] = [
  {
    name: "gzip files, one of them truncated",
    job: jobWith("csv()"),
    files: { "sales.csv.gz": gzipSync(TEXT), "cut.csv.gz": gzipSync(TEXT).subarray(0, 900) },
    args: ["cut.csv.gz", "sales.csv.gz"],
    last: ROWS,
  },
  {
    name: "JSON",
    job: jobWith('json({ path: "sales.rows" })'),
    files: { "sales.json": `{"sales":{"rows":${OBJECTS},"more":[]}}` },
    args: ["sales.json"],
    last: ROWS,
  },
  {
    name: "Parquet files, one of them damaged",
    job: jobWith("parquet()"),
    files: {
      "cut.parquet": parquetOf(ROWS, 40, 5).fill(0xff, 900, 910),
      "sales.parquet": parquetOf(ROWS, 50, 7),
    },
    args: ["cut.parquet", "sales.parquet"],
    last: ROWS,
  },
  {
    name: "outputs by key, one of two Parquet files damaged",
    job: jobWith("parquet()").replace("collect()", 'collect({ by: "country", format: "csv", gzip: true })'),
    files: {
      "cut.parquet": parquetOf(ROWS, 40, 5).fill(0xff, 900, 910),
      "sales.parquet": parquetOf(ROWS, 50, 7),
    },
    args: ["cut.parquet", "sales.parquet"],
    last: [],
  },
  {
    name: "whole files",
    job: jobWith('files({ as: "text" })').replace("row = item", "row = JSON.parse(item.text)"),
    files: Object.fromEntries(
      FEW.map((row) => [`days/${String(row.id).padStart(3, "0")}.json`, JSON.stringify(objectOf(row))]),
    ),
    args: ["days"],
    last: FEW,
  },
  {
    name: "a generator",
    job: jobWith(
      `from(async function* () { yield* JSON.parse((await import("node:fs")).readFileSync("sales.json", "utf8")); })`,
    ),
    files: { "sales.json": OBJECTS },
    args: [],
    last: ROWS,
  },
  {
    name: "only the first items of plain and packed files",
    job: jobWith("csv()"),
    files: { "a.csv": textOf(quarter(0)), "b.csv.gz": gzipSync(textOf(quarter(1))), "c.csv": TEXT },
    args: ["a.csv", "b.csv.gz", "c.csv", "--max-items", "100"],
    last: quarter(1).slice(0, 40),
  },
  {
    name: "standard input beside plain, packed, encoded and damaged files",
    job: jobWith("csv()"),
    files: {
      "a.csv": textOf(quarter(0)),
      "b.csv": Buffer.from(`\uFEFF${textOf(quarter(1))}`, "utf16le"),
      "c.csv.gz": gzipSync(textOf(quarter(2))).subarray(0, -1),
      "d.csv": "a,a\n1,2\n",
      "e.csv.zst": zstdCompressSync(textOf(quarter(3))),
      in: zstdCompressSync(textOf(quarter(0))),
    },
    args: ["a.csv", "b.csv", "-", "c.csv.gz", "d.csv", "e.csv.zst"],
    last: quarter(3),
    stdin: "in",
  },
  {
    name: "items that end their thread or never settle",
    job: jobWith(
      "csv()",
      `if (row.note === "exit") process.exit(3); if (row.note === "hang") await new Promise(() => {});`,
    ).replace("concurrency: 4", "concurrency: 4, itemTimeoutMs: 300"),
    files: {
      "sales.csv": TEXT.replaceAll(/^(78|130),(.*),plain$/gm, "$1,$2,exit").replace(
        /^(41,.*),plain$/m,
        "$1,hang",
      ),
    },
    args: ["sales.csv"],
    last: ROWS.slice(131),
  },
  {
    name: "a redrive",
    before: jobWith("csv()", `if (row.id % 3 === 1) throw new RangeError("closed");`),
    job: jobWith("csv()", `if (row.id % 60 === 1) throw new RangeError("still closed");`),
    files: { "sales.csv": TEXT },
    args: ["sales.csv"],
    last: ROWS.slice(182),
  },
];

test.each(SCENARIOS)(
  "$name: killed at any moment and resumed, a batch ends like an uninterrupted one",
  async (scenario) => {
    const quiet = await prepared(scenario);
    await begin(quiet, scenario, await commandOf(quiet, scenario)).ended;
    const uninterrupted = await comparable(quiet);
    expect(uninterrupted.outputs.endsWith(outputsOf(scenario.last))).toBe(true);
    expect(uninterrupted.failed).not.toBe("");

    const random = chance(seed);
    const total = scenario.before === undefined ? KILLS : KILLS_OF_REDRIVE;
    for (let kills = 0; kills < total;) {
      const at = await prepared(scenario);
      if (scenario.stdin !== undefined) kills += await killOnceBegun(at, scenario);
      kills += await survive(at, await commandOf(at, scenario), random, total - kills);
      expect(await comparable(at), `seed ${seed}, after ${kills} kills`).toEqual(uninterrupted);
    }
  },
  60_000,
);

async function prepared({ job, before, files, args }: Scenario): Promise<Workspace> {
  const at = workspace();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(at.path, name)), { recursive: true });
    writeFileSync(join(at.path, name), bytes);
  }
  at.write("sales.ts", before ?? job);
  if (before !== undefined) await at.run("run", "sales.ts", ...args, ...OPTIONS);
  at.write("sales.ts", job);
  return at;
}

async function commandOf(at: Workspace, { args, before }: Scenario): Promise<string[]> {
  if (before === undefined) return ["run", "sales.ts", ...args, ...OPTIONS];
  const { batch } = await stateOf(at);
  return ["redrive", batch ?? "", "--concurrency", "2"];
}

function begin(at: Workspace, { files, stdin }: Scenario, command: readonly string[]) {
  const child = spawn(process.execPath, [BIN, ...command, "--json"], { cwd: at.path, stdio: "pipe" });
  child.stdout.resume();
  child.stderr.resume();
  child.stdin.end(stdin === undefined ? "" : files[stdin]);
  const ended = new Promise((resolve) => child.on("close", resolve));
  return { child, ended };
}

/** Kills a process only after it has read its standard input, which comes only once. */
async function killOnceBegun(at: Workspace, scenario: Scenario): Promise<number> {
  const { child, ended } = begin(at, scenario, await commandOf(at, scenario));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    // A slow machine says before that it is still loading.
    if (/^sales: batch \S+ runs$/m.test(said)) child.kill("SIGKILL");
  });
  await ended;
  expect(child.signalCode).toBe("SIGKILL");
  return 1;
}

/** The files, and their names. */
async function comparable(
  at: Workspace,
): Promise<Written & { readonly names: readonly string[]; readonly byKey: readonly string[] }> {
  const files = await written(at);
  const { batch } = await stateOf(at);
  const state = join(at.path, ".fanjoin");
  // The names show that killed attempts left nothing behind.
  const names = [`batches/${batch}`, "journal"].map((folder) => readdirSync(join(state, folder)).toSorted());
  // An input that is kept with the batch has a random name.
  const plain = names.flat().map((name) => name.replace(/^input-\w+\./, "input."));
  return { ...files, names: plain, byKey: byKeyIn(join(state, "batches", String(batch), "outputs")) };
}

/** Files of outputs by key, in base64; none of a batch without a folder of them. */
function byKeyIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((name) => `${name} ${readFileSync(join(folder, name)).toString("base64")}`);
}
