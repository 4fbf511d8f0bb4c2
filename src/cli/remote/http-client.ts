/** HTTP requests: with timeouts, and tried again where that may help and harms nobody. */
import { setTimeout as sleep } from "node:timers/promises";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { HttpRequest } from "@smithy/protocol-http";
import type { Readable } from "node:stream";
import { codeOf } from "../../aws/explain-error.ts";
import { backoffMs } from "../../core/retry.ts";
import { isTimeout, unreachable } from "./unreachable.ts";

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string };
  /** It has to be read, or destroyed. */
  readonly body: Readable;
}

export interface Attempt {
  /** As it is called in messages. */
  readonly to: string;
  /** Made anew for each: a signature holds the time. */
  readonly request: () => Promise<HttpRequest>;
  /** Whether the request may be sent twice. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal;
}

export interface HttpClient {
  /** The answer, whatever its status. Throws `ENDPOINT_UNUSABLE`. */
  send(attempt: Attempt): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpLimits {
  readonly connectMs: number;
  /** Until the answer begins; 0: as long as bytes flow. */
  readonly answerMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  readonly attempts: number;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
}

/**
 * API Gateway itself waits for 29 seconds:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
export const API_LIMITS: HttpLimits = {
  connectMs: 5000,
  answerMs: 35_000,
  idleMs: 60_000,
  attempts: 5,
  backoff: { baseMs: 250, maxMs: 4000 },
};

export function httpClient({ connectMs, answerMs, idleMs, attempts, backoff }: HttpLimits): HttpClient {
  const handler = new NodeHttpHandler({
    connectionTimeout: connectMs,
    requestTimeout: answerMs,
    throwOnRequestTimeout: true,
    socketTimeout: idleMs,
  });

  async function once({ request, signal }: Attempt): Promise<HttpAnswer> {
    const { response } = await handler.handle(await request(), signal ? { abortSignal: signal } : {});
    return { status: response.statusCode, headers: response.headers, body: response.body as Readable };
  }

  return {
    async send(attempt) {
      for (let tries = 1; ; tries++) {
        const isLast = tries === attempts;
        try {
          const answer = await once(attempt);
          if (isLast || !isPassing(answer.status, attempt.repeatable)) return answer;
          answer.body.destroy();
        } catch (error) {
          attempt.signal?.throwIfAborted();
          if (isLast || !attempt.repeatable || !isBroken(error)) throw told(error, attempt.to);
        }
        await sleep(backoffMs(backoff, tries, Math.random()), null, { signal: attempt.signal });
      }
    },
    close: () => handler.destroy(),
  };
}

/** 429 was turned away before anything was done. */
function isPassing(status: number, repeatable: boolean): boolean {
  return status === 429 || (repeatable && [500, 502, 503, 504].includes(status));
}

/** A connection that broke, or was too slow; not one that nobody took. */
function isBroken(error: unknown): boolean {
  return isTimeout(error) || ["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"].includes(codeOf(error));
}

/** Who could not even sign a request says why itself. */
function told(error: unknown, to: string): unknown {
  return codeOf(error) === "" && !isTimeout(error) ? error : unreachable(error, to);
}
