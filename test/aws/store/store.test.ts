import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import type { HttpRequest } from "@smithy/protocol-http";
import { afterAll, describe, expect, test } from "vitest";
import { beginMultipart } from "../../../src/aws/store/writing/multipart.ts";
import { newObjectName } from "../../../src/aws/store/object-name.ts";
import { createS3Store } from "../../../src/aws/store/store.ts";
import type { Piece } from "../../../src/core/records/contribution.ts";
import { endpoint } from "../../memory/endpoint.ts";
import { memoryS3 } from "../../memory/s3.ts";

const MIB = 1024 * 1024;

function setUp(onRequest: (request: HttpRequest) => void = () => undefined) {
  const requests: string[] = [];
  const s3 = memoryS3((request) => {
    requests.push(`${request.method} ${request.path}`);
    onRequest(request);
  });
  const client = new S3Client({ ...s3.client, maxAttempts: 1 });
  let names = 0;
  const store = createS3Store({ client, bucket: "own", readable: ["users"], newName: () => `n${names++}` });
  return { store, requests, objects: s3.objects };
}

async function* stream(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}

async function written(store: ReturnType<typeof createS3Store>, ...parts: (string | Uint8Array)[]) {
  const writer = store.create("spool/items");
  for (const part of parts) await writer.write(part);
  return writer.close();
}

