/** `connect()` of browsers, on Node's `fetch`, against a deployed API on a local port. */
import { expect, onTestFinished, test, vi } from "vitest";
import { connect } from "../../../src/client/browser/connect.ts";
import { connect as connectFromNode } from "../../../src/client/connect.ts";
import type { Fanjoin } from "../../../src/door/fanjoin.ts";
import { csvJob, lineJob } from "../../steps/jobs.ts";
import { API_KEY, deploy } from "../deployed.ts";
import type { Deployed } from "../deployed.ts";

const connected = ({ url }: Deployed): Promise<Fanjoin> => connect({ endpoint: url, apiKey: API_KEY });

function inputOf({ seen }: Deployed): unknown {
  const { body = "{}" } = seen.findLast(({ path }) => path.endsWith("-job/batches")) ?? {};
  return (JSON.parse(body) as { input?: unknown }).input;
}

test("items, s3:// URLs, and no input for a job that brings its own", async () => {
  const deployed = await deploy(lineJob());
  const object = deployed.api.put("inputs/line-job/a.txt", "1\n");
  const fanjoin = await connected(deployed);
  await (await fanjoin.submit("line-job", { input: { items: ["1", "2"] }, id: "a" })).ended();
  expect(inputOf(deployed)).toEqual({ items: ["1", "2"] });
  for (const input of [object, new URL(object)]) {
    await (await fanjoin.submit("line-job", { input: [input] })).ended();
    expect(inputOf(deployed)).toEqual({ object });
  }
  expect(deployed.seen.every(({ headers }) => headers["x-api-key"] === API_KEY)).toBe(true);
});

test("files, blobs and streams are uploaded in their order, and read in it", async () => {
  const deployed = await deploy(lineJob());
  const bytes = (async function* () {
    yield new TextEncoder().encode("3\n");
  })();
  const input = [new File(["1\n"], "one.txt"), new Blob(["2\n"]), { name: "../three.txt", bytes }];
  const uploads: string[] = [];
  const fanjoin = await connect({
    endpoint: deployed.url,
    apiKey: API_KEY,
    onUploads: (files) => {
      uploads.push(...files.map(({ label, bytes: size }) => `${label} ${size}`));
      return {
        sent: (sent) => void uploads.push(String(sent)),
        end: (whole) => void uploads.push(`${whole}`),
      };
    },
  });
  await (await fanjoin.submit("line-job", { input })).ended();
  const names = [...deployed.uploads.keys()].map((key) => key.replace(/^inputs\/line-job\/\w+\//, ""));
  expect(names.toSorted()).toEqual(["1-one.txt", "2-blob", "3-three.txt"]);
  expect(uploads).toEqual(["one.txt 2", "blob 2", "../three.txt 2", "2", "2", "2", "true", "false"]);
  expect(inputOf(deployed)).toEqual({
    prefix: expect.stringMatching(/^s3:\/\/ours\/inputs\/line-job\/\w+\/$/),
  });
});

test("files and URLs together are a manifest", async () => {
  const deployed = await deploy(lineJob());
  const object = deployed.api.put("inputs/line-job/a.txt", "1\n");
  const batch = await (
    await connected(deployed)
  ).submit("line-job", {
    input: [object, new File(["2\n"], "b.txt")],
  });
  expect((await batch.ended()).items.total).toBe(2);
  expect(inputOf(deployed)).toEqual({ manifest: expect.stringMatching(/manifest\.jsonl$/) });
});

test("with an id, the same files are the same batch, sent from a browser or from Node", async () => {
  const deployed = await deploy(lineJob());
  for (const [name, value] of Object.entries(deployed.env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const options = { input: [new File(["1\n2\n"], "a.txt"), new File([], "b.txt")], id: "monday" };
  const first = await (await connected(deployed)).submit("line-job", options);
  const again = await (await connected(deployed)).submit("line-job", options);
  const fromNode = await (await connectFromNode({ endpoint: deployed.url })).submit("line-job", options);
  expect([again.id, fromNode.id]).toEqual([first.id, first.id]);
});

test("a large file's URL gets neither the key nor a cookie", async () => {
  const deployed = await deploy(csvJob({ retries: 0 }));
  const fanjoin = await connected(deployed);
  const rows = Array.from({ length: 1200 }, (_, n) => `${n}${"x".repeat(1000)},a\n`);
  const batch = await fanjoin.submit("csv-job", { input: [new File(["id,note\n", ...rows], "rows.csv")] });
  await batch.ended();
  const sent = vi.spyOn(globalThis, "fetch");
  onTestFinished(() => sent.mockRestore());
  let bytes = 0;
  for await (const block of batch.read("outputs.jsonl")) bytes += block.length;
  expect(sent.mock.calls.map(([, init]) => [Object.keys(init?.headers ?? {}), init?.credentials])).toEqual([
    [["accept", "x-api-key"], "same-origin"],
    [[], "same-origin"],
  ]);
  expect(bytes).toBe(rows.reduce((sum, row) => sum + row.length, 0));
});

test.for([
  ["a path", ["sales.csv"], /^a browser cannot read sales.csv: give a File or a Blob/],
  ["a file: URL", [new URL("file:///sales.csv")], /^a browser cannot read file:\/\/\/sales.csv/],
  ["nothing", [], /^the job line-job reads lines: give its input: \{ items \}, File or Blob objects/],
  ["a prefix beside a file", ["s3://ours/a/", new File(["1"], "a.txt")], /it must be the only input$/],
  ["no bucket", ["s3://"], /^s3:\/\/ has no bucket/],
] as const)("%s is refused, and nothing is uploaded", async ([, input, message]) => {
  const deployed = await deploy(lineJob());
  const submitted = (await connected(deployed)).submit("line-job", { input });
  await expect(submitted).rejects.toMatchObject({ code: "USAGE", message: expect.stringMatching(message) });
  expect([...deployed.uploads]).toEqual([]);
});

test.for([
  [{ stack: "sales" }, /a browser cannot look up a stack$/],
  [{}, /^connect\(\) needs an endpoint/],
  [{ endpoint: "abc" }, /^the endpoint abc is not a URL/],
  [{ endpoint: "http://api.example/v1" }, /neither https nor an address of this machine/],
  [{ endpoint: "https://api.example", apiKey: "a\nb" }, /^the apiKey contains characters/],
] as const)("%j is refused", async ([options, message]) => {
  await expect(connect(options)).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringMatching(message),
  });
});

test("without a key, requests go to a server that adds it", async () => {
  const deployed = await deploy(lineJob());
  const fanjoin = await connect({ endpoint: deployed.url });
  await expect(fanjoin.batch("latest")).rejects.toMatchObject({ code: "REQUEST_FORBIDDEN" });
  expect(deployed.seen.map(({ headers }) => headers["authorization"] ?? headers["x-api-key"])).toEqual([
    undefined,
  ]);
});
