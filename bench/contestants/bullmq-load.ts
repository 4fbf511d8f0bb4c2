/** The used part of BullMQ, which is not a dependency of this repository. */
import { createRequire } from "node:module";
import { join } from "node:path";

export interface Bullmq {
  readonly FlowProducer: new (options: Options) => {
    add(flow: Flow): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly Worker: new (
    queue: string,
    process: (job: BullmqJob) => Promise<unknown>,
    options: Options & { readonly concurrency?: number },
  ) => { waitUntilReady(): Promise<unknown>; close(force: boolean): Promise<void> };
}

export interface BullmqJob {
  readonly data: number;
  getChildrenValues(): Promise<{ readonly [key: string]: number }>;
}

interface Options {
  readonly connection: { readonly path: string; readonly maxRetriesPerRequest: null };
}

interface Flow {
  readonly name: string;
  readonly queueName: string;
  readonly data?: number;
  readonly children?: readonly Flow[];
}

/** From a `node_modules` of its own. */
export async function loadBullmq(modules: string): Promise<Bullmq> {
  const load = createRequire(join(modules, "here.js"));
  return load("bullmq") as Bullmq;
}
