/** Requests in the form of the SDK's handler and signer. */
import { HttpRequest } from "@smithy/protocol-http";
import type { OutgoingRequest } from "../http/http.ts";

export function smithyRequest({ method, url, headers, body }: OutgoingRequest): HttpRequest {
  const length = typeof body === "string" ? { "content-length": String(Buffer.byteLength(body)) } : {};
  return new HttpRequest({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, ...length, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}
