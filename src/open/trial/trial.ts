/** Batches that are only tried: in a directory of their own, which is deleted afterwards. */
import type { Batch } from "../../door/fanjoin.ts";
import type { EngineOptions } from "../../local/engine/engine.ts";
import type { DryRunOptions } from "./dry-run.ts";
import { LazyEngine } from "../lazy-engine.ts";
import { localBatch } from "../batch/local-batch.ts";
import type { OpenDirectory } from "../batch/local-batch.ts";
import { submitHere } from "../submit.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { threadsOf } from "../threads.ts";

export interface Trial extends Pick<EngineOptions, "dryRun" | "isTrial"> {
  /** As messages name it, and the directory. */
  readonly name: string;
  readonly where: string;
}

/** Runs a batch to its end, and returns what `look` makes of it. `options.signal` ends it. */
export async function tried<T>(
  { name, where, ...engine }: Trial,
  job: string | URL,
  options: DryRunOptions,
  look: (batch: Batch, opened: OpenDirectory) => Promise<T>,
): Promise<T> {
  const { signal, onProgress, onLog, onNotice = () => {}, insecureEndpoint: insecure = false } = options;
  const concurrency = threadsOf(options, where);
  signal?.throwIfAborted();
  await using temporary = await temporaryDirectory(name);
  const directory = temporary.path;
  const more = { ...engine, synchronous: "normal", wait: false } as const;
  const engines = new LazyEngine({ directory, concurrency, onLog, onNotice, ...more });
  const opened: OpenDirectory = { directory, engines, here: new Set(), insecure, onLog, onNotice };
  const stop = (): void => void engines.close().catch(() => undefined);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const submitted = await Promise.race([submitHere(opened, job, options), engines.closed]);
    opened.here.add(submitted.batch);
    const batch = localBatch(opened, submitted.batch, submitted.job);
    for await (const seen of batch.progress({ signal })) onProgress?.(seen, batch.job);
    return await look(batch, opened);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await engines.close();
  }
}
