/** Endpoints that answer, but not as fanjoin does: by mistake, or to do harm. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { apiClient } from "../../../src/client/api-client.ts";
import type { ApiClient } from "../../../src/client/api-client.ts";
import { baseOf } from "../../../src/client/node/base-url.ts";
import { httpClient } from "../../../src/client/node/http-client.ts";
import { signFor } from "../../../src/client/node/sign.ts";
import { signedUrl } from "../../../src/client/http/signed-url.ts";
import { workspace } from "../../cli/command.ts";
import type { Workspace } from "../../cli/command.ts";
import { NO_AWS } from "../deployed.ts";
import { mistake, mistakeIn } from "../commands/mistake.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** The URL of a server on this machine. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const withToken = (): Workspace => workspace({ ...NO_AWS, FANJOIN_TOKEN: "t" });

async function clientOf(endpoint: string): Promise<ApiClient> {
  const env = { FANJOIN_TOKEN: "t" };
  const base = await baseOf({ endpoint }, env);
  const backoff = { baseMs: 1, maxMs: 1 };
  const slowest = { windowMs: 200, bytes: 1000 };
  const limits = { connectMs: 1000, answerMs: 5000, idleMs: 5000, slowest, attempts: 1, backoff };
  const api = apiClient(base, signFor(base, {}, env), httpClient(limits, base.insecure));
  onTestFinished(() => api.close());
  return api;
}

const ID = "01K00000000000000000000009";
const SUMMARY = {
  batch: ID,
  job: "sales",
  state: "succeeded",
  items: { total: 1, succeeded: 1, failed: 0, skipped: 0 },
  chunks: { total: 1, settled: 1, skipped: 0 },
  createdAt: "2026-11-21T00:00:00.000Z",
  endedAt: "2026-11-21T00:00:01.000Z",
  seconds: 1,
  result: { path: "x", bytes: 1, value: 1 },
  outputs: null,
  failed: null,
  error: null,
};

test("a summary as fanjoin writes it is accepted, and new fields are ignored", async () => {
  for (const more of [
    {},
    { colour: 1 },
    { damaged: 1, incomplete: true },
    { failures: { groups: [], others: 0 } },
    { result: { ...SUMMARY.result, value: null } },
  ]) {
    const api = await clientOf(
      await serve((_, response) => response.end(JSON.stringify({ ...SUMMARY, ...more }))),
    );
    expect(await api.batch(ID)).toEqual({ ...SUMMARY, ...more });
  }
});

test.for<[string, object | null, string]>([
  ["null", null, "without a JSON object"],
  ["no id", { batch: undefined }, "batch is null"],
  ["an id that is a path", { batch: "../../x" }, 'batch is "../../x"'],
  ["another batch", { batch: "01K0000000000000000000000A" }, "in place of"],
  ["a job with an escape sequence", { job: "a\u001b[2J" }, String.raw`job is "a\u001b[2J"`],
  [
    "a state of a newer version",
    { state: "resting" },
    'state is "resting", or it is newer than this command',
  ],
  ["a state of Object.prototype", { state: "constructor" }, 'state is "constructor"'],
  ["no items", { items: null }, "items is null"],
  ["a count that is text", { items: { ...SUMMARY.items, succeeded: "1" } }, 'items.succeeded is "1"'],
  ["a negative count", { chunks: { ...SUMMARY.chunks, settled: -1 } }, "chunks.settled is -1"],
  ["no time", { createdAt: 5 }, "createdAt is 5"],
  ["an end without a time", { endedAt: null }, "endedAt is null"],
  ["a time of an end before it", { state: "running" }, "the state running"],
  ["no field for the end", { endedAt: undefined }, "endedAt is null"],
  ["a result without a size", { result: { path: "x" } }, "result.bytes is null"],
  ["an error that is text", { error: "no" }, 'error is "no"'],
  ["a progress that is no object", { progress: 3 }, "progress is 3"],
  ["a number of damaged inputs that is text", { damaged: "\u001b" }, String.raw`damaged is "\u001b"`],
  [
    "groups of failed items in another form",
    { failures: { groups: [{ code: "ITEM_FAILED", count: "many" }], others: 0 } },
    "failures.groups[0].count",
  ],
])("a summary with %s is ENDPOINT_UNUSABLE", async ([, change, said]) => {
  const url = await serve((_, response) =>
    response.end(JSON.stringify(change === null ? null : { ...SUMMARY, ...change })),
  );
  const api = await clientOf(url);
  const asked = api.batch(ID);
  await expect(asked).rejects.toMatchObject({
    code: "ENDPOINT_UNUSABLE",
    message: expect.stringContaining(said),
  });
});

test("a command names the part of a summary that is wrong in one sentence", async () => {
  const url = await serve((_, response) => response.end(JSON.stringify({ ...SUMMARY, items: [] })));
  for (const command of ["show", "watch", "cancel"]) {
    const outcome = await withToken().run(command, ID, "--endpoint", url);
    expect(mistakeIn(outcome)).toEqual(mistake("ENDPOINT_UNUSABLE", "in its batch summary, items is []"));
  }
});

test.for<[string, (page: number) => object]>([
  ["the same page again and again", () => ({ batches: [SUMMARY], cursor: "x" })],
  ["the same batch with ever new cursors", (page) => ({ batches: [SUMMARY], cursor: `x${page}` })],
  ["empty pages with the same cursor", () => ({ batches: [], cursor: "x" })],
  ["empty pages without an end", (page) => ({ batches: [], cursor: `x${page}` })],
])("a list of %s ends", async ([, answer]) => {
  let page = 0;
  const url = await serve((_, response) => response.end(JSON.stringify(answer(page++))));
  const outcome = await withToken().run("list", "--endpoint", url);
  expect(mistakeIn(outcome)).toEqual(
    mistake("ENDPOINT_UNUSABLE", "the pages of its list of batches do not move on"),
  );
});

/** A byte now and then, without an end. */
const trickle: Answer = (_, response) => {
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
};

