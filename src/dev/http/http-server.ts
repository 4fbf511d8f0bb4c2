/** The HTTP server of `fanjoin dev`: on loopback only, behind a token, with the API and its signed URLs. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { api } from "../../api/handle-request.ts";
import { MAX_BODY_BYTES } from "../../api/request-body.ts";
import type { ApiHost } from "../../api/host.ts";
import type { ApiRequest, ApiResponse } from "../../api/http.ts";
import { badRequest, problemOf } from "../../api/problem.ts";
import { METRICS_TYPE } from "../metrics.ts";
import { checkOrigin, checkToken, permitIn } from "./access.ts";
import type { Permit } from "./access.ts";
import { allowOrigins, answerPreflight, isPreflight } from "./cors.ts";
import { turns } from "./large-bodies.ts";
import type { Turns } from "./large-bodies.ts";
import { overview } from "./overview.ts";

export interface DevServer {
  readonly port: number;
  /** Finishes the open requests and accepts no new ones. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly token: string;
  /** The origins of web pages that may send requests, besides the server's own. */
  readonly origins: readonly string[];
  readonly host: ApiHost;
  /** The text of `GET /metrics`. */
  readonly metrics?: () => string;
  /** Answers a request to a signed URL. */
  readonly transfer: (permit: Permit, request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

const LOOPBACK = "127.0.0.1";

interface Serving extends ServerOptions {
  readonly server: Server;
  readonly turns: Turns;
}

/** Rejects if the port is taken. */
export async function startServer(options: ServerOptions): Promise<DevServer> {
  const server = createServer((request, response) => void answer(serving, request, response));
  const serving: Serving = { ...options, server, turns: turns() };
  server.listen(options.port, LOOPBACK);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}

async function answer(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { server, host, token, origins, transfer } = serving;
  const { port } = server.address() as AddressInfo;
  try {
    checkOrigin(request.headers, port, origins);
    allowOrigins(origins, request, response);
    if (isPreflight(request, origins)) return answerPreflight(request, response);
    const url = URL.parse(`http://${LOOPBACK}:${port}${request.url ?? "/"}`);
    if (!url) throw badRequest("the request has no valid path");
    const permit = permitIn(url, request.method, token, host.now());
    if (permit) return await transfer(permit, request, response);
    const meta = metaOf(request, url);
    if (meta.path === "/") return send(response, await overview(host, meta));
    checkToken(request.headers, token);
    if (meta.path === "/metrics" && meta.method === "GET" && serving.metrics)
      return send(response, metricsAnswer(serving.metrics()));
    send(response, await answered(serving, request, meta));
  } catch (error) {
    const isClientGone = request.destroyed && !request.complete;
    if (isClientGone || response.headersSent) response.destroy();
    else send(response, problemOf(error, host));
  }
}

function metricsAnswer(body: string): ApiResponse {
  return { status: 200, headers: { "content-type": METRICS_TYPE, "cache-control": "no-store" }, body };
}

function answered(
  { host, turns }: Serving,
  request: IncomingMessage,
  meta: Omit<ApiRequest, "body">,
): Promise<ApiResponse> {
  if (!hasBody(request)) return turns.small(() => api(host, { ...meta, body: "" }));
  return turns.large(
    () => bodyOf(request),
    (body) => api(host, { ...meta, body }),
  );
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** The path is taken as it was sent: parsing a URL removes dot segments. */
function metaOf(request: IncomingMessage, url: URL): Omit<ApiRequest, "body"> {
  const [path = "/"] = (request.url ?? "/").split("?");
  return {
    method: request.method ?? "GET",
    path,
    query: Object.fromEntries(url.searchParams),
    headers: headersOf(request),
    base: `http://${request.headers.host ?? ""}`,
  };
}

function headersOf({ headers }: IncomingMessage): ApiRequest["headers"] {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(entries);
}

/** Only as much is kept as is needed to see that the body is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let bytes = 0;
  for await (const block of request) {
    if (bytes <= MAX_BODY_BYTES) blocks.push(block as Buffer);
    bytes += (block as Buffer).length;
  }
  return Buffer.concat(blocks);
}

const NO_CONTENT = 204;

/** Node leaves out the body of the answer to a HEAD. */
function send(response: ServerResponse, { status, headers, body }: ApiResponse): void {
  const vary = [response.getHeader("vary"), headers["vary"]].filter((name) => name !== undefined).join(", ");
  response.writeHead(status, {
    ...headers,
    ...(vary === "" ? {} : { vary }),
    "x-content-type-options": "nosniff",
    // https://www.rfc-editor.org/rfc/rfc9110#section-8.6
    ...(status === NO_CONTENT ? {} : { "content-length": Buffer.byteLength(body) }),
  });
  response.end(body);
}
