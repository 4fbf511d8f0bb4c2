/** A client for signed requests. It relies only on fanjoin's documentation. */
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { requireLoopback } from "../../../localstack/guard.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  readonly service?: string;
}

/** Signs and sends a request. Redirects are not followed, because a signed URL must not be signed again. */
export async function signed({
  method,
  url,
  headers = {},
  body,
  service = "execute-api",
}: SignedRequest): Promise<Answer> {
  requireLoopback();
  const { hostname, port, protocol, pathname, searchParams, host } = new URL(url);
  const request = new HttpRequest({
    method,
    hostname,
    protocol,
    port: Number(port),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const signer = new SignatureV4({
    service,
    region: process.env["AWS_REGION"] ?? "",
    credentials: {
      accessKeyId: process.env["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "",
    },
    sha256: Sha256,
  });
  const { host: _host, ...sent } = (await signer.sign(request)).headers;
  const response = await fetch(url, {
    method,
    headers: sent,
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
