/**
 * The least that fanjoin needs: `node bare-latency.ts <batches>`: one chunk is two commits of SQLite that
 * survive a power cut, of one row each, and one message to a thread and back between them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { latencyRun } from "./latencies.ts";
import { report } from "./outcome.ts";

const directory = mkdtempSync(join(tmpdir(), "fanjoin-bench-"));
const db = new DatabaseSync(join(directory, "state.db"));
db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (body TEXT) STRICT");
const insert = db.prepare("INSERT INTO rows VALUES (?)");
const thread = new Worker(fileURLToPath(import.meta.resolve("./bare-loop-thread.ts")));
const row = "x".repeat(200);

function roundTrip(numbers: readonly number[]): Promise<number[]> {
  const { promise, resolve } = Promise.withResolvers<number[]>();
  thread.once("message", resolve);
  thread.postMessage(numbers);
  return promise;
}

const run = await latencyRun(Number(process.argv[2]), async (chunks) => {
  const start = performance.now();
  insert.run(row);
  const values = await roundTrip(Array.from({ length: chunks }, (_, number) => number));
  insert.run(row);
  const ms = performance.now() - start;
  return { ms, sum: values.reduce((sum, value) => sum + value, 0) };
});
report(run);
await thread.terminate();
db.close();
rmSync(directory, { recursive: true });
