/** Web pages of other origins that `fanjoin dev --origin` allows. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { CORS_HEADERS, CORS_MAX_AGE_SECONDS, corsHeaders } from "../../core/stack/web-origins.ts";

/** Sets the headers of every answer to this request. */
export function allowOrigins(
  origins: readonly string[],
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  for (const [name, value] of Object.entries(corsHeaders(origins, headers.origin)))
    response.setHeader(name, value);
}

/** A browser asks first whether a page may send its request. */
export function isPreflight({ method, headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { origin = "", "access-control-request-method": wanted } = headers;
  return method === "OPTIONS" && wanted !== undefined && origins.includes(origin);
}

/** It needs no token, and does nothing. */
export function answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
  // A page of the internet asks whether it may reach this machine:
  // https://wicg.github.io/private-network-access/
  const isFromOutside = headers["access-control-request-private-network"] === "true";
  response
    .writeHead(204, {
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": CORS_HEADERS.join(", "),
      "access-control-max-age": String(CORS_MAX_AGE_SECONDS),
      ...(isFromOutside ? { "access-control-allow-private-network": "true" } : {}),
    })
    .end();
}
