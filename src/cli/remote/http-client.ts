/** Sends HTTP requests with timeouts, and retries them where that can help and is safe. */
import { setTimeout as sleep } from "node:timers/promises";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { HttpRequest } from "@smithy/protocol-http";
import type { Readable } from "node:stream";
import { codeOf } from "../../aws/explain-error.ts";
import { backoffMs } from "../../core/retry.ts";
import { isTimeout, unreachable } from "./unreachable.ts";

export interface HttpAnswer {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: { readonly [name: string]: string };
  /** Must be read or destroyed. */
  readonly body: Readable;
}

export interface Attempt {
  /** The receiver, as messages name it. */
  readonly to: string;
  /** Called for each try, because a signature contains the time. */
  readonly request: () => Promise<HttpRequest>;
  /** Whether the request can safely be sent twice. */
  readonly repeatable: boolean;
  readonly signal?: AbortSignal;
}

export interface HttpClient {
  /** Resolves with the answer, whatever its status. Throws `ENDPOINT_UNUSABLE`. */
  send(attempt: Attempt): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpLimits {
  readonly connectMs: number;
  /** Until the answer begins. 0 means no limit while bytes flow. */
  readonly answerMs: number;
  /** Time without a byte in either direction. */
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
          if (isLast || !canPass(answer.status, attempt.repeatable)) return answer;
          answer.body.destroy();
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
