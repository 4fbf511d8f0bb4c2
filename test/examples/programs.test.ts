/** The programs of docs/from-code.md, run as their comments say. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test, vi } from "vitest";
import { deploy } from "../client/deployed.ts";
import { ROOT } from "../cli/command.ts";
import { lineJob } from "../steps/jobs.ts";
import { textOf } from "./run.ts";

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = folder()) {
  const script = join(ROOT, "examples", "programs", program);
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "fanjoin-programs-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

test("the script shows progress, and prints the counts and the result", async () => {
  const child = start("report.ts", [join(ROOT, "events/inputs/birdstrikes.csv")], {});
  const [printed, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  expect(printed).toMatch(/^succeeded: 10000 strikes, 0 rows are not usable\n/);
  expect(printed).toMatch(/^Texas: \d+$/m);
  expect(said).toContain("10000 strikes\n");
  expect(code).toBe(0);
});

async function serving(child: ChildProcess): Promise<string> {
  let said = "";
  child.stdout?.on("data", (block: Buffer) => (said += block.toString()));
  await vi.waitUntil(() => said.includes("\n"), 30_000);
  return /http:\S+/.exec(said)?.[0] ?? "";
}

test("the server makes a batch of an upload, and the next start goes on with it", async () => {
  const cwd = folder();
  const first = start("server.ts", [], { PORT: "0" }, cwd);
  const reports = await serving(first);
  const posted = await fetch(reports, { method: "POST", body: textOf("birdstrikes.csv") });
  expect(posted.status).toBe(202);
  const { report } = (await posted.json()) as { report: string };
  expect((await fetch(`${reports}/01KUNKNOWN`)).status).toBe(404);
  first.kill("SIGTERM");
  expect(await once(first, "close")).toEqual([0, null]);
  const again = await serving(start("server.ts", [], { PORT: "0" }, cwd));
  const shown = await vi.waitUntil(async () => {
    const answer = (await (await fetch(`${again}/${report}`)).json()) as { state: string; result: object };
    return answer.result === null ? null : answer;
  }, 30_000);
  expect(shown).toMatchObject({
    state: "succeeded",
    result: { Texas: expect.anything() as unknown },
  });
});

test("the Lambda starts one batch a day over the objects of that day", async () => {
  const deployed = await deploy({ ...lineJob(), name: "sales" });
  const object = deployed.api.put("2026-11-28/a.txt", "1\n2\n");
  expect(object).toBe("s3://ours/2026-11-28/a.txt");
  const call = `const { handler } = await import(${JSON.stringify(join(ROOT, "examples/programs/nightly.ts"))});
    const event = { time: "2026-11-28T01:00:00Z" };
    console.log(JSON.stringify([await handler(event), await handler(event)]));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", call], {
    cwd: ROOT,
    env: { ...process.env, ...deployed.env, FANJOIN_ENDPOINT: deployed.url, SALES_BUCKET: "ours" },
  });
  const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  expect(said).toBe("");
  const [once_, twice] = JSON.parse(printed) as [{ batch: string }, { batch: string }];
  expect(twice).toEqual(once_);
  const [sent] = deployed.seen.filter(({ path }) => path.endsWith("/jobs/sales/batches"));
  expect(JSON.parse(sent?.body ?? "")).toMatchObject({
    input: { prefix: "s3://ours/2026-11-28/" },
    id: "2026-11-28",
    params: { day: "2026-11-28" },
  });
});

test("docs/from-code.md shows the programs as they are", () => {
  const page = readFileSync(join(ROOT, "docs/from-code.md"), "utf8");
  for (const program of ["report.ts", "server.ts", "nightly.ts", "page.ts"])
    expect(page).toContain(readFileSync(join(ROOT, "examples/programs", program), "utf8").trim());
});
