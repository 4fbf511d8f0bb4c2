/** The task `Report`: the totals of several days become one. Each file is an item. */
import { defineJob, files, fold } from "fanjoin";
import * as z from "zod";

const Totals = z.record(z.string(), z.int());

/** Cents by country. */
type Cents = z.infer<typeof Totals>;

function add(left: Cents, right: Cents): Cents {
  for (const [country, cents] of Object.entries(right)) left[country] = (left[country] ?? 0) + cents;
  return left;
}

export default defineJob({
  name: "report",
  input: files({ as: "text" }),
  process: ({ text }) => Totals.parse(JSON.parse(text)),
  join: fold({ init: (): Cents => ({}), add, merge: add }),
});
