/**
 * Local batches over objects on S3: the real command and the real SDK against an S3 server on a local port.
 */
import { expect, test } from "vitest";
import { s3Server } from "../memory/s3-server.ts";
import { workspace } from "../cli/command.ts";
import type { Workspace } from "../cli/command.ts";
import { NO_AWS } from "./deployed.ts";

interface Bucket {
  readonly at: Workspace;
  readonly objects: Map<string, Buffer>;
}

/** A workspace whose commands find a bucket `data`. */
async function bucket(more: NodeJS.ProcessEnv = {}): Promise<Bucket> {
  const { objects, env } = await s3Server();
  const at = workspace({ ...NO_AWS, ...env, ...more });
  at.write("rows.ts", JOB);
  return { at, objects };
}

const JOB = `
  import { collect, csv, defineJob } from "fanjoin";
  export default defineJob({ name: "rows", input: csv(), retries: 0, join: collect(),
    async process(row) { if (row.note === "slow") await new Promise((go) => setTimeout(go, 20)); return row.id; } });
`;

const rows = (from: number, count: number, note = '"a\nb"'): Buffer =>
  Buffer.from(`id,note\n${Array.from({ length: count }, (_, n) => `${from + n},${note}\n`).join("")}`);

test("an object is read in ranges by several threads, like a file; a prefix can stand beside files", async () => {
  const { at, objects } = await bucket();
  objects.set("data/2026/a b.csv", rows(0, 3000));
  objects.set("data/2026/c.csv", rows(3000, 10));
  at.write("here.csv", rows(3010, 2).toString());
  const all = await at.json(
    "run",
    "rows.ts",
    "s3://data/2026/",
    "here.csv",
    "--chunk-items",
    "100",
    "--output",
    "out",
  );
  expect(all.stderr).not.toContain("Error");
  expect(all).toMatchObject({ code: 0, summary: { items: { total: 3012, failed: 0 } } });
  expect(at.read("out")).toBe(Array.from({ length: 3012 }, (_, n) => `"${n}"\n`).join(""));
  const one = await at.json("run", "rows.ts", "s3://data/2026/a b.csv");
  expect(one.summary).toMatchObject({ items: { total: 3000 } });
});

test("a batch is resumed only with the object version that it was planned from", async () => {
  const { at, objects } = await bucket();
  const original = rows(0, 400, "slow");
  objects.set("data/slow.csv", original);
  const running = at.start("run", "rows.ts", "s3://data/slow.csv", "--chunk-items", "5");
  await running.said(/batch \w+ runs/);
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  objects.set("data/slow.csv", rows(1, 400, "slow"));
  const refused = await at.run("resume");
  expect(refused.stderr).toContain("[INPUT_CHANGED]");
  objects.set("data/slow.csv", original);
  expect((await at.json("resume")).summary).toMatchObject({ state: "succeeded", items: { total: 400 } });
});

test.for([
  [
    "an object that is not there",
    "s3://data/none.csv",
    {},
    "there is no object s3://data/none.csv [INPUT_NOT_FOUND]",
  ],
  [
    "a prefix without objects",
    "s3://data/none/",
    {},
    "there are no objects below s3://data/none/ [INPUT_NOT_FOUND]",
  ],
  [
    "no bucket",
    "s3:///x",
    {},
    "s3:///x has no bucket: write s3://bucket/key, or s3://bucket/prefix/ [USAGE]",
  ],
  [
    "no credentials",
    "s3://data/a.csv",
    { AWS_ACCESS_KEY_ID: undefined },
    "There are no AWS credentials here",
  ],
  ["no region", "s3://data/a.csv", { AWS_REGION: undefined }, "No AWS region is set"],
  ["expired credentials", "s3://data/", { AWS_ACCESS_KEY_ID: "EXPIRED" }, "The AWS credentials have expired"],
  [
    "expired credentials, of one object",
    "s3://data/a.csv",
    { AWS_ACCESS_KEY_ID: "EXPIRED" },
    "S3 refuses the request for s3://data/a.csv",
  ],
  ["no S3", "s3://data/a.csv", { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, "S3 does not answer"],
] as const)("%s is an error, and nothing is started", async ([, input, env, said]) => {
  const { at } = await bucket(env);
  const { code, stdout, stderr } = await at.run("run", "rows.ts", input);
  expect(stderr).toContain(`fanjoin: ${said}`);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});
