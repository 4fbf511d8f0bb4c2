/**
 * On which day of the week does the 13th of a month fall most often? The items come from a generator, as they
 * would from the pages of an API or the rows of a database.
 *
 *     npm start
 */
import { count, defineJob, from, groupBy } from "fanjoin";

interface Month {
  readonly year: number;
  readonly month: number;
}

/** The calendar repeats itself after 400 years. */
const YEARS = { first: 2001, last: 2400 };

/** Has to yield the same items each time: a batch that was interrupted runs it again. */
function* months(): Generator<Month> {
  for (let year = YEARS.first; year <= YEARS.last; year++) {
    for (let month = 1; month <= 12; month++) yield { year, month };
  }
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

export default defineJob({
  name: "the-13th",
  input: from(months),
  process: ({ year, month }) => DAYS[new Date(Date.UTC(year, month - 1, 13)).getUTCDay()] ?? "",
  join: groupBy((day: string) => day, count()), // Friday, 688 times
});
