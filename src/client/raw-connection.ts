/** Requests to a stack as somebody else made them: signed here, and otherwise as they are. */
import type { ApiRequest } from "../api/http.ts";
import { baseOf } from "./node/base-url.ts";
import type { RemoteOptions } from "./node/base-url.ts";
import { httpClient } from "./node/http-client.ts";
import { signFor } from "./node/sign.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import type { Base } from "./base.ts";
import { API_LIMITS } from "./http/http.ts";
import type { HttpAnswer, HttpLimits, OutgoingRequest } from "./http/http.ts";

export type RawAnswer = Pick<HttpAnswer, "status" | "headers" | "body" | "discard">;

/** A request without the base URL of the API: the connection has its own. */
export type RawRequest = Omit<ApiRequest, "base">;

export interface RawConnection {
  readonly base: Base;
  /** Throws what the client of the API does; every status is an answer. */
  send(request: RawRequest): Promise<RawAnswer>;
  /** From a signed URL, without credentials. */
  get(url: URL): Promise<RawAnswer>;
  /** To a signed URL, without credentials. */
  put(url: URL, body: AsyncIterable<Uint8Array>, bytes: string | undefined): Promise<RawAnswer>;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** A browser may send a file of any size. */
const TRANSFER_LIMITS: HttpLimits = { ...API_LIMITS, answerMs: 0, attempts: 1 };

/** Throws as `connect` does. */
export async function connectRaw(
  options: RemoteOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RawConnection> {
  const base = await baseOf(options, env);
  const sign = signFor(base, {}, env);
  const http = httpClient(API_LIMITS, base.insecure);
  const transfers = httpClient(TRANSFER_LIMITS, base.insecure);
  const unsigned = (url: URL, request: Partial<OutgoingRequest>): Promise<HttpAnswer> =>
    transfers.send({
      to: url.origin,
      request: async () => ({ method: "GET", url, headers: {}, ...request }),
      repeatable: false,
    });
  return {
    base,
    send: (request) =>
      http.send({
        to: base.url.href,
        request: () => sign(outgoing(base, request)),
        repeatable: request.method === "GET",
      }),
    get: (url) => unsigned(url, {}),
    put: (url, body, bytes) =>
      unsigned(url, {
        method: "PUT",
        body,
        headers: bytes === undefined ? {} : { "content-length": bytes },
      }),
  };
}

function outgoing(
  base: Base,
  { method, path, query, repeated = {}, headers, body }: RawRequest,
): OutgoingRequest {
  const wanted = METHODS.find((known) => known === method);
  if (!wanted) throw new FanjoinError("REQUEST_INVALID", `${method} is not a method of the API`);
  const url = new URL(base.url);
  url.pathname = `${base.url.pathname.replace(/\/$/, "")}${path}`;
  for (const [name, value] of Object.entries(query))
    for (const one of repeated[name] ?? [value]) url.searchParams.append(name, one);
  const text = typeof body === "string" ? body : Buffer.from(body).toString("utf8");
  const sent = ["accept", "content-type"].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { method: wanted, url, headers: Object.fromEntries(sent), ...(text === "" ? {} : { body: text }) };
}
