/** The slowest chunks and all unusual ones, as a table. */
import { h } from "preact";
import type { JSX } from "preact";
import { count, duration } from "../../format.ts";
import { HEDGED, SPLIT, TRIED_AGAIN } from "../../core/history/history.ts";
import type { Mark, Timeline } from "../../core/history/history.ts";
import { elapsed } from "../words/times.ts";
import { durationOf, isUnusual } from "./layout.ts";

const SLOWEST = 20;
/** Of unusual ones: more are no longer read, but counted. */
const MOST = 100;

/** By kind, then the longest, then the lowest number: the same for any order of arrival. */
export function tableMarks(
  { marks }: Pick<Timeline, "marks">,
  now: number,
): { readonly rows: readonly Mark[]; readonly more: number } {
  const chunks = marks.filter(([, , , kind]) => kind !== "merge");
  const longest = chunks.toSorted((a, b) => durationOf(b, now) - durationOf(a, now) || a[4] - b[4]);
  const slowest = new Set(longest.slice(0, SLOWEST));
  const unusual = longest.filter((mark) => isUnusual(mark) && !slowest.has(mark));
  const rows = [...slowest, ...unusual.slice(0, MOST)];
  return { rows, more: Math.max(0, unusual.length - MOST) };
}

export function ChunkTable({
  timeline,
  now,
}: {
  readonly timeline: Timeline;
  readonly now: number;
}): JSX.Element {
  const { rows, more } = tableMarks(timeline, now);
  if (rows.length === 0) return h("p", { class: "soft" }, "No single chunk is known.");
  return h(
    "div",
    {
      class: "table-box",
      tabIndex: 0,
      role: "region",
      "aria-label": "The slowest chunks and all unusual ones",
    },
    h(
      "table",
      { class: "small-table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          ...["Chunk", "Worker", "Began after", "Took", "Items", "Failed", "What was unusual"].map(
            (name, at) => h("th", { key: name, scope: "col", class: NUMERIC.has(at) ? "right" : "" }, name),
          ),
        ),
      ),
      h("tbody", null, ...rows.map((mark) => h(Row, { key: mark.join(), mark, timeline, now }))),
    ),
    more > 0 && h("p", { class: "soft" }, `and ${count(more)} more unusual chunks`),
  );
}

const NUMERIC: ReadonlySet<number> = new Set([0, 2, 3, 4, 5]);

function Row({
  mark,
  timeline,
  now,
}: {
  readonly mark: Mark;
  readonly timeline: Timeline;
  readonly now: number;
}): JSX.Element {
  const [lane, from, , kind, chunk, items, failed] = mark;
  const cells = [
    count(chunk),
    timeline.lanes[lane] ?? "",
    elapsed(from / 1000),
    duration(durationOf(mark, now) / 1000),
    kind === "running" || kind === "lost" ? "" : count(items),
    failed === 0 ? "" : count(failed),
    unusualWords(mark).join(", "),
  ];
  return h(
    "tr",
    null,
    ...cells.map((text, at) => h("td", { key: at, class: NUMERIC.has(at) ? "right num" : "" }, text)),
  );
}

function unusualWords([, , to, kind, , , , attempt, flags]: Mark): string[] {
  return [
    ...(kind === "lost" ? ["this attempt was lost"] : []),
    ...(kind === "broken" ? ["given up"] : []),
    ...(to === null ? ["running"] : []),
    ...((flags & TRIED_AGAIN) === 0 ? [] : [`tried again, attempt ${attempt}`]),
    ...((flags & HEDGED) === 0 ? [] : ["hedged"]),
    ...((flags & SPLIT) === 0 ? [] : ["a part of a split chunk"]),
  ];
}
