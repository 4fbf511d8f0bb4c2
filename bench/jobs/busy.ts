/** Nothing but computing: an item is about a millisecond of it. */
import { defineJob, range, sum } from "fanjoin";
import { busy } from "../contestants/busy.ts";

export default defineJob({ name: "busy", input: range(0), process: busy, join: sum() });
