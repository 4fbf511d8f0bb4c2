/**
 * Converts an old CSV export into clean JSON Lines: numbers and dates, one spelling, no empty strings, and
 * only the columns that are needed.
 *
 *     fanjoin run examples/strikes-to-jsonl.ts events/inputs/birdstrikes.csv --output strikes.jsonl
 */
import { collect, csv, defineJob } from "fanjoin";
import * as z from "zod";

/** `US AIRWAYS*` becomes `Us Airways`: the source marks some airlines with an asterisk. */
function airline(text: string): string {
  const words = text.replace(/\*+$/, "").trim().toLowerCase().split(/\s+/);
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(" ");
}

/** A number that has to be there: an empty cell fails its row, though `z.coerce.number()` reads it as 0. */
const dollars = z.string().trim().min(1).pipe(z.coerce.number()).pipe(z.int().nonnegative());

/** A number, or `null` for an empty field. */
const optionalNumber = z
  .string()
  .trim()
  .transform((text) => (text === "" ? null : Number(text)))
  .pipe(z.number().nonnegative().nullable());

const Row = z.object({
  "Airport Name": z.string().min(1),
  "Aircraft Make Model": z.string(),
  "Effect Amount of damage": z.string(),
  "Flight Date": z.iso.date(),
  "Aircraft Airline Operator": z.string().transform(airline),
  "Wildlife Species": z.string(),
  "Cost Total $": dollars,
  "Speed IAS in knots": optionalNumber,
});

export default defineJob({
  name: "strikes-to-jsonl",
  input: csv(),
  item: Row,
  process: (row) => ({
    day: row["Flight Date"],
    year: Number(row["Flight Date"].slice(0, 4)),
    airport: row["Airport Name"],
    airline: row["Aircraft Airline Operator"],
    aircraft: row["Aircraft Make Model"],
    species: row["Wildlife Species"],
    damage: row["Effect Amount of damage"] === "None" ? null : row["Effect Amount of damage"],
    dollars: row["Cost Total $"],
    knots: row["Speed IAS in knots"],
  }),
  // The result is a file with one line for each row, in the order of the rows.
  join: collect(),
});
