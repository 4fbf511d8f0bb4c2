/** Tasks that wait for a disk or a server: 32 at once in each of two threads. */
import { collect, defineJob, range } from "fanjoin";
import { Params, run } from "./numbered.ts";

export default defineJob({
  name: "waiting",
  input: range(0, Number.MAX_SAFE_INTEGER),
  params: Params,
  concurrency: 32,
  process: run,
  join: collect(),
});
