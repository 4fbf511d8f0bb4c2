/** Sends HTTP requests with `fetch`, as browsers have it: with timeouts, and again where that can help. */
import { FanjoinError, reasonOf } from "../../core/errors/errors.ts";
import { looksLocal } from "../base.ts";
import { isTimeout, retrying, unanswered } from "../http/http.ts";
import type { Attempt, HttpAnswer, HttpClient, HttpLimits, OutgoingRequest } from "../http/http.ts";
import { steadyBody } from "../http/steady-body.ts";
import type { Body } from "../http/steady-body.ts";

/**
 * `insecure`: http to other machines is allowed. The browser holds the connections, so there is none to
 * close.
 */
export function fetchClient(limits: HttpLimits, insecure: boolean): HttpClient {
  const { answerMs, slowest } = limits;

  async function once({ to, request, signal }: Attempt): Promise<HttpAnswer> {
    const sent = await request();
    if (!insecure) checkWay(sent.url);
    const ended = new AbortController();
    const late = setTimeout(() => ended.abort(new DOMException("no answer", "TimeoutError")), answerMs);
    try {
      const response = await fetch(sent.url, {
        ...settings(sent),
        signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
      });
      return answerOf(response, { to, ended });
    } finally {
      clearTimeout(late);
    }
  }

  function answerOf(
    response: Response,
    { to, ended }: { readonly to: string; readonly ended: AbortController },
  ): HttpAnswer {
    if (response.type === "opaqueredirect") throw redirects(to);
    const discard = (): void => ended.abort();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: steadyBody(bodyOf(response, discard), slowest, { from: to, explain: unreachable }),
      discard,
      explain: () => null,
    };
  }

  return {
    send: retrying(limits, { once, isBroken, explained: unreachable }),
    close() {},
  };
}

/**
 * A redirect is not followed: a browser would send the API key along. Cookies go to the page's own server
 * only.
 */
function settings({ method, headers, body }: OutgoingRequest): RequestInit {
  if (body !== undefined && typeof body !== "string" && !(body instanceof Blob))
    throw new TypeError("fetch cannot send a stream in every browser");
  return {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    redirect: "manual",
    cache: "no-store",
    credentials: "same-origin",
    referrerPolicy: "no-referrer",
  };
}

/** Not every browser can iterate over the body of an answer. */
function bodyOf({ body }: Response, destroy: () => void): Body {
  return {
    async *[Symbol.asyncIterator]() {
      const reader = body?.getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) yield part.value;
    },
    destroy,
  };
}

/** Throws `ENDPOINT_UNUSABLE`. */
function checkWay(url: URL): void {
  if (url.protocol === "https:" || looksLocal(url)) return;
  throw new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `${url.origin} is not an address of this machine: nothing is sent there without encryption. Use https, or allow it with insecureEndpoint`,
  );
}

function redirects(to: string): FanjoinError {
  return new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `${to} answers with a redirect, which a browser does not show: deploy the stack again with this version of fanjoin`,
  );
}

/** A browser gives one error for a broken connection and for an answer that it may not show. */
function isBroken(error: unknown): boolean {
  return isTimeout(error) || error instanceof TypeError;
}

function unreachable(error: unknown, to: string): FanjoinError {
  return unanswered(error, to, (cause) => {
    if (isTimeout(cause)) return "does not answer: the request timed out";
    return `cannot be reached, or does not allow the origin of this page${pageOrigin()} (apiOrigins of the construct, --origin of \`fanjoin dev\`): ${reasonOf(cause)}`;
  });
}

/** A worker may have no location. */
function pageOrigin(): string {
  const { location } = globalThis as { readonly location?: { readonly origin: string } };
  return location === undefined ? "" : `, ${location.origin}`;
}
