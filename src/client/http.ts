/** Sending HTTP requests, as the client of the API needs it. Node and browsers do it in their own ways. */
import type { HttpRequest } from "@smithy/protocol-http";
import type { FanjoinError } from "../core/errors.ts";

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
