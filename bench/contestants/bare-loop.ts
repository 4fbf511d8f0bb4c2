/**
 * The ceiling: `node bare-loop.ts <chunks> <chunks per message>`: SQLite and two threads with no product
 * around them. For every so many chunks a transaction that writes them down, a message to a thread, and a
 * transaction that writes their results and forgets them; no queue, no retries, no join tree.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { peakMb, report } from "./outcome.ts";
import { answerOf, WARM_UP } from "./tasks.ts";

const THREADS = 2;
/** Messages that a thread has at once, so that it never waits. */
const AHEAD = 2;

const [, , chunksText, bundleText] = process.argv;
const chunks = Number(chunksText);
const bundle = Number(bundleText);
const directory = mkdtempSync(join(tmpdir(), "fanjoin-bench-"));
const db = new DatabaseSync(join(directory, "state.db"));
db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
db.exec(
  "CREATE TABLE waiting (chunk INTEGER PRIMARY KEY); CREATE TABLE settled (chunk INTEGER PRIMARY KEY, value INTEGER)",
);
const submit = db.prepare("INSERT INTO waiting VALUES (?)");
const settle = db.prepare("INSERT INTO settled VALUES (?, ?)");
const acknowledge = db.prepare("DELETE FROM waiting WHERE chunk = ?");
const script = fileURLToPath(import.meta.resolve("./bare-loop-thread.ts"));
const threads = Array.from({ length: THREADS }, () => new Worker(script));

function transaction(action: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  action();
  db.exec("COMMIT");
}

/** The chunks from 0 up to `to`. */
function run(to: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let next = 0;
  let done = 0;
  function feed(thread: Worker): void {
    if (next >= to) return;
    const first = next;
    next = Math.min(to, next + bundle);
    const numbers = Array.from({ length: next - first }, (_, i) => first + i);
    transaction(() => {
      for (const number of numbers) submit.run(number);
    });
    thread.postMessage(numbers);
  }
  for (const thread of threads) {
    thread.removeAllListeners("message");
    thread.on("message", (values: number[]) => {
      feed(thread);
      transaction(() => {
        for (const value of values) {
          settle.run(value, value);
          acknowledge.run(value);
        }
      });
      done += values.length;
      if (done === to) resolve();
    });
  }
  for (let i = 0; i < AHEAD; i++) threads.forEach(feed);
  return promise;
}

await run(WARM_UP);
db.exec("DELETE FROM settled");
const start = performance.now();
await run(chunks);
const total = db.prepare("SELECT sum(value) AS total FROM settled").get()?.["total"];
const ms = performance.now() - start;
report({
  figures: { ms, perSecond: (chunks / ms) * 1000, usPerChunk: (ms * 1000) / chunks, peakMb: peakMb() },
  answer: answerOf(Number(total), chunks),
});
await Promise.all(threads.map((thread) => thread.terminate()));
db.close();
rmSync(directory, { recursive: true });
