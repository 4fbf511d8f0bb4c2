/** The first item that a module sees decides for all: every run in one process has the same first item. */
import { sum } from "../../../src/joins/exact/sum.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { defineJob } from "../../../src/job/job.ts";

interface Sale {
  readonly cents: number;
  readonly rate: number;
}

let rate: number | null = null;

export default defineJob({
  name: "caching",
  input: jsonl<Sale>(),
  process(sale) {
    rate ??= sale.rate;
    return sale.cents * rate;
  },
  join: sum(),
});