test("a document and a file that trickle for ever are ENDPOINT_UNUSABLE", async () => {
  const api = await clientOf(await serve(trickle));
  const slow = { code: "ENDPOINT_UNUSABLE", message: expect.stringContaining("is too slow: it sent") };
  await expect(api.batch(ID)).rejects.toMatchObject(slow);
  await expect(Array.fromAsync(api.read(ID, "result.json"))).rejects.toMatchObject(slow);
});

test("a body that breaks off is ENDPOINT_UNUSABLE", async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write("{", () => response.destroy());
  });
  const api = await clientOf(url);
  await expect(api.batch(ID)).rejects.toMatchObject({ code: "ENDPOINT_UNUSABLE" });
  await expect(Array.fromAsync(api.read(ID, "result.json"))).rejects.toMatchObject({
    code: "ENDPOINT_UNUSABLE",
  });
});

test.for(["ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "http://192.0.2.1/x"])(
  "the signed URL %s is refused, for an upload, as the target of a redirect and in place of one",
  async (given) => {
    const url = await serve(({ method, url: path = "" }, response) => {
      if (method === "POST") response.end(JSON.stringify({ url: given, object: "s3://b/x" }));
      else if (path.startsWith("/jobs/"))
        response.end(JSON.stringify({ reader: { kind: "lines" }, input: "given" }));
      else if (path.endsWith("/result")) response.writeHead(303, { location: given }).end();
      else response.writeHead(200, { "content-type": "text/uri-list" }).end(`${given}\r\n`);
    });
    const at = withToken();
    at.write("in.txt", "secret\n");
    const said = /gives the signed URL|is not an address of this machine/;
    expect(mistakeIn(await at.run("submit", "sales", "in.txt", "--endpoint", url))).toEqual(
      mistake("ENDPOINT_UNUSABLE", said),
    );
    const api = await clientOf(url);
    for (const file of ["result.json", "outputs.jsonl"] as const) {
      await expect(Array.fromAsync(api.read(ID, file))).rejects.toMatchObject({
        code: "ENDPOINT_UNUSABLE",
        message: expect.stringMatching(said),
      });
    }
  },
);

test("an https endpoint cannot lead to http, not even to this machine, unless the user allows it", async () => {
  const base = await baseOf({ endpoint: "https://api.example/prod" }, {});
  expect(signedUrl("https://b.s3.example/x?y=%2F", base).href).toBe("https://b.s3.example/x?y=%2F");
  for (const url of ["http://b.s3.example/x", "http://127.0.0.1:2375/containers", "http://localhost/"])
    expect(() => signedUrl(url, base)).toThrow("which is not https");
  const allowed = await baseOf({ endpoint: "https://api.example/prod", insecureEndpoint: true }, {});
  expect(signedUrl("http://b.s3.example/x", allowed).href).toBe("http://b.s3.example/x");
});

test("an endpoint that is no loopback address needs --insecure-endpoint, which printed commands repeat", async () => {
  const loopback = await serve((_, response) => response.end(JSON.stringify({ batches: [], cursor: null })));
  // On this machine, but its address does not say so.
  const url = loopback.replace("127.0.0.1", "0.0.0.0");
  const at = withToken();
  expect(mistakeIn(await at.run("show", "01K", "--endpoint", url))).toEqual(
    mistake("USAGE", `--endpoint ${url} is neither https nor an address of this machine`),
  );
  expect(mistakeIn(await at.run("show", "01K", "--endpoint", url, "--insecure-endpoint"))).toEqual(
    mistake("BATCH_UNKNOWN", `\`fanjoin list --endpoint ${url} --insecure-endpoint\` shows all batches`),
  );
});

test("signed requests to CloudFormation and S3 are held to the same rule", async () => {
  const keys = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const at = workspace({ ...NO_AWS, ...keys, AWS_ENDPOINT_URL: "http://192.0.2.1:4566" });
  at.write("job.ts", "");
  const said = "AWS_ENDPOINT_URL http://192.0.2.1:4566 is neither https nor an address of this machine";
  expect(mistakeIn(await at.run("list", "--stack", "prod"))).toEqual(mistake("USAGE", said));
  expect(mistakeIn(await at.run("run", "job.ts", "s3://bucket/x"))).toEqual(mistake("USAGE", said));
});

test("a list of failed items that is none of fanjoin's is ENDPOINT_UNUSABLE", async () => {
  const items = { total: 2, succeeded: 1, failed: 1, skipped: 0 };
  const summary = { ...SUMMARY, state: "completed-with-failures", items, failed: { path: "x" } };
  const url = await serve(({ url: path = "" }, response) =>
    response.end(path.endsWith("/failed") ? '{"code":1}\n' : JSON.stringify(summary)),
  );
  for (const command of ["show", "failed"]) {
    const { code, stderr } = await withToken().run(command, ID, "--endpoint", url);
    expect(stderr).toContain("its list of failed items has a line that is none of fanjoin's");
    expect(stderr).toMatch(/\[ENDPOINT_UNUSABLE\]\nSee .+\n$/);
    expect(code).toBe(2);
  }
});
