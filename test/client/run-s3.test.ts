/**
 * Local batches over objects on S3: the real command and the real SDK against an S3 server on a local port.
 */
import { hash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { HttpRequest } from "@smithy/protocol-http";
import { expect, onTestFinished, test } from "vitest";
import { memoryS3 } from "../memory/s3.ts";
import { workspace } from "../cli/command.ts";
import type { Workspace } from "../cli/command.ts";
import { NO_AWS } from "./deployed.ts";

interface Bucket {
  readonly at: Workspace;
  readonly objects: Map<string, Buffer>;
}

/** A workspace whose commands find a bucket `data`. */
async function bucket(more: NodeJS.ProcessEnv = {}): Promise<Bucket> {
  const { objects, client } = memoryS3();
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://any");
    const { method = "", headers } = request;
    if (headers.authorization?.includes("Credential=EXPIRED/")) {
      response
        .writeHead(400)
        .end("<Error><Code>ExpiredToken</Code><Message>The token has expired</Message></Error>");
      return;
    }
    if (url.searchParams.has("list-type")) {
      response.end(listing(objects, `data/${url.searchParams.get("prefix") ?? ""}`));
      return;
    }
    const asked = new HttpRequest({
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body: await buffer(request),
    });
    const { response: answer } = await client.requestHandler.handle(asked);
    response.writeHead(answer.statusCode, answer.headers);
    if (method === "HEAD") response.end();
    else (answer.body as NodeJS.ReadableStream).pipe(response);
  }

  const at = workspace({
    ...NO_AWS,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    ...more,
  });
  at.write("rows.ts", JOB);
  return { at, objects };
}

function listing(objects: Map<string, Buffer>, prefix: string): string {
  const found = [...objects]
    .filter(([name]) => name.startsWith(prefix))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const contents = found.map(
    ([name, bytes]) =>
      `<Contents><Key>${name.slice("data/".length)}</Key><Size>${bytes.length}</Size><ETag>&quot;${tagOf(bytes)}&quot;</ETag></Contents>`,
  );
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`;
}

function tagOf(bytes: Buffer): string {
  return hash("md5", bytes);
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
