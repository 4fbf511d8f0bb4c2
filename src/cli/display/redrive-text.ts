/** What a redrive would do, and the groups that it may be limited to. */
import type { RedriveForecast } from "../../batch/steering/redrive-forecast.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { count, counted } from "../../format.ts";
import { escapeLine } from "./escape.ts";

/** Groups that a message of an error names. */
const MOST_NAMED = 6;
/** Of a message. */
const MOST_CHARACTERS = 100;

type Groups = NonNullable<BatchSummary["failures"]>["groups"];

/** Lines for people. */
export function redriveText({ batch, failures }: BatchSummary, forecast: RedriveForecast): string {
  const { failed, skipped, goesOn, mayPass, notRetried, hasToChange } = forecast;
  const parts = [
    [mayPass, "may pass: trying again may help"],
    [notRetried, "had no second try: the job does not retry them"],
    [hasToChange, "fail again unless the item changes, or the job"],
  ] as const;
  return [
    `A redrive of batch ${batch} would run ${howMany(failed, "failed item")} again.`,
    ...parts.flatMap(([items, what]) => (items === 0 ? [] : [`  ${count(items)} ${what}`])),
    ...(skipped === 0 ? [] : [`It would run ${howMany(skipped, "skipped item")}.`]),
    ...(goesOn ? ["It would go on reading the input where the end of the batch stopped that."] : []),
    ...groupLines(failures?.groups ?? []),
  ].join("\n");
}

function howMany(items: number | null, what: string): string {
  return items === null ? `an unknown number of ${what}s` : counted(items, what);
}

function groupLines(groups: Groups): string[] {
  const known = groups.flatMap(({ id, ...group }) => (id === undefined ? [] : [{ ...group, id }]));
  if (known.length === 0) return [];
  const ids = Math.max(...known.map(({ id }) => id.length));
  const counts = Math.max(...known.map((group) => count(group.count).length));
  const lines = known.map((group) => {
    const number = count(group.count).padStart(counts);
    return `  ${group.id.padEnd(ids)}  ${number}  ${headline(group)}`;
  });
  return ["Groups of its failed items, for --group:", ...lines];
}

/** `s1x9k2 (46 × the service said 503 to …)`, for the message of an error. */
export function namedGroups(groups: Groups): string {
  const named = groups
    .slice(0, MOST_NAMED)
    .map((group) => `${group.id ?? "one without an id"} (${count(group.count)} × ${headline(group)})`);
  const others = groups.length - named.length;
  return [...named, ...(others > 0 ? [`and ${count(others)} more`] : [])].join(", ");
}

function headline({ code, message }: Pick<Groups[number], "code" | "message">): string {
  const text = escapeLine((message ?? "").replaceAll(/\s+/g, " ").trim());
  const brief = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return brief === "" ? code : `${code}, ${brief}`;
}
