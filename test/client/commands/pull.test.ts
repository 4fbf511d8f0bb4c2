/** `fanjoin pull` from a stack, and `run --pulled` here: the failure of there, at the same places. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import { parquet } from "../../../src/input/parquet.ts";
import { defineJob } from "../../../src/job/job.ts";
import { numberedRows } from "../../input/parquet/numbered-rows.ts";
import { csvJob } from "../../steps/jobs.ts";
import { deploy } from "../deployed.ts";
import type { Deployed } from "../deployed.ts";

const ROWS = `id,note\n${Array.from({ length: 50 }, (_, n) => `${n},${n % 10 === 3 ? "bad" : '"x\ny"'}\n`).join("")}`;
/** The job that `csvJob` makes. */
const FILE = `
  import { collect, csv, defineJob } from "fanjoin";
  export default defineJob({ name: "csv-job", input: csv(), retries: 0, join: collect(),
    process({ id, note }) { if (note.startsWith("bad")) throw new TypeError(\`row \${id} is bad\`); return id; } });`;

async function ended(deployed: Deployed, content: Uint8Array | string, name: string): Promise<string> {
  const object = deployed.api.put(`inputs/${name}`, "");
  deployed.api.stage.store.put(object, content);
  const { batch } = await deployed.api.submit({ input: { object }, chunk: { items: 4 } });
  await deployed.api.stage.pump();
  return batch;
}

/** What a failed item is, but for the frames of its stack. */
async function failed(at: Workspace, batch: string, ...where: readonly string[]): Promise<object[]> {
  const { stdout } = await at.run("failed", batch, ...where, "--json");
  const lines = JSON.parse(stdout) as { error: { name: string; message: string } }[];
  return lines.map(({ error: { name, message }, ...line }) => ({ ...line, error: { name, message } }));
}

test.for([
  ["a.csv", ROWS],
  ["a.csv.gz", gzipSync(ROWS)],
] as const)("the failed chunks of %s are pulled and fail in the same way", async ([name, content]) => {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const batch = await ended(deployed, content, name);
  const at = workspace(deployed.env);
  at.write("rows.ts", FILE);
  const on = ["--endpoint", deployed.url];
  const pulled = await at.run("pull", batch.slice(0, 20), "--failed", ...on, "--output", "case");
  expect(pulled.stderr).toMatch(
    /^pulled 5 chunks of csv-job, \d+ B of input, into case\. To run them here:\n {2}fanjoin run JOB\.ts --pulled case\n$/,
  );
  expect([pulled.code, pulled.stdout]).toEqual([0, ""]);
  expect(at.read("case/pulled.json")).not.toContain("X-Amz");
  const again = await at.json("run", "rows.ts", "--pulled", "case");
  expect(again.code).toBe(1);
  expect(again.stderr).toContain(`it is not known which code batch ${batch} ran`);
  expect(again.summary).toMatchObject({
    items: { total: 20, failed: 5 },
    reproduces: { batch, chunks: 5 },
  });
  const there = await failed(at, batch, ...on);
  expect(there).toHaveLength(5);
  expect(await failed(at, again.summary.batch)).toEqual(there);
  const shown = await at.run("show", again.summary.batch);
  expect(shown.stdout).toContain(`of       batch ${batch}: 5 pulled chunks of it run again here`);
});

test("row groups of a Parquet file are pulled, and fail in the same way", async () => {
  const process = ({ id }: { id: number }): number => {
    if (id % 20 === 3) throw new TypeError(`row ${id} is bad`);
    return id;
  };
  const input = parquet<{ id: number }>({ pick: ["id", "note"] });
  const deployed = await deploy(defineJob({ name: "parquet-job", input, retries: 0, process }));
  const file = numberedRows({ rows: 100, groupRows: 10, ballast: 1_200_000 });
  const batch = await ended(deployed, file, "a.parquet");
  const at = workspace(deployed.env);
  at.write(
    "rows.ts",
    `import { defineJob, parquet } from "fanjoin";
    export default defineJob({ name: "parquet-job", input: parquet({ pick: ["id", "note"] }), retries: 0,
      process({ id }) { if (id % 20 === 3) throw new TypeError(\`row \${id} is bad\`); return id; } });`,
  );
  const on = ["--endpoint", deployed.url];
  const pulled = await at.run("pull", batch, "--failed", ...on, "--output", "case");
  expect(pulled.stderr).toMatch(/^pulled 5 chunks of parquet-job, [\d.]+ kB of input, into case/);
  const { summary } = await at.json("run", "rows.ts", "--pulled", "case");
  expect(summary.items).toMatchObject({ total: 20, failed: 5 });
  const there = await failed(at, batch, ...on);
  expect(there.map((line) => "row" in line && line.row)).toEqual([3, 3, 3, 3, 3]);
  expect(await failed(at, summary.batch)).toEqual(there);
});

test("another batch, another form and an object that is gone are refused", async () => {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const batch = await ended(deployed, ROWS, "a.csv");
  const at = workspace(deployed.env);
  const on = ["--endpoint", deployed.url];
  const answer = await deployed.api.get(`/batches/${batch}/chunks?chunk=5`);
  const other = { ...(answer.json as object), batch: "01OTHER" };
  deployed.meddle = ({ path }) => (path.includes("/chunks") ? { body: JSON.stringify(other) } : null);
  const strange = await at.run("pull", batch, "--chunk", "5", ...on);
  expect(strange.stderr).toContain("it answers with chunks of another batch");
  const hostile = structuredClone(answer.json) as { chunks: { chunk: unknown }[] };
  for (const chunk of hostile.chunks) chunk.chunk = "../../outside";
  deployed.meddle = ({ path }) => (path.includes("/chunks") ? { body: JSON.stringify(hostile) } : null);
  expect((await at.run("pull", batch, "--chunk", "5", ...on)).stderr).toContain(
    "its list of chunks has another form",
  );
  const elsewhere = answer.body.replace(/"url":"[^"]*"/, `"url":"${deployed.origin}/ours/none?x"`);
  deployed.meddle = ({ path }) => (path.includes("/chunks") ? { body: elsewhere } : null);
  const gone = await at.run("pull", batch, "--chunk", "5", ...on, "--output", "none");
  expect([gone.code, gone.stderr]).toEqual([
    2,
    expect.stringContaining("a part of the input cannot be fetched: it is gone"),
  ]);
  expect(() => at.read("none/pulled.json")).toThrow("ENOENT");
});

test("--pulled with another input, and --chunk with --failed, are refused", async () => {
  const at = workspace();
  at.write("rows.ts", FILE);
  for (const [args, message] of [
    [["run", "rows.ts", "a.csv", "--pulled", "case"], "--pulled brings its own input: leave out a.csv"],
    [["run", "rows.ts", "--pulled", "case", "--id", "x"], "--pulled"],
    [["run", "rows.ts", "--pulled", "case"], "pulled.json cannot be read"],
    [["pull", "latest", "--chunk", "1", "--failed"], "--chunk"],
    [["pull", "latest", "--chunk", "x"], "It must be a whole number, from 0."],
    [["pull", "latest"], "there is no batch"],
  ] as const) {
    const { code, stderr } = await at.run(...args);
    expect([args, code]).toEqual([args, 2]);
    expect(stderr).toContain(message);
  }
});
