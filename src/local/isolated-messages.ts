/** What the engine and its child process say to each other. */
import type { Death } from "../steps/item-died.ts";
import type { ChunksReply, ChunksRequest } from "../steps/runner.ts";
import type { Answer, ThreadError } from "./thread-messages.ts";
import type { ThreadsOptions } from "./threads.ts";

export type IsolatedCall =
  | ({ readonly type: "start" } & Pick<ThreadsOptions, "jobFile" | "directory" | "segmentPrefix">)
  | { readonly type: "chunks"; readonly request: ChunksRequest }
  | { readonly type: "interrupt"; readonly graceMs: number };

export type IsolatedAnswer =
  /** Said before the reply that names them. */
  | { readonly type: "files"; readonly files: readonly string[] }
  | { readonly type: "log"; readonly entry: Extract<Answer, { type: "log" }> }
  | { readonly type: "done"; readonly reply: ChunksReply }
  | { readonly type: "item-died"; readonly death: Death }
  | { readonly type: "thread-died"; readonly blame: boolean; readonly reason: string }
  | { readonly type: "failed"; readonly error: ThreadError };
