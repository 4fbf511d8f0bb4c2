/** Submissions to a deployed stack: files, objects, parameters, and what is signed. */
import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { countingJob, csvJob, lineJob } from "../../steps/jobs.ts";
import { BIN } from "../../cli/command.ts";
import { deploy } from "../deployed.ts";
import type { Deployed } from "../deployed.ts";
import { client, ROWS } from "./remote-client.ts";

/** The inputs of the submitted batches. */
function inputs({ seen }: Deployed): unknown[] {
  const posted = seen.filter(({ method, path }) => method === "POST" && path.endsWith("/batches"));
  return posted.map(({ body }) => (JSON.parse(body) as { input?: unknown }).input);
}

test("submit --wait uploads a file, follows the batch to its end, and reports it like run", async () => {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const { at, on } = client(deployed);
  at.write("rows.csv", ROWS);
  const { code, stdout, stderr } = await at.run("submit", "csv-job", "rows.csv", ...on, "--wait");
  expect(stderr).toMatch(/^uploaded rows\.csv, 26 B\ncsv-job: batch \w{26} runs\n$/);
  expect(stdout).toMatch(/^csv-job completed with failures\n {2}batch {4}\w{26}\n/);
  expect(stdout).toContain("\n  items    4: 3 succeeded, 1 failed\n");
  expect(stdout).toContain(`  failed   ${deployed.url}/batches/`);
  expect(stdout).toMatch(/\n {2}1 {2}row 3 is bad\n {5}ITEM_FAILED, TypeError, .*rows\.csv:4; the job/);
  expect(code).toBe(1);
  expect([...deployed.uploads.keys()]).toEqual([
    expect.stringMatching(/^inputs\/csv-job\/\w{26}\/rows\.csv$/),
  ]);
});

test("submit without --wait prints the batch and the command that follows it, and returns", async () => {
  const deployed = await deploy(lineJob());
  deployed.held = true;
  const { at, on } = client(deployed);
  at.write("a.txt", "1\n2\n");
  const { code, stdout, stderr } = await at.run("submit", "line-job", "a.txt", ...on);
  const [, batch = ""] = /batch {4}(\w{26})\n/.exec(stdout) ?? [];
  expect(stdout).toMatch(/^line-job running/);
  expect(stderr).toContain(`To follow it:\n  fanjoin watch ${batch} --endpoint ${deployed.url}\n`);
  expect(code).toBe(0);
  const watching = at.start("watch", batch.slice(0, 20), ...on, "--json");
  await deployed.api.stage.pump();
  const { stdout: watched, code: ended } = await watching.ended;
  expect(JSON.parse(watched)).toMatchObject({ batch, state: "succeeded", items: { total: 2 } });
  expect(ended).toBe(0);
});

test("several files are uploaded below one prefix and read in the order given, including standard input", async () => {
  const deployed = await deploy(lineJob());
  const { at, on } = client(deployed);
  for (const name of ["z.txt", "data/b.txt", "data/a.txt"]) at.write(name, `${name}\n`);
  const args = ["submit", "line-job", "z.txt", "data", "-", ...on, "--wait", "--output", "-", "--quiet"];
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: at.path,
    env: { ...process.env, ...deployed.env },
  });
  child.stdin.end("typed\n");
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(said).toBe('"z.txt"\n"data/a.txt"\n"data/b.txt"\n"typed"\n');
  expect(code).toBe(0);
  const keys = [...deployed.uploads.keys()].toSorted().map((key) => key.split("/").slice(3).join("/"));
  expect(keys).toEqual(["1-z.txt", "2-data/a.txt", "3-data/b.txt", "4-standard-input"]);
  expect(inputs(deployed)).toEqual([
    { prefix: expect.stringMatching(/^s3:\/\/ours\/inputs\/line-job\/\w{26}\/$/) },
  ]);
});

test("objects on S3 are not copied, alone or beside files", async () => {
  const deployed = await deploy(lineJob());
  const { at, on } = client(deployed);
  const url = deployed.api.put("2026/x y.txt", "there\n");
  at.write("here.txt", "here\n");
  const submit = (...given: string[]) => at.json("submit", "line-job", ...given, ...on, "--wait");
  expect((await submit(url)).summary).toMatchObject({ items: { total: 1 } });
  expect((await submit("s3://ours/2026/")).summary).toMatchObject({ items: { total: 1 } });
  expect(deployed.uploads.size).toBe(0);
  const both = await submit(url, "here.txt");
  expect(both.summary.result?.value).toMatchObject({ order: "there,here," });
  expect(inputs(deployed)).toEqual([
    { object: url },
    { prefix: "s3://ours/2026/" },
    { manifest: expect.stringMatching(/\/manifest\.jsonl$/) },
  ]);
});

test("a job with its own input gets none; params and chunk sizes are sent", async () => {
  const deployed = await deploy(countingJob(6));
  const { at, on } = client(deployed);
  const given = ["--params", '{"a":1}', "--chunk-items", "2"];
  const { summary, code } = await at.json("submit", "counting", ...on, "--wait", ...given);
  expect(summary).toMatchObject({ state: "succeeded", chunks: { total: 3 }, result: { value: { all: 6 } } });
  expect(code).toBe(0);
  const refused = await at.run("submit", "counting", "x.csv", ...on);
  expect(refused.stderr).toContain("there is no file x.csv");
  at.write("x.csv", "");
  expect((await at.run("submit", "counting", "x.csv", ...on)).stderr).toContain("brings its own input");
});

test("the same id and file is the same batch; another file is refused and does not overwrite the first", async () => {
  const deployed = await deploy(lineJob());
  const { at, on } = client(deployed);
  const submit = ["submit", "line-job", "a.txt", ...on, "--id", "today"];
  at.write("a.txt", "1\n");
  const first = await at.json(...submit, "--wait");
  expect(first.code).toBe(0);
  const again = await at.json(...submit);
  expect(again).toMatchObject({ code: 0, summary: first.summary });
  expect(deployed.uploads.size).toBe(1);
  at.write("a.txt", "2\n");
  const other = await at.run(...submit);
  expect(other.stderr).toContain("[BATCH_CONFLICT]");
  expect(other.code).toBe(2);
  expect(new Set([...deployed.uploads.values()].map(({ sha256 }) => sha256)).size).toBe(2);
});

test("every API request is signed, and no credentials go to signed URLs", async () => {
  const deployed = await deploy(lineJob());
  const { at, on } = client(deployed);
  at.write("a.txt", "1\n");
  expect((await at.run("submit", "line-job", "a.txt", ...on, "--wait")).code).toBe(0);
  for (const { headers } of deployed.seen)
    expect(headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/execute-api\//,
    );
  expect(deployed.seen.length).toBeGreaterThan(2);
});
