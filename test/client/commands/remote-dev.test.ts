/** The same commands on a directory and on `fanjoin dev` print the same text and make the same files. */
import { expect, onTestFinished, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import { NO_AWS } from "../deployed.ts";

const JOB = `
  import { existsSync } from "node:fs";
  import { collect, count, csv, defineJob } from "fanjoin";
  export default defineJob({ name: "rows", input: csv(), retries: 0, join: { n: count(), all: collect() },
    process(row) { if (row.note === "bad" && !existsSync("fixed")) throw new TypeError("row " + row.id + " is bad"); return row.id; } });
`;
const ROWS = `id,note\n${Array.from({ length: 2000 }, (_, n) => `${n},${n % 500 === 7 ? "bad" : '"a\nb"'}\n`).join("")}`;

/** A workspace with a served job, and the options that lead to it. */
async function served(job: string): Promise<{ at: Workspace; on: readonly string[] }> {
  const at = workspace({ ...NO_AWS, FANJOIN_TOKEN: "secret" });
  at.write("rows.ts", job);
  const server = at.start("dev", "rows.ts", "--port", "0", "--dir", "served");
  let said = "";
  const url = await new Promise<string>((resolve) => {
    for (const stream of [server.child.stdout, server.child.stderr]) {
      stream?.on("data", (text: string) => {
        said += text;
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
    }
  });
  onTestFinished(async () => {
    server.child.kill("SIGINT");
    await server.ended;
  });
  return { at, on: ["--endpoint", url] };
}

/** The parts of a summary that do not depend on where the batch ran. */
function essence({ job, state, items, error, result }: BatchSummary): object {
  return { job, state, items, error, value: result?.value };
}

test("a submitted batch gives the same bytes as a local batch, also after a redrive", async () => {
  const { at, on } = await served(JOB);
  at.write("in/1.csv", ROWS);
  at.write("in/2.csv", "id,note\nlast,x\n");
  const [here, there] = [
    await at.json("run", "rows.ts", "in", "--output", "here.jsonl"),
    await at.json("submit", "rows", "in", ...on, "--wait", "--output", "there.jsonl"),
  ];
  expect(essence(there.summary)).toEqual(essence(here.summary));
  expect([here.code, there.code]).toEqual([1, 1]);
  expect(at.read("there.jsonl")).toBe(at.read("here.jsonl"));
  const failed = async ({ summary }: typeof here, ...where: readonly string[]): Promise<unknown> => {
    const lines = JSON.parse((await at.run("failed", summary.batch, ...where, "--json")).stdout) as object[];
    return lines.map((line) => ({ ...line, source: null, chunk: null }));
  };
  expect(await failed(there, ...on)).toEqual(await failed(here));
  at.write("fixed", "");
  const [redrivenHere, redrivenThere] = [
    await at.json("redrive", here.summary.batch, "--code", "ITEM_FAILED"),
    await at.json("redrive", there.summary.batch, ...on, "--code", "ITEM_FAILED"),
  ];
  expect(essence(redrivenThere.summary)).toEqual(essence(redrivenHere.summary));
  expect(redrivenThere.code).toBe(0);
  const result = async ({ summary }: typeof here, ...where: readonly string[]) =>
    (await at.run("result", summary.batch, ...where)).stdout;
  expect(await result(there, ...on)).toBe(await result(here));
});

test("the same id and file is the same batch", async () => {
  const { at, on } = await served(JOB);
  at.write("a.csv", "id,note\n1,x\n");
  const submit = ["submit", "rows", "a.csv", ...on, "--id", "today", "--wait"];
  const first = await at.json(...submit);
  const again = await at.json(...submit);
  expect(again).toMatchObject({ code: 0, summary: first.summary });
  at.write("a.csv", "id,note\n2,x\n");
  expect((await at.run(...submit)).stderr).toContain("[BATCH_CONFLICT]");
});

test("only the first items of uploaded files are run", async () => {
  const { at, on } = await served(JOB);
  at.write("a.csv", ROWS);
  const submit = ["submit", "rows", "a.csv", ...on, "--max-items", "8", "--wait"];
  const { summary, code } = await at.json(...submit);
  expect(summary).toMatchObject({ maxItems: 8, items: { total: 8, succeeded: 7, failed: 1, skipped: 0 } });
  expect(code).toBe(1);
});

test("a running batch is listed, watched and cancelled; a wrong token is refused", async () => {
  const slow = JOB.replace(
    "process(row) {",
    "async process(row) { await new Promise((go) => setTimeout(go, 20));",
  );
  const { at, on } = await served(slow);
  at.write("a.csv", ROWS);
  const running = at.start("submit", "rows", "a.csv", ...on, "--wait", "--chunk-items", "5");
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  const watching = at.start("watch", batch.slice(0, 24), ...on, "--json");
  expect((await at.run("list", ...on)).stdout).toMatch(new RegExp(`${batch}  rows  (planning|running)`));
  const cancelled = await at.json("cancel", batch, ...on);
  expect(cancelled).toMatchObject({ code: 0, summary: { batch, state: "cancelled" } });
  expect((await running.ended).code).toBe(3);
  expect(JSON.parse((await watching.ended).stdout)).toEqual(cancelled.summary);
  const stranger = workspace({ ...NO_AWS, FANJOIN_TOKEN: "guessed" });
  const refused = await stranger.run("list", ...on);
  expect(refused.stderr).toMatch(/refuses this request \(.*FANJOIN_TOKEN.*\[REQUEST_FORBIDDEN\]\nSee .+\n$/);
  expect(refused.code).toBe(2);
});

test("failed chunks are pulled from dev and fail here at the same places, and other code is noticed", async () => {
  const { at, on } = await served(JOB);
  at.write("in/1.csv", ROWS);
  const { summary } = await at.json("submit", "rows", "in/1.csv", ...on, "--wait", "--chunk-items", "20");
  const pulled = await at.run("pull", summary.batch, ...on, "--output", "case");
  expect([pulled.code, pulled.stderr]).toEqual([0, expect.stringMatching(/^pulled 4 chunks of rows, /)]);
  const again = await at.json("run", "rows.ts", "--pulled", "case");
  expect(again.summary).toMatchObject({
    items: { total: 80, failed: 4 },
    reproduces: { batch: summary.batch },
  });
  expect(again.stderr).not.toContain("the code here");
  const places = async (batch: string, ...where: readonly string[]): Promise<object[]> => {
    const lines = JSON.parse((await at.run("failed", batch, ...where, "--json")).stdout) as object[];
    return lines.map((line) => ({ ...line, error: null }));
  };
  expect(await places(again.summary.batch)).toEqual(await places(summary.batch, ...on));
  at.write("rows.ts", `${JOB}// changed\n`);
  const changed = await at.run("run", "rows.ts", "--pulled", "case", "--dir", "other");
  expect(changed.stderr).toContain(
    `the code here is not the code that batch ${summary.batch} was submitted with`,
  );
});
