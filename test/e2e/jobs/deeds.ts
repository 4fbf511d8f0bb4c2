/** What a row's note makes its item do before it is processed. */
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
    // Eight megabytes at a time: before its time is up, also on a busy machine.
    for (const held: number[][] = []; ; held.push(Array<number>(1_000_000).fill(0.5)));
  },
  throw() {
    throw new RangeError("thrown on purpose");
  },
  broken() {
    if (!MENDED) throw new RangeError("not mended yet");
  },
  wait: () => sleep(20),
  /** Ends only with its batch. */
  stay: ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("told to end")))),
};
