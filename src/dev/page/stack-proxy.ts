/**
 * Passes the requests of a page on to a stack: signs what it asks, and lets uploads and results through,
 * which a browser could not reach from the page's own address.
 */
import { pipeline } from "node:stream/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiRequest, ApiResponse } from "../../api/http.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { isObject } from "../../core/json/json.ts";
import { jsonOrNull } from "../../core/json/shape.ts";
import { errorText } from "../../cli/error-text.ts";
import { say } from "../../cli/display/standard-error.ts";
import { signedUrl } from "../../client/http/signed-url.ts";
import { connectRaw } from "../../client/raw-connection.ts";
import type { RawAnswer, RawConnection } from "../../client/raw-connection.ts";
import { signedPath } from "../http/access.ts";
import type { Permit } from "../http/access.ts";
import type { ServerOptions } from "../http/http-server.ts";
import { problemOf } from "../../api/problem.ts";

export interface ProxyOptions {
  readonly stack?: string;
  readonly endpoint?: string;
  readonly insecureEndpoint?: boolean;
}

type Proxied = Pick<ServerOptions, "host" | "handle" | "transfer">;

/** Headers of an answer that its reader needs. */
const PASSED = ["content-type", "retry-after", "fanjoin-cursor", "fanjoin-outputs", "fanjoin-state"];
const UPLOAD_MS = 60 * 60 * 1000;

/** Throws as `connect` does. */
export async function stackProxy(
  options: ProxyOptions,
): Promise<(token: string, base: () => string) => Proxied> {
  const raw = await connectRaw(options);
  const host = {
    now: Date.now,
    report: (error: unknown) => say(errorText(error)),
    forCallers: (message: string) => message,
  };
  return (token, base) => ({
    host,
    handle: (request) =>
      passedOn({ raw, token, base }, request).catch((error: unknown) => refusal(error, host)),
    transfer: (permit, request, response) => upload(raw, permit, request, response),
  });
}

interface Proxy {
  readonly raw: RawConnection;
  readonly token: string;
  readonly base: () => string;
}

/** Why a stack did not answer is no fault of this server. */
function refusal(error: unknown, host: Parameters<typeof problemOf>[1]): ApiResponse {
  if (!(error instanceof FanjoinError)) return problemOf(error, host);
  const body = {
    type: "about:blank",
    title: error.message,
    status: 502,
    detail: error.message,
    code: error.code,
  };
  return {
    status: 502,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    body: `${JSON.stringify(body)}\n`,
  };
}

async function passedOn(proxy: Proxy, request: ApiRequest): Promise<ApiResponse> {
  const { raw } = proxy;
  const answer = await raw.send(request);
  const location = answer.headers["location"];
  if (answer.status === 303 && location !== undefined) {
    answer.discard();
    return streamed(await raw.get(signedUrl(location, raw.base)), request.path);
  }
  if (answer.status === 201) return withOwnUpload(proxy, answer);
  return streamed(answer, null);
}

/** `path`: the answer is a file of a batch, to be saved. */
function streamed({ status, headers, body }: RawAnswer, path: string | null): ApiResponse {
  const passed = PASSED.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const saved = path === null ? {} : { "content-disposition": `attachment; filename="${nameIn(path)}"` };
  return {
    status,
    headers: { "cache-control": "no-store", ...Object.fromEntries(passed), ...saved },
    body: "",
    more: parts(body),
  };
}

/** `/batches/01K…/result`: `01K…-result`. */
function nameIn(path: string): string {
  return path
    .split("/")
    .slice(-2)
    .join("-")
    .replaceAll(/[^\w.-]/g, "");
}

async function* parts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* body;
}

/** The page sends the file here, and it goes on to the signed URL. */
async function withOwnUpload({ token, base }: Proxy, answer: RawAnswer): Promise<ApiResponse> {
  const text = Buffer.concat(await Array.fromAsync(answer.body)).toString("utf8");
  const upload = jsonOrNull(text);
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  if (!isObject(upload) || typeof upload["url"] !== "string")
    return { status: answer.status, headers, body: text };
  const permit: Permit = {
    method: "PUT",
    name: upload["url"],
    expiresAt: Date.now() + UPLOAD_MS,
    type: "",
    saveAs: "",
  };
  const own = { ...upload, url: base() + signedPath(permit, token) };
  return { status: answer.status, headers, body: `${JSON.stringify(own)}\n` };
}

/** Streams a file to where the permit says. This server signed the permit, so the URL is the stack's. */
async function upload(
  raw: RawConnection,
  { name }: Permit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await raw.put(signedUrl(name, raw.base), request, request.headers["content-length"]);
  response.writeHead(answer.status, { "x-content-type-options": "nosniff" });
  await pipeline(answer.body, response);
}
