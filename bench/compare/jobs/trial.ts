/** Tasks of the failure table, four at once. */
import { collect, defineJob, range } from "fanjoin";
import { Params, run } from "./numbered.ts";

export default defineJob({
  name: "trial",
  input: range(0, Number.MAX_SAFE_INTEGER),
  params: Params,
  concurrency: 2,
  process: run,
  join: collect(),
});
