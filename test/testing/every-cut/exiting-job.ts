/** Ends the process, or the thread, that runs it. */
import { sum } from "../../../src/joins/exact/sum.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { defineJob } from "../../../src/job/job.ts";

export default defineJob({
  name: "exiting",
  input: jsonl<number>(),
  process: (n) => (n === 2 ? process.exit(3) : n),
  join: sum(),
});
