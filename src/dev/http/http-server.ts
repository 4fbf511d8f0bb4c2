/**
 * The HTTP server of `fanjoin dev` and `fanjoin ui`: on loopback only, behind a token or the cookie of the
 * page, with the API, its signed URLs and the page.
 */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { MAX_BODY_BYTES } from "../../api/request-body.ts";
import type { ApiHost } from "../../api/host.ts";
import type { ApiRequest, ApiResponse } from "../../api/http.ts";
import { badRequest, problemOf } from "../../api/problem.ts";
import { checkOrigin, checkToken, permitIn } from "./access.ts";
import type { Permit } from "./access.ts";
import { allowOrigins, answerPreflight, isPreflight } from "./cors.ts";
import { turns } from "./large-bodies.ts";
import type { Turns } from "./large-bodies.ts";
import { openedAnswer, pageAnswer, placeAnswer } from "../page/page-answers.ts";
import type { PageServing } from "../page/page-answers.ts";
import { checkSameOrigin } from "../page/sessions.ts";
import { reportAnswer } from "../page/report/report-answer.ts";
import { startsAt } from "../page/place.ts";

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
  readonly host: Pick<ApiHost, "now" | "report" | "forCallers">;
  /** Answers a request of the API. */
  readonly handle: (request: ApiRequest) => Promise<ApiResponse>;
  /** Answers `GET /` of somebody who was not let in. */
  readonly overview: (request: Omit<ApiRequest, "body">) => Promise<ApiResponse>;
  readonly page: PageServing;
  /** Answers a request to a signed URL. */
  readonly transfer: (permit: Permit, request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

const LOOPBACK = "127.0.0.1";

interface Serving extends ServerOptions {
  readonly server: Server;
  readonly turns: Turns;
  /** Answers that go on until their reader leaves. */
  readonly endless: Set<ServerResponse>;
}

/** Rejects if the port is taken. */
export async function startServer(options: ServerOptions): Promise<DevServer> {
  const server = createServer((request, response) => void answer(serving, request, response));
  const serving: Serving = { ...options, server, turns: turns(), endless: new Set() };
  server.listen(options.port, LOOPBACK);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      for (const response of serving.endless) response.destroy();
      await closed;
    },
  };
}

async function answer(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { server, host, handle, token, origins, transfer, page, overview } = serving;
  const { port } = server.address() as AddressInfo;
  try {
    checkOrigin(request.headers, port, origins);
    allowOrigins(origins, request, response);
    if (isPreflight(request, origins)) return answerPreflight(request, response);
    const url = URL.parse(`http://${LOOPBACK}:${port}${request.url ?? "/"}`);
    if (!url) throw badRequest("the request has no valid path");
    const permit = permitIn(url, request.method, token, host.now());
    if (permit) return await transfer(permit, request, response);
    const opened = page.sessions.open(url, request.headers, port);
    if (opened) return send(response, openedAnswer(opened));
    const meta = metaOf(request, url);
    const isIn = page.sessions.has(request.headers, port);
    const shown = isIn || meta.path !== "/" ? await pageAnswer(page, meta) : null;
    if (shown) return send(response, shown);
    if (meta.path === "/") return send(response, await overview(meta));
    if (isIn) checkSameOrigin(meta.method, request.headers, port);
    else checkToken(request.headers, token);
    const reportOptions = { now: host.now(), place: startsAt(page.place) };
    const own = (await placeAnswer(page, meta)) ?? (await reportAnswer(handle, meta, reportOptions));
    await sendAll(serving, response, own ?? (await answered(serving, request, meta)));
  } catch (error) {
    const isClientGone = request.destroyed && !request.complete;
    if (isClientGone || response.headersSent) response.destroy();
    else send(response, problemOf(error, host));
  }
}

function answered(
  { handle, turns }: Serving,
  request: IncomingMessage,
  meta: Omit<ApiRequest, "body">,
): Promise<ApiResponse> {
  if (!hasBody(request)) return turns.small(() => handle({ ...meta, body: "" }));
  return turns.large(
    () => bodyOf(request),
    (body) => handle({ ...meta, body }),
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
    repeated: repeatedIn(url.searchParams),
    headers: headersOf(request),
    base: `http://${request.headers.host ?? ""}`,
  };
}

function repeatedIn(query: URLSearchParams): NonNullable<ApiRequest["repeated"]> {
  const all = [...new Set(query.keys())].map((name) => [name, query.getAll(name)] as const);
  return Object.fromEntries(all.filter(([, values]) => values.length > 1));
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

/** An answer that may go on. Its source is closed when the reader leaves. */
async function sendAll({ endless }: Serving, response: ServerResponse, answer: ApiResponse): Promise<void> {
  const { status, headers, body, more } = answer;
  if (!more) return send(response, answer);
  endless.add(response);
  response.once("close", () => {
    endless.delete(response);
    more.return(undefined).catch(() => undefined);
  });
  response.writeHead(status, { ...headers, "x-content-type-options": "nosniff" });
  if (body !== "") response.write(body);
  for await (const part of more) {
    if (response.destroyed) return;
    if (!response.write(part)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}

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
