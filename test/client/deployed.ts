/**
 * A deployed fanjoin on a local port: the real API over in-memory ports, behind HTTP, with checked signatures
 * and an upload server.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { onTestFinished } from "vitest";
import type { Job } from "../../src/job/job.ts";
import type { ApiResponse } from "../../src/api/http.ts";
import { apiStage, BUCKET } from "../api/api-stage.ts";
import type { ApiStage } from "../api/api-stage.ts";

export interface Seen {
  readonly method: string;
  /** Without the stage, with the query. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export interface Uploaded {
  readonly bytes: number;
  readonly sha256: string;
}

type Meddle = (seen: Seen) => Partial<ApiResponse> | "hang up" | "be silent" | null;

export interface Deployed {
  /** The base URL of the API. */
  readonly url: string;
  readonly origin: string;
  /** The environment that a command needs. */
  readonly env: NodeJS.ProcessEnv;
  readonly api: ApiStage;
  /** The API's requests. */
  readonly seen: Seen[];
  /** By key, in the order of upload. */
  readonly uploads: Map<string, Uploaded>;
  /** If true, batches wait until a test runs them. */
  held: boolean;
  /** Answers instead of the API, unless it returns `null`. */
  meddle: Meddle;
  /**
   * Told of an upload as it begins: its answer is awaited before a byte is read, and `false` breaks the
   * connection off.
   */
  receive: (key: string, times: number) => Promise<boolean>;
  /** CloudFormation's answer about the stack, as XML. */
  stacks: (body: string) => { readonly status: number; readonly xml: string };
}

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "session" };
/** Opens the API in place of a signature. */
export const API_KEY = "key-of-the-test";
const REGION = "eu-west-1";
const API_ID = "abc123";

/** Hides the AWS configuration of the machine that runs the tests. */
export const NO_AWS: NodeJS.ProcessEnv = {
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/nowhere/config",
  AWS_SHARED_CREDENTIALS_FILE: "/nowhere/credentials",
  AWS_PROFILE: undefined,
  AWS_REGION: undefined,
  AWS_DEFAULT_REGION: undefined,
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_ENDPOINT_URL: undefined,
  FANJOIN_TOKEN: undefined,
  FANJOIN_API_KEY: undefined,
};

export async function deploy(job: Job): Promise<Deployed> {
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = `/_aws/execute-api/${API_ID}/prod`;
  const tries = new Map<string, number>();
  const api = await apiStage(job, {
    signedPut: async (name) => ({
      url: `${origin}/${BUCKET}/${name.split("/").map(encodeURIComponent).join("/")}?X-Amz-Signature=a%2Fb`,
      object: `s3://${BUCKET}/${name}`,
      expiresAt: 0,
    }),
    signedGet: async (name) => `${origin}/${BUCKET}/${encodeURIComponent(name)}?X-Amz-Signature=a%2Fb`,
  });
  const deployed: Deployed = {
    url: `${origin}${base}`,
    origin,
    env: {
      ...NO_AWS,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
      AWS_ENDPOINT_URL: origin,
    },
    api,
    seen: [],
    uploads: new Map(),
    held: false,
    meddle: () => null,
    receive: async () => true,
    stacks: () => ({ status: 200, xml: stackXml({ FanjoinApiUrl: remoteUrl() }) }),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    if (path.startsWith(`/${BUCKET}/`)) return serveObject(request, response);
    const body = await text(request);
    if (path === "/") {
      const { status, xml } = deployed.stacks(body);
      response.writeHead(status, { "content-type": "text/xml" }).end(xml);
      return;
    }
    const seen: Seen = {
      method: request.method ?? "",
      path: path.slice(base.length),
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      body,
    };
    deployed.seen.push(seen);
    const meddled = deployed.meddle(seen);
    if (meddled === "hang up") response.destroy();
    else if (meddled !== "be silent") await answer(seen, path, meddled, response);
  }

  async function answer(
    seen: Seen,
    path: string,
    meddled: Partial<ApiResponse> | null,
    response: ServerResponse,
  ): Promise<void> {
    const forged = meddled ?? (path.startsWith(base) ? await refusedSignature(seen, path) : NOTHING_THERE);
    const { method, headers, body } = seen;
    const {
      status = 200,
      headers: more = {},
      body: said = "",
    } = forged ?? (await api.request(method, seen.path, { headers, body, base: deployed.url }));
    response.writeHead(status, more).end(said);
    if (!deployed.held && method === "POST") setTimeout(() => void api.stage.pump(), 20);
  }

  async function serveObject(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = decodeURIComponent((request.url ?? "").slice(BUCKET.length + 2).replace(/\?.*$/, ""));
    if ("authorization" in request.headers || "x-amz-date" in request.headers) {
      response.writeHead(400).end("<Error><Message>Only one auth mechanism allowed</Message></Error>");
      return;
    }
    if (request.method === "GET") {
      if ((await api.stage.store.stat(key)) === null) {
        response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
        return;
      }
      const content = Buffer.concat(await Array.fromAsync(api.stage.store.read(key, 0, Infinity)));
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
      if (first === undefined) response.writeHead(200).end(content);
      else response.writeHead(206).end(content.subarray(Number(first), Number(last) + 1));
      return;
    }
    const times = (tries.get(key) ?? 0) + 1;
    tries.set(key, times);
    if (request.headers["if-none-match"] === "*" && deployed.uploads.has(key)) {
      response.writeHead(412, { connection: "close" }).end();
      return;
    }
    if (request.headers["content-length"] === undefined) {
      response.writeHead(411).end("<Error><Message>You must provide Content-Length</Message></Error>");
      return;
    }
    if (!(await deployed.receive(key, times))) {
      request.once("data", () => request.destroy());
      return;
    }
    const hash = createHash("sha256");
    let bytes = 0;
    const small: Uint8Array[] = [];
    try {
      for await (const block of request as AsyncIterable<Uint8Array>) {
        hash.update(block);
        bytes += block.length;
        if (bytes < SMALL_BYTES) small.push(block);
      }
    } catch {
      return;
    }
    deployed.uploads.set(key, { bytes, sha256: hash.digest("hex") });
    if (bytes < SMALL_BYTES) api.put(key, Buffer.concat(small).toString("utf8"));
    response.writeHead(200).end();
  }

  return deployed;
}

