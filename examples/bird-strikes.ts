/**
 * How often do birds hit aircraft in each state, and at what cost?
 *
 *     fanjoin run examples/bird-strikes.ts events/inputs/birdstrikes.csv
 */
import { count, csv, defineJob, groupBy, max, sum } from "fanjoin";
import * as z from "zod";

/** A number in a cell. Without `min(1)` an empty cell, and one of spaces, would be 0. */
const number = z.string().trim().min(1).pipe(z.coerce.number());

/** A row of the FAA's Wildlife Strike Database; every field of a CSV file arrives as text. */
const Strike = z
  .object({
    "Origin State": z.string().min(1),
    "Wildlife Size": z.enum(["Small", "Medium", "Large"]),
    "Effect Amount of damage": z.string(),
    "Cost Total $": number.pipe(z.number().nonnegative()),
    // The speed is empty in some reports.
    "Speed IAS in knots": z.string().transform((text) => (text === "" ? 0 : Number(text))),
  })
  .transform((row) => ({
    state: row["Origin State"],
    large: row["Wildlife Size"] === "Large",
    damaged: row["Effect Amount of damage"] !== "None",
    dollars: row["Cost Total $"],
    knots: row["Speed IAS in knots"],
  }));

export default defineJob({
  name: "bird-strikes",
  input: csv(),
  item: Strike,
  process: (strike) => strike,
  join: groupBy((strike) => strike.state, {
    strikes: count(),
    damaged: sum((strike) => Number(strike.damaged)),
    byLargeAnimals: sum((strike) => Number(strike.large)),
    dollars: sum((strike) => strike.dollars),
    fastestKnots: max((strike) => strike.knots),
  }),
});
