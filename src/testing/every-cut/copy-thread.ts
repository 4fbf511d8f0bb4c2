/** A copy of a job in a thread of its own: its module is new, and goes with the thread. */
import { fileURLToPath } from "node:url";
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { FanjoinError, isErrorCode, reasonOf } from "../../core/errors/errors.ts";
import type { Json } from "../../core/json/json.ts";
import type { JobCopy } from "./job-copy.ts";

/** What a thread is started with. */
export interface CopySetup {
  /** The job's module. */
  readonly url: string;
  readonly params: Json;
  readonly port: MessagePort;
}

type CopyCall = Exclude<keyof JobCopy, "close">;

export interface CopyRequest {
  readonly call: CopyCall;
  readonly args: readonly unknown[];
}

/** Requests are answered in order, one at a time. */
export type CopyReply =
  | { readonly value: unknown }
  | { readonly code: string | null; readonly message: string };

/** A thread that is gone answers no more. */
export function openCopy(url: string, params: Json): JobCopy {
  const { port1: port, port2 } = new MessageChannel();
  const worker = new Worker(fileURLToPath(import.meta.resolve("#testing-copy")), {
    workerData: { url, params, port: port2 } satisfies CopySetup,
    transferList: [port2],
  });
  let pending: PromiseWithResolvers<unknown> | null = null;
  let isClosed = false;
  port.on("message", (reply: CopyReply) => {
    if ("value" in reply) pending?.resolve(reply.value);
    else pending?.reject(errorOf(reply));
    pending = null;
  });
  const fail = (reason: string): void => {
    pending?.reject(new FanjoinError("ITEM_CRASHED", `the job ${url} ended its thread: ${reason}`));
    pending = null;
  };
  worker.on("error", (error) => fail(reasonOf(error)));
  worker.on("exit", (code) => {
    port.close();
    if (!isClosed) fail(`exit code ${code}`);
  });
  const ask = async <T>(call: CopyCall, ...args: readonly unknown[]): Promise<T> => {
    pending = Promise.withResolvers();
    const { promise } = pending;
    port.postMessage({ call, args } satisfies CopyRequest);
    // The thread answers with what its own copy returns.
    return (await promise) as T;
  };
  return {
    count: (input) => ask("count", input),
    divide: (input) => ask("divide", input),
    answer: (input, variant) => ask("answer", input, variant),
    async close() {
      isClosed = true;
      await worker.terminate();
    },
  };
}

function errorOf({ code, message }: Extract<CopyReply, { readonly message: string }>): Error {
  return code !== null && isErrorCode(code) ? new FanjoinError(code, message) : new Error(message);
}
