import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { BIN, place } from "../cli/command.ts";
import type { Place } from "../cli/command.ts";
import { chance } from "../simulation/chance.ts";
import { stateOf, survive } from "./killing.ts";
import { JOB, outputsOf, rowsFor, textOf } from "./sales.ts";

const seed = Number(process.env["FANJOIN_SEED"] ?? 20_260_102);
const KILLS = 2;
const ROWS = rowsFor(300);
const TEXT = textOf(ROWS);
const OBJECTS = JSON.stringify(
  ROWS.map((row) => ({ ...row, amount: row.amount ?? "none" })),
  null,
  1,
);
const GENERATOR = `from(async function* () { yield* JSON.parse((await import("node:fs")).readFileSync("sales.json", "utf8")); })`;
const OPTIONS = ["--concurrency", "2", "--chunk-items", "4"];

interface Way {
  readonly name: string;
  readonly input: string;
  readonly files: { readonly [name: string]: Uint8Array | string };
  readonly args: readonly string[];
  /** Of the files: it is piped in. */
  readonly stdin?: string;
}

const WAYS: readonly Way[] = [
  {
    name: "gzip, one of them cut off",
    input: "csv()",
    files: { "sales.csv.gz": gzipSync(TEXT), "cut.csv.gz": gzipSync(TEXT).subarray(0, 900) },
    args: ["cut.csv.gz", "sales.csv.gz"],
  },
  { name: "JSON", input: "json()", files: { "sales.json": OBJECTS }, args: ["sales.json"] },
  { name: "a generator", input: GENERATOR, files: { "sales.json": OBJECTS }, args: [] },
  { name: "standard input", input: "csv()", files: { "sales.csv": TEXT }, args: ["-"], stdin: "sales.csv" },
];

test.each(WAYS)(
  "$name: killed at any moment and resumed, a batch ends as one that was not",
  async (way) => {
    const quiet = prepared(way);
    const { child, ended } = begin(quiet, way);
    child.stderr.resume();
    await ended;
    const uninterrupted = await written(quiet);
    expect(uninterrupted.outputs.endsWith(outputsOf(ROWS))).toBe(true);

    const random = chance(seed);
    for (let kills = 0; kills < KILLS;) {
      const at = prepared(way);
      if (way.stdin !== undefined) kills += await killOnceBegun(at, way);
      kills += await survive(at, ["run", "sales.ts", ...way.args, ...OPTIONS], random, KILLS - kills);
      expect(await written(at), `seed ${seed}, after ${kills} kills`).toEqual(uninterrupted);
    }
  },
  60_000,
);

function prepared({ input, files }: Way): Place {
  const at = place();
  at.write("sales.ts", JOB.replace("csv,", "csv, from, json,").replace("input: csv()", `input: ${input}`));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(at.path, name), bytes);
  return at;
}

function begin(at: Place, { args, files, stdin }: Way) {
  const command = [BIN, "run", "sales.ts", ...args, ...OPTIONS, "--json"];
  const child = spawn(process.execPath, command, { cwd: at.path, stdio: "pipe" });
  child.stdout.resume();
  child.stdin.end(stdin === undefined ? "" : files[stdin]);
  const ended = new Promise((resolve) => child.on("close", resolve));
  return { child, ended };
}

/** Standard input comes once, so the process that has read it is let live that long. */
async function killOnceBegun(at: Place, way: Way): Promise<number> {
  const { child, ended } = begin(at, way);
  child.stderr.on("data", () => child.kill("SIGKILL"));
  await ended;
  return 1;
}

/** As a user finds it. The chunks of a generator's items depend on when they come, so failed items are without theirs. */
async function written(at: Place): Promise<{ result: string; outputs: string; failed: string }> {
  const { batch } = await stateOf(at);
  const { summary } = await at.json("show", batch ?? "");
  const read = (file: { readonly path: string } | null): string => readFileSync(file?.path ?? "", "utf8");
  const { result, outputs, failed } = summary;
  return {
    result: read(result),
    outputs: read(outputs),
    failed: read(failed).replaceAll(/"chunk":\d+/g, ""),
  };
}
