/** Items that wait. Those of the last chunk of 20 wait a hundred times as long. */
import { defineJob, range, sum } from "fanjoin";

export const ITEMS = 1000;
export const CHUNK_ITEMS = 20;
export const SHORT_MS = 3;
export const LONG_MS = 100 * SHORT_MS;

export default defineJob({
  name: "skewed",
  input: range(ITEMS),
  process(n: number) {
    const ms = n < ITEMS - CHUNK_ITEMS ? SHORT_MS : LONG_MS;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return n;
  },
  join: sum(),
});
