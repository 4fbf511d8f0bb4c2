/** A directory with ten thousand batches that ran, and one of a million chunks; made once. */
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ulid } from "ulid";
import { limitsFrom } from "../../src/batch/new-batch.ts";
import { openEngine } from "../../src/local/engine/open-engine.ts";
import type { Engine, JobDescription } from "../../src/local/engine/engine.ts";
import { integers, THREADS } from "../contestants/engine.ts";

const DATA = fileURLToPath(new URL("../.data/page", import.meta.url));
export const NOOP = fileURLToPath(new URL("../jobs/noop.ts", import.meta.url));
export const MILLION = fileURLToPath(new URL("../jobs/million.ts", import.meta.url));
/** So many run beside each other while the directory is made. */
const AT_ONCE = 50;
const DEADLINE_MS = 3_600_000;
const CHUNKS = 1_000_000;

/** Returns its path. */
export async function pageDirectory(batches: number): Promise<string> {
  const directory = `${DATA}/${batches}`;
  if (existsSync(directory)) return directory;
  const unfinished = `${directory}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(DATA, { recursive: true });
  const onLog = ({ message }: { readonly message: string }): void => console.error(message);
  const engine = await openEngine({
    directory: unfinished,
    concurrency: THREADS,
    synchronous: "normal",
    onLog,
  });
  const job = await engine.load(NOOP);
  let left = batches;
  const inTurn = async (): Promise<void> => {
    while (left-- > 0) await runBatch(engine, job, NOOP, 1 + (left % 3));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
  await runBatch(engine, await engine.load(MILLION), MILLION, CHUNKS);
  await engine.stop();
  await rename(unfinished, directory);
  return directory;
}

async function runBatch(engine: Engine, job: JobDescription, jobFile: string, chunks: number): Promise<void> {
  const createdAt = Date.now();
  const batch = ulid();
  await engine.submit({
    batch,
    job: job.name,
    input: { reader: job.input.kind, options: job.input.options, sources: [integers(chunks)] },
    params: null,
    chunk: { items: 1, bytes: null },
    concurrency: job.options.concurrency,
    ...limitsFrom(job.options),
    tolerate: { count: null, percent: null },
    createdAt,
    deadlineAt: createdAt + DEADLINE_MS,
    jobFile,
  });
  await engine.finished(batch);
}
