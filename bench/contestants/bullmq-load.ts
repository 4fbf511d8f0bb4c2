/** The used part of BullMQ, which is not a dependency of this repository. */
import { createRequire } from "node:module";
import { join } from "node:path";

export interface Bullmq {
  readonly FlowProducer: new (options: Options) => {
    add(flow: Flow): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly Queue: new (
    queue: string,
    options: Options,
  ) => {
    addBulk(jobs: readonly { readonly name: string; readonly data: number }[]): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly Worker: new <Data = number, Value = number>(
    queue: string,
    process: (job: BullmqJob<Data, Value>) => Promise<unknown>,
    options: Options & WorkerOptions,
  ) => { waitUntilReady(): Promise<unknown>; close(force: boolean): Promise<void> };
  readonly QueueEvents: new (
    queue: string,
    options: Options,
  ) => {
    on(event: "failed", listener: (event: { readonly failedReason: string }) => void): void;
    waitUntilReady(): Promise<unknown>;
    close(): Promise<void>;
  };
}

export interface BullmqJob<Data, Value> {
  readonly name: string;
  readonly data: Data;
  getChildrenValues(): Promise<{ readonly [key: string]: Value }>;
  getIgnoredChildrenFailures(): Promise<{ readonly [key: string]: string }>;
}

interface Options {
  readonly connection: Connection;
}

export interface Connection {
  readonly path: string;
  readonly maxRetriesPerRequest: null;
}

interface WorkerOptions {
  readonly limiter?: { readonly max: number; readonly duration: number };
  readonly concurrency?: number;
  readonly lockDuration?: number;
  readonly stalledInterval?: number;
}

interface Flow {
  readonly name: string;
  readonly queueName: string;
  readonly data?: unknown;
  readonly opts?: { readonly failParentOnFailure?: true; readonly ignoreDependencyOnFailure?: true };
  readonly children?: readonly Flow[];
}

/** From a `node_modules` of its own. */
export async function loadBullmq(modules: string): Promise<Bullmq> {
  const load = createRequire(join(modules, "here.js"));
  return load("bullmq") as Bullmq;
}
