/** The news of the end of a batch, and the interface of those who pass it on. */
import type { JsonObject } from "./core/json/json.ts";

export interface News {
  /** The same in every attempt, so that a receiver can tell a repeated one. */
  readonly id: string;
  /** The end of the batch, as the body of a webhook and the detail of an event have it. */
  readonly data: JsonObject;
  /** The body of a webhook. */
  readonly body: string;
}

/** Somebody who is told. */
export interface Channel {
  /** Keeps apart those who have been told from those who have not. It is stored, and holds no secret. */
  readonly id: string;
  /** As a log names it, without secrets. */
  readonly shown: string;
  /**
   * `refused`: another attempt would not help. Throws if one may help. The same news may be told more than
   * once.
   */
  tell(news: News): Promise<"told" | { readonly refused: string }>;
}
