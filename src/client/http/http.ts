/** Sending HTTP requests, as the client of the API needs it. Node and browsers do it in their own ways. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { backoffMs } from "../../core/retry.ts";
import { sleep } from "../../door/sleep.ts";
import type { SlowestRate } from "./steady-body.ts";

/** A request before it is sent. */
export interface OutgoingRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Its path and query are sent as they are: encoding them again would break a signature. */
  readonly url: URL;
  /** Names are in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | AsyncIterable<Uint8Array> | Blob;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: { readonly [name: string]: string };
  /** Must be read or discarded. Throws `ENDPOINT_UNUSABLE`. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly discard: () => void;
  /** Explains a refusal that is about credentials; `null` for another one. */
  readonly explain: (refusal: Error) => FanjoinError | null;
}

export interface Attempt {
  /** The receiver, as messages name it. */
  readonly to: string;
  /** Called for each try, because a signature contains the time. */
  readonly request: () => Promise<OutgoingRequest>;
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

/** How requests are sent on a platform, and what its errors mean. */
interface Sending {
  readonly once: (attempt: Attempt) => Promise<HttpAnswer>;
  /** Whether sending again can help. */
  readonly isBroken: (error: unknown) => boolean;
  readonly explained: (error: unknown, to: string) => unknown;
}

/** Sends a request, and again where that can help and is safe. */
export function retrying(
  { attempts, backoff }: HttpLimits,
  { once, isBroken, explained }: Sending,
): HttpClient["send"] {
  return async (attempt) => {
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
      await sleep(backoffMs(backoff, tries, Math.random()), attempt.signal);
    }
  };
}

/** A request with a 429 answer was refused before anything was done, so it is always safe to retry. */
function canPass(status: number, repeatable: boolean): boolean {
  return status === 429 || (repeatable && [500, 502, 503, 504].includes(status));
}

/** `where` did not answer: `reason` says why. An error of fanjoin's explains itself. */
export function unanswered(error: unknown, where: string, reason: (error: unknown) => string): FanjoinError {
  if (error instanceof FanjoinError) return error;
  return new FanjoinError("ENDPOINT_UNUSABLE", `${where} ${reason(error)}`, { cause: error });
}

/** The same of `AbortSignal.timeout()` and of Node's handler. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
