/** Preloaded into a command: it says its peak on standard error. */
import { isMainThread } from "node:worker_threads";
import { peakBytes } from "./peak-bytes.ts";

if (isMainThread) process.on("exit", () => console.error(`peak ${Math.round(peakBytes() / 1024 ** 2)} MiB`));
