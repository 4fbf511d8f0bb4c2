/** Sends HTTP requests with timeouts, and retries them where that can help and is safe. */
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { codeOf } from "../../aws/explain-error.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { isTimeout, retrying } from "../http/http.ts";
import type { Attempt, HttpAnswer, HttpClient, HttpLimits } from "../http/http.ts";
import { steadyBody } from "../http/steady-body.ts";
import type { Body } from "../http/steady-body.ts";
import { credentialsError } from "./aws-credentials.ts";
import { loopbackAddress } from "./encrypted.ts";
import { smithyRequest } from "./smithy-request.ts";
import { unreachable } from "./unreachable.ts";

/** `insecure`: http to other machines is allowed. */
export function httpClient(limits: HttpLimits, insecure: boolean): HttpClient {
  const { connectMs, answerMs, idleMs, slowest } = limits;
  const handler = new NodeHttpHandler({
    connectionTimeout: connectMs,
    requestTimeout: answerMs,
    throwOnRequestTimeout: true,
    socketTimeout: idleMs,
  });

  async function once({ to, request, signal }: Attempt): Promise<HttpAnswer> {
    const sent = smithyRequest(await request());
    if (sent.protocol === "http:" && !insecure) sent.hostname = await hereOnly(sent.hostname);
    const { response } = await handler.handle(sent, signal ? { abortSignal: signal } : {});
    const body = response.body as Body;
    return {
      status: response.statusCode,
      headers: response.headers,
      body: steadyBody(body, slowest, { from: to, explain: unreachable }),
      discard: () => void body.destroy(),
      explain: credentialsError,
    };
  }

  return {
    send: retrying(limits, { once, isBroken, explained }),
    close: () => handler.destroy(),
  };
}

/** Throws `ENDPOINT_UNUSABLE`. */
async function hereOnly(hostname: string): Promise<string> {
  const address = await loopbackAddress(hostname);
  if (address !== null) return address;
  throw new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `http://${hostname} is not an address of this machine: nothing is sent there without encryption. Use https, or allow it with --insecure-endpoint`,
  );
}

/** The connection broke or timed out. A refused connection is not retried. */
function isBroken(error: unknown): boolean {
  return isTimeout(error) || ["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"].includes(codeOf(error));
}

/** An error without a code comes from signing the request, and explains itself. */
function explained(error: unknown, to: string): unknown {
  return codeOf(error) === "" && !isTimeout(error) ? error : unreachable(error, to);
}
