/** Dates of HTTP, in their three forms: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const TIME = "(\\d{2}):(\\d{2}):(\\d{2})";
/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const USUAL = new RegExp(`^[A-Z][a-z]{2}, (\\d{2}) ([A-Z][a-z]{2}) (\\d{4}) ${TIME} GMT$`);
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const OLD = new RegExp(`^[A-Z][a-z]+, (\\d{2})-([A-Z][a-z]{2})-(\\d{2}) ${TIME} GMT$`);
/** `Sun Nov  6 08:49:37 1994` */
const OF_C = new RegExp(`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \\d]\\d) ${TIME} (\\d{4})$`);

/** Milliseconds since the epoch; `null` if the text is not a date of HTTP. */
export function httpDateMs(text: string, now: number): number | null {
  const usual = USUAL.exec(text);
  if (usual) return msOf(usual[3], usual[2], usual[1], usual.slice(4));
  const ofC = OF_C.exec(text);
  if (ofC) return msOf(ofC[6], ofC[1], ofC[2], ofC.slice(3, 6));
  const old = OLD.exec(text);
  return old ? msOf(String(fullYear(Number(old[3]), now)), old[2], old[1], old.slice(4)) : null;
}

/** Two digits mean the year that is nearest: at most 50 years ahead. */
function fullYear(digits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + digits;
  if (year > thisYear + 50) return year - 100;
  return year <= thisYear - 50 ? year + 100 : year;
}

function msOf(
  year: string | undefined,
  month = "",
  day: string | undefined,
  time: readonly string[],
): number | null {
  const place = MONTHS.indexOf(month);
  if (place < 0 || place % 3 !== 0) return null;
  const [hours, minutes, seconds] = time.map(Number);
  return Date.UTC(Number(year), place / 3, Number(day), hours, minutes, seconds);
}
