/** Nothing to do: what is left is what fanjoin itself costs. */
import { defineJob, range, sum } from "fanjoin";

export default defineJob({ name: "noop", input: range(0), process: (n) => n, join: sum() });