const SMALL_BYTES = 4_000_000;

const NOTHING_THERE: Partial<ApiResponse> = {
  status: 403,
  headers: { "x-amzn-errortype": "MissingAuthenticationTokenException" },
  body: '{"message":"Missing Authentication Token"}',
};

/** As `infra/api/api-problems.ts` has it. */
const UNSIGNED: Partial<ApiResponse> = {
  status: 403,
  headers: { "x-amzn-errortype": "MissingAuthenticationTokenException" },
  body: '{"code":"REQUEST_FORBIDDEN","detail":"The request is not signed"}',
};

/** `null` if the signature is correct. */
async function refusedSignature(
  { method, headers, body }: Seen,
  target: string,
): Promise<Partial<ApiResponse> | null> {
  if (headers["x-api-key"] === API_KEY) return null;
  const given = headers["authorization"] ?? "";
  if (given === "") return UNSIGNED;
  const [, signed = ""] = /SignedHeaders=([^,]+)/.exec(given) ?? [];
  const names = signed.split(";");
  const url = new URL(target, "http://any");
  const request = new HttpRequest({
    method,
    path: url.pathname,
    query: Object.fromEntries(
      [...url.searchParams.keys()].map((name) => {
        const values = url.searchParams.getAll(name);
        return [name, values.length === 1 ? (values[0] ?? "") : values];
      }),
    ),
    headers: Object.fromEntries(names.map((name) => [name, headers[name] ?? ""])),
    body,
  });
  const signer = new SignatureV4({
    service: "execute-api",
    region: REGION,
    credentials: CREDENTIALS,
    sha256: Sha256,
  });
  const signingDate = timeOf(headers["x-amz-date"] ?? "");
  const wanted = await signer.sign(request, { signingDate });
  const covers = ["host", "x-amz-date", "x-amz-security-token"].every((name) => names.includes(name));
  if (covers && wanted.headers["authorization"] === given) return null;
  return {
    status: 403,
    headers: { "x-amzn-errortype": "InvalidSignatureException" },
    body: JSON.stringify({ message: "The request signature we calculated does not match" }),
  };
}

/** `20261121T160000Z` */
function timeOf(text: string): Date {
  return new Date(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
}

/** As CDK makes it. */
export function remoteUrl(): string {
  return `https://${API_ID}.execute-api.${REGION}.amazonaws.com/prod/`;
}

export function stackXml(outputs: { readonly [key: string]: string }): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
    <StackName>prod</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-21T00:00:00Z</CreationTime>
    <Outputs>${members.join("")}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

export function errorXml(code: string, message: string): string {
  return `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
}
