/** Preloaded into a command: it says its peak on standard error. */
import { isMainThread } from "node:worker_threads";
import { peakMb } from "../../bench/contestants/outcome.ts";

if (isMainThread) process.on("exit", () => console.error(`peak ${Math.round(peakMb())} MiB`));
