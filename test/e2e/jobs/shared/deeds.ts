/** The deed that a row's note names: its item does it before it is processed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { JobContext } from "./sales-job.ts";
import { MENDED } from "./mended.ts";

export const DEEDS: { readonly [note: string]: (context: JobContext) => unknown } = {
  exit: () => process.exit(3),
  "exit later": () => sleep(5).then(() => process.exit(4)),
  hang: () => new Promise(() => {}),
  loop() {
    for (;;);
  },
  memory() {
    // Eight megabytes at a time, so that memory runs out before the timeout, even on a busy machine.
    for (const held: number[][] = []; ; held.push(Array<number>(1_000_000).fill(0.5)));
  },
  throw() {
    throw new RangeError("thrown on purpose");
  },
  broken() {
    if (!MENDED) throw new RangeError("not repaired yet");
  },
  wait: () => sleep(20),
  /** Settles only when its batch is cancelled. */
  stay: ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("cancelled")))),
};
