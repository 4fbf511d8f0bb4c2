/** Counts in a variable of its module: a retried attempt goes on counting. */
import { collect } from "../../../src/joins/exact/count.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { defineJob } from "../../../src/job/job.ts";

let rows = 0;

export default defineJob({
  name: "counting",
  input: jsonl<string>(),
  process: (word) => `${(rows += 1)} ${word}`,
  join: collect(),
});