describe("the S3 store", () => {
  test("sends no request for a bucket that is neither its own nor readable", async () => {
    const { store, requests } = setUp();
    const name = "s3://elsewhere/secret";
    await expect(store.stat(name)).rejects.toMatchObject({ code: "INPUT_FORBIDDEN" });
    await expect(Array.fromAsync(store.read(name, 0, 1))).rejects.toMatchObject({ code: "INPUT_FORBIDDEN" });
    const composed = store.compose("batches/x", stream([{ name, offset: 0, length: 9 * MIB }]));
    await expect(composed).rejects.toMatchObject({ code: "INPUT_FORBIDDEN" });
    expect(requests.filter((one) => one.includes("elsewhere"))).toEqual([]);
  });

  test.for([
    "s3://own/attempts/n0/spool/items",
    "s3://own/batches/01K/result.json",
    "s3://own/uploads",
    "s3://own/uploads/../attempts/n0/spool/items",
    "s3://own/inputs/./x",
  ])("does not read %s, which is no input, by its URL", async (name) => {
    const { store, requests } = setUp();
    await expect(store.stat(name)).rejects.toMatchObject({ code: "INPUT_FORBIDDEN" });
    await expect(Array.fromAsync(store.read(name, 0, 1))).rejects.toMatchObject({ code: "INPUT_FORBIDDEN" });
    expect(requests).toEqual([]);
  });

  test.for(["s3://own/uploads/job/a.csv", "s3://own/inputs/a.csv", "s3://users/attempts/a.csv"])(
    "reads the input %s",
    async (name) => {
      const { store, objects } = setUp();
      objects.set(name.slice("s3://".length), Buffer.from("abc"));
      expect(await store.stat(name)).toMatchObject({ bytes: 3 });
    },
  );

  test.for([
    "file:///etc/passwd",
    "../x",
    "a//b",
    "/a",
    "a/../b",
    "",
    "s3://bucket",
    "s3:///key",
    "s3://own/",
  ])("refuses the name %j", async (name) => {
    const { store, requests } = setUp();
    await expect(store.stat(name)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    expect(requests).toEqual([]);
  });

  test("writes below attempts/ under new names, and sends no request for an empty object", async () => {
    const { store, requests } = setUp();
    expect(await written(store, "abc")).toEqual({ name: "attempts/n0/spool/items", offset: 0, length: 3 });
    expect(await written(store)).toMatchObject({ length: 0 });
    expect(requests).toEqual(["PUT /own/attempts/n0/spool/items"]);
  });

  test("writes under another name if the first is taken", async () => {
    const { store, objects } = setUp();
    objects.set("own/attempts/n0/spool/items", Buffer.from("somebody's"));
    expect(await written(store, "abc")).toMatchObject({ name: "attempts/n1/spool/items" });
    expect(objects.get("own/attempts/n0/spool/items")?.toString()).toBe("somebody's");
  });

  test("aborts a failed upload and throws the error that caused it", async () => {
    let parts = 0;
    const { store, requests, objects } = setUp((request) => {
      if (request.query["partNumber"] !== undefined && ++parts === 2) throw new Error("no more room");
    });
    await expect(written(store, Buffer.alloc(20 * MIB))).rejects.toThrow("no more room");
    expect(requests.at(-1)).toMatch(/^DELETE/);
    expect([...objects]).toEqual([]);
  });

  test("copies large segments within S3, and reads only the bytes that complete a part", async () => {
    const { store, requests } = setUp();
    const large = await written(store, Buffer.alloc(18 * MIB));
    requests.length = 0;
    await store.compose("batches/x", stream([{ text: "head" }, large, large]));
    const reads = requests.filter((one) => one.startsWith("GET"));
    expect(reads).toEqual(["GET /own/attempts/n0/spool/items"]);
    expect(requests.filter((one) => one.startsWith("PUT"))).toHaveLength(3);
  });

  test("refuses more parts than S3 allows", async () => {
    const send = async () => ({ UploadId: "1", CopyPartResult: { ETag: "" } });
    const client = { send } as unknown as Pick<S3Client, "send">;
    const address = { Bucket: "own", Key: "batches/x" };
    const multipart = await beginMultipart(client, address);
    for (let n = 0; n < 10_000; n++) await multipart.copy({ address, start: 0, end: 5 * MIB });
    const oneMore = multipart.copy({ address, start: 0, end: 5 * MIB });
    await expect(oneMore).rejects.toThrow("more than the 10000 parts that S3 allows");
  });

  test("S3 refusing a user's object is INPUT_FORBIDDEN; refusing one of fanjoin's own is retried", async () => {
    const body = "<Error><Code>AccessDenied</Code></Error>";
    const client = new S3Client({ ...endpoint(() => ({ status: 403, body })), maxAttempts: 1 });
    const store = createS3Store({ client, bucket: "own", readable: ["users"], newName: newObjectName });
    const read = (name: string) => Array.fromAsync(store.read(name, 0, 1));
    await expect(read("s3://users/x")).rejects.toMatchObject({ code: "INPUT_FORBIDDEN" });
    await expect(read("batches/x")).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("new names are short and unique", () => {
    const names = Array.from({ length: 1000 }, newObjectName);
    expect(new Set(names).size).toBe(1000);
    for (const name of names) expect(name).toMatch(/^[\w-]{16}$/);
  });
});

describe("a read whose connection breaks", () => {
  const content = Buffer.alloc(3 * MIB, "abcdefghijklmnopqrstuvwxyz0123456789");
  const ranges: string[] = [];
  let version = "one";
  /** The number of bytes after which the next connection breaks; -1: it does not break. */
  let breaksAfter: () => number = () => -1;

  const server = createServer((request, response) => {
    const { range = "", "if-match": wanted } = request.headers;
    ranges.push(range);
    if (wanted !== undefined && wanted !== version) return void response.writeHead(412).end();
    const [, start = "0", end = ""] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
    const bytes = content.subarray(Number(start), end === "" ? content.length : Number(end) + 1);
    response.writeHead(206, { "content-length": bytes.length, etag: version });
    const limit = breaksAfter();
    if (limit < 0) return void response.end(bytes);
    response.write(bytes.subarray(0, limit), () => setImmediate(() => response.destroy()));
  });
  const listening = new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  afterAll(() => void server.close());

  async function open() {
    await listening;
    ranges.length = 0;
    version = "one";
    const { port } = server.address() as AddressInfo;
    const client = new S3Client({
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    const backoff = async (): Promise<void> => undefined;
    return createS3Store({ client, bucket: "own", readable: [], newName: newObjectName, backoff });
  }

  test("resumes where the connection broke, and yields every byte once", async () => {
    const store = await open();
    let left = 7;
    breaksAfter = () => (left-- > 0 ? 200_001 : -1);
    const bytes = Buffer.concat(await Array.fromAsync(store.read("x", 5, content.length)));
    expect(bytes.equals(content.subarray(5))).toBe(true);
    expect(ranges).toHaveLength(8);
    expect(ranges[0]).toBe(`bytes=5-${content.length - 1}`);
  });

  test("does not resume in another version of the object", async () => {
    const store = await open();
    breaksAfter = () => {
      version = "two";
      return 1000;
    };
    await expect(Array.fromAsync(store.read("x", 0, 5000))).rejects.toMatchObject({ code: "INPUT_CHANGED" });
  });

  test("gives up after six broken connections without a byte", async () => {
    const store = await open();
    breaksAfter = () => 0;
    await expect(Array.fromAsync(store.read("x", 0, 5000))).rejects.toThrow(/aborted|terminated|ECONNRESET/);
    expect(ranges).toHaveLength(6);
  });

  test("closes the connection when its reader stops early", async () => {
    const store = await open();
    breaksAfter = () => -1;
    for await (const block of store.read("x", 0, content.length)) {
      expect(block.length).toBeLessThan(content.length);
      break;
    }
    expect(ranges).toHaveLength(1);
  });
});
