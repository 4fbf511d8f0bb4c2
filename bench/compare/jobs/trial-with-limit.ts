/** The same with a limit for each item. The other contestants try a task once. */
import { collect, defineJob, range } from "fanjoin";
import { TRIAL_LIMIT_S } from "../trial-settings.ts";
import { Params, run } from "./numbered.ts";

export default defineJob({
  name: "trial-with-limit",
  input: range(0, Number.MAX_SAFE_INTEGER),
  params: Params,
  concurrency: 2,
  retries: 0,
  itemTimeoutMs: TRIAL_LIMIT_S * 1000,
  process: run,
  join: collect(),
});
