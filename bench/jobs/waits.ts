/** Items that wait for a server, many of them at once. */
import { defineJob, range, sum } from "fanjoin";
import * as z from "zod";
import { ask, IN_FLIGHT } from "../contestants/waiting.ts";

export default defineJob({
  name: "waits",
  input: range(0),
  params: z.object({ url: z.url() }),
  concurrency: IN_FLIGHT,
  process: (n, { params, signal }) => ask(params.url, n, signal),
  join: sum(),
});
