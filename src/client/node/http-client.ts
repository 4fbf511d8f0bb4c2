/** Sends HTTP requests with timeouts, and retries them where that can help and is safe. */
import { setTimeout as sleep } from "node:timers/promises";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { codeOf } from "../../aws/explain-error.ts";
import { backoffMs } from "../../core/retry.ts";
import { FanjoinError } from "../../core/errors.ts";
import { loopbackAddress } from "./encrypted.ts";
import { steadyBody } from "./steady-body.ts";
import type { Body, SlowestRate } from "./steady-body.ts";
import { credentialsError } from "./aws-credentials.ts";
import type { Attempt, HttpAnswer, HttpClient } from "../http.ts";
import { isTimeout, unreachable } from "./unreachable.ts";

export interface HttpLimits {
  readonly connectMs: number;
  /** Until the answer begins. 0 means no limit while bytes flow. */
  readonly answerMs: number;
  /** Time without a byte in either direction. */
  readonly idleMs: number;
  /** For the body of the answer. */
  readonly slowest: SlowestRate;
  readonly attempts: number;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
}

/** A connection that needs hours for a small result is of no use. */
export const SLOWEST: SlowestRate = { windowMs: 30_000, bytes: 30_000 };

/**
 * API Gateway itself waits for 29 seconds:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
export const API_LIMITS: HttpLimits = {
  connectMs: 5000,
  answerMs: 35_000,
  idleMs: 60_000,
  slowest: SLOWEST,
  attempts: 5,
  backoff: { baseMs: 250, maxMs: 4000 },
};

/** `insecure`: http to other machines is allowed. */
export function httpClient(limits: HttpLimits, insecure: boolean): HttpClient {
  const { connectMs, answerMs, idleMs, slowest, attempts, backoff } = limits;
  const handler = new NodeHttpHandler({
    connectionTimeout: connectMs,
    requestTimeout: answerMs,
    throwOnRequestTimeout: true,
    socketTimeout: idleMs,
  });

  async function once({ to, request, signal }: Attempt): Promise<HttpAnswer> {
    const sent = await request();
    if (sent.protocol === "http:" && !insecure) sent.hostname = await hereOnly(sent.hostname);
    const { response } = await handler.handle(sent, signal ? { abortSignal: signal } : {});
    const body = response.body as Body;
    return {
      status: response.statusCode,
      headers: response.headers,
      body: steadyBody(body, to, slowest),
      discard: () => void body.destroy(),
      explain: credentialsError,
    };
  }

  return {
    async send(attempt) {
      for (let tries = 1; ; tries++) {
        const isLast = tries === attempts;
        try {
          const answer = await once(attempt);
          if (isLast || !canPass(answer.status, attempt.repeatable)) return answer;
          answer.discard();
        } catch (error) {
          attempt.signal?.throwIfAborted();
          if (isLast || !attempt.repeatable || !isBroken(error)) throw explained(error, attempt.to);
        }
        await sleep(backoffMs(backoff, tries, Math.random()), null, { signal: attempt.signal });
      }
    },
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

/** A request with a 429 answer was refused before anything was done, so it is always safe to retry. */
function canPass(status: number, repeatable: boolean): boolean {
  return status === 429 || (repeatable && [500, 502, 503, 504].includes(status));
}

/** The connection broke or timed out. A refused connection is not retried. */
function isBroken(error: unknown): boolean {
  return isTimeout(error) || ["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"].includes(codeOf(error));
}

/** An error without a code comes from signing the request, and explains itself. */
function explained(error: unknown, to: string): unknown {
  return codeOf(error) === "" && !isTimeout(error) ? error : unreachable(error, to);
}
