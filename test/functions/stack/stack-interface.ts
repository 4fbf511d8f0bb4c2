/** What a stack in memory is made with, and what a test does with it. */
import type { Context } from "aws-lambda";
import type { JoinHost } from "../../../functions/join.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import type { JsonObject } from "../../../src/core/json/json.ts";
import type { BatchSpec } from "../../../src/batch/spec.ts";
import type { Ports } from "../../../src/ports.ts";
import type { BatchFiles } from "../../../src/batch/summary/files.ts";
import type { ManualClock } from "../../memory/clock.ts";
import type { MemoryLedger } from "../../../src/testing/memory/ledger.ts";
import type { MemoryQueue } from "../../../src/testing/memory/queue.ts";
import type { MemoryStore } from "../../../src/testing/memory/store.ts";

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: { readonly [name: string]: unknown };
}

export interface Stack {
  readonly ledger: MemoryLedger;
  readonly queue: MemoryQueue;
  readonly store: MemoryStore;
  readonly clock: ManualClock;
  readonly ports: Ports;
  readonly host: JoinHost;
  readonly lines: Line[];
  readonly counts: Map<string, number>;
  /** In milliseconds. */
  readonly chunkTimes: number[];
  /** The details of the events that were put. */
  readonly events: JsonObject[];
  /** Starts the batch of the samples. */
  submit(input: BatchSpec["input"], options?: Partial<BatchSpec>): Promise<void>;
  /** One invocation. If `die` ends its process, the answer is `DIED`. */
  invoke<Event, Answer>(
    handle: (host: JoinHost) => Handler<Event, Answer>,
    event: Event,
  ): Promise<Answer | typeof DIED>;
  /** Whether the running invocation is one of the larger worker. */
  isLarger(): boolean;
  /** Ends the process of the running invocation. For code that a function runs. */
  die(): Promise<never>;
  /**
   * Delivers until no message is left. A failed message comes back after its visibility timeout, and becomes
   * a dead letter in the end.
   */
  pump(): Promise<void>;
  batch(batch?: string): Fields;
  files(batch?: string): BatchFiles;
  failed(batch?: string): { readonly [field: string]: unknown }[];
}

export const DIED = Symbol("the process died");

export type Handler<Event, Answer> = (
  event: Event,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<Answer>;

export interface StackSettings {
  /** Chunks go by asynchronous invoke. */
  readonly direct?: boolean;
  /** The job has a larger worker. */
  readonly larger?: boolean;
  readonly tracer?: Ports["tracer"];
}
