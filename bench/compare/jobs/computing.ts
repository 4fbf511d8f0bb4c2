/** Tasks that compute. */
import { collect, defineJob, range } from "fanjoin";
import { Params, run } from "./numbered.ts";

export default defineJob({
  name: "computing",
  input: range(0, Number.MAX_SAFE_INTEGER),
  params: Params,
  process: run,
  join: collect(),
});
