/** The child process: one thread for one job, and the main thread to report its end. */
import { ItemDied } from "../../runner/poison/item-died.ts";
import type { ChunksRequest } from "../../runner/runner.ts";
import type { ChildAnswer, ChildCall } from "./child-runner.ts";
import { threadError } from "../threads/thread-messages.ts";
import { ThreadDied } from "../threads/watching/thread-died.ts";
import { forwardedLimits } from "../threads/thread-limits.ts";
import { startThreadPool } from "../threads/pool/thread-pool.ts";
import type { ThreadPool } from "../threads/pool/pool-options.ts";

const say = (answer: ChildAnswer): void => void process.send?.(answer);
let threads: ThreadPool | null = null;

// Ctrl-C reaches every process of a terminal. The parent decides, and the signal is not evidence against an
// item.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
// The parent is gone. At once, because a thread may be in code that cannot be ended.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

/** The questions of the thread go to the parent, which has the ledger. */
const limits = forwardedLimits(say);

process.on("message", (call: ChildCall) => {
  if (call.type === "leased" || call.type === "entered") return limits.answered(call);
  if (call.type === "chunks") return void answer(call.request);
  if (call.type === "interrupt") return threads?.interrupt(call.graceMs);
  if (call.type === "close") return void end();
  threads = startThreadPool({
    ...call,
    limits: call.limited ? limits.host : undefined,
    count: 1,
    inChild: true,
    onFiles: (files) => say({ type: "files", files }),
    onLog: (entry) => say({ type: "log", entry }),
  });
});

/** Its threads end with the process. It only waits for what the job's `setup` made. */
async function end(): Promise<void> {
  if (threads?.isSetUp()) await threads.close();
  process.kill(process.pid, "SIGKILL");
}

async function answer(request: ChunksRequest): Promise<void> {
  try {
    if (!threads) throw new Error("the child was not told which job to run");
    say({ type: "done", reply: await threads.chunks(request) });
  } catch (thrown) {
    if (thrown instanceof ItemDied) say({ type: "item-died", death: thrown.death });
    else if (thrown instanceof ThreadDied)
      say({ type: "thread-died", blame: thrown.blame, reason: thrown.reason });
    else say({ type: "failed", error: threadError(thrown) });
  }
}
