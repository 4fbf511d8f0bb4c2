/** An S3 server on a local port, for what makes its own client. */
import { hash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { HttpRequest } from "@smithy/protocol-http";
import { onTestFinished } from "vitest";
import { memoryS3 } from "./s3.ts";

export interface S3Server {
  /** By `bucket/key`. Lists are those of the bucket `data`. */
  readonly objects: Map<string, Buffer>;
  /** The environment of a client that finds the server. */
  readonly env: NodeJS.ProcessEnv;
}

/** Stopped by the test. */
export async function s3Server(): Promise<S3Server> {
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

  const { port } = server.address() as AddressInfo;
  return {
    objects,
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
    },
  };
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
