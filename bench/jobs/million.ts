/** A million chunks of one item: what a page has to show at the most. */
import { defineJob, range, sum } from "fanjoin";

export default defineJob({
  name: "million",
  input: range(1_000_000),
  process: (n) => n,
  join: sum(),
  chunk: { items: 1 },
});
