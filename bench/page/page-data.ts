/** A directory with ten thousand batches that ran, and one of a million chunks; made once. */
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ulid } from "ulid";
import { openEngine } from "../../src/local/engine/open-engine.ts";
import type { Engine, JobDescription } from "../../src/local/engine/engine.ts";
import { integers, specOf, THREADS } from "../contestants/engine.ts";

const DATA = fileURLToPath(new URL("../.data/page", import.meta.url));
export const NOOP = fileURLToPath(new URL("../jobs/noop.ts", import.meta.url));
export const MILLION = fileURLToPath(new URL("../jobs/million.ts", import.meta.url));
/** So many run beside each other while the directory is made. */
const AT_ONCE = 50;
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
  const batch = ulid();
  const sources = [integers(chunks)];
  await engine.submit(specOf(job, { batch, jobFile, sources, params: null, chunkItems: 1 }));
  await engine.finished(batch);
}
