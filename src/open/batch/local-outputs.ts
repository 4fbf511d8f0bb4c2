/** The outputs of a batch of a directory, while this process or another one runs it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FanjoinError } from "../../core/errors/errors.ts";
import { outputPages } from "../../door/output-pages.ts";
import type { OutputPage, OutputsOptions, OutputsReader } from "../../door/output-pages.ts";
import { pauseMs, QUIET_MS } from "../../door/polled.ts";
import { sleep } from "../../door/sleep.ts";
import { lockHolder } from "../../local/directory/lock.ts";
import type { Engine } from "../../local/engine/engine.ts";
import { createLocalStore } from "../../local/store/store.ts";
import { readOutputs } from "../../outputs/read-outputs.ts";
import type { OutputsSource } from "../../outputs/read-outputs.ts";
import { openReadOnly } from "../directory-files.ts";

/** Small, because memory holds one, and its values while they are read. */
const PAGE_BYTES = 64 * 1024;
/** Looking takes at most a tenth of the time while there is nothing new. */
const PAUSES_PER_LOOK = 10;

export interface LocalOutputs {
  readonly directory: string;
  readonly batch: string;
  /** The engine of this process, if it runs the batch. */
  readonly engine: Engine | null;
}

/** It reads what is committed, through a connection of its own. */
export async function* localOutputs(
  { directory, batch, engine }: LocalOutputs,
  options: OutputsOptions = {},
): AsyncGenerator<OutputPage> {
  const { order, signal } = options;
  const opened = openReadOnly(directory);
  const store = createLocalStore({ directory, segmentName: "reader" });
  const source: OutputsSource = {
    ledger: opened.ledger,
    store,
    fileName: (id, stored) => presentName(directory, id, stored),
  };
  const release = engine?.hold(batch);
  const wake = engine ? commitWaiter(engine, batch, signal) : pollWaiter(directory, batch, signal);
  const reader: OutputsReader = {
    page: (after) => wake.look(() => readOutputs(source, batch, { after, order, maxBytes: PAGE_BYTES })),
    more: () => wake.more(),
  };
  try {
    yield* outputPages(reader, options);
  } finally {
    release?.();
    store.close();
    opened.close();
  }
}

/** The store's name of the outputs. Until their owner has published them, they have the name `stored`. */
function presentName(directory: string, batch: string, stored: string): string {
  return existsSync(join(directory, stored)) ? stored : `batches/${batch}/outputs.jsonl`;
}

/** Decides when to look again. */
interface Waiter {
  look<Page extends { readonly cursor: string }>(read: () => Promise<Page>): Promise<Page>;
  more(): Promise<void>;
}

/** Looks again after a commit of the engine. */
function commitWaiter(
  { commits }: Pick<Engine, "commits">,
  batch: string,
  signal: AbortSignal | undefined,
): Waiter {
  let seen = 0;
  let lookMs = 0;
  let lookedAt = 0;
  let isStopped = false;
  return {
    async look(read) {
      seen = commits.count;
      const beganAt = performance.now();
      const page = await read();
      lookedAt = performance.now();
      lookMs = lookedAt - beganAt;
      return page;
    },
    async more() {
      if (isStopped) throw stopped(batch);
      try {
        await orAborted(commits.after(seen), signal);
      } catch {
        signal?.throwIfAborted();
        // The engine has stopped: one more look finds its last commit.
        isStopped = true;
        return;
      }
      const pause = lookedAt + PAUSES_PER_LOOK * lookMs - performance.now();
      if (pause > 1) await sleep(pause, signal);
    },
  };
}

/** Looks again after a while: another process runs the batch. */
function pollWaiter(directory: string, batch: string, signal: AbortSignal | undefined): Waiter {
  const firstMs = performance.now();
  let beganMs = firstMs;
  let changedMs = firstMs;
  let cursor = "";
  return {
    async look(read) {
      beganMs = performance.now();
      const page = await read();
      if (page.cursor !== cursor) changedMs = beganMs;
      ({ cursor } = page);
      return page;
    },
    async more() {
      const nowMs = performance.now();
      if (nowMs - changedMs > QUIET_MS && lockHolder(directory) === null) throw stopped(batch);
      await sleep(pauseMs(nowMs - beganMs, nowMs - firstMs), signal);
    },
  };
}

function stopped(batch: string): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended, and no process works on it: its outputs go on once it is resumed`,
  );
}

/** Rejects if `signal` aborts first. */
async function orAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return wait;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  // One of the two is left behind.
  wait.catch(() => undefined);
  aborted.promise.catch(() => undefined);
  try {
    if (signal.aborted) abort();
    await Promise.race([wait, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
