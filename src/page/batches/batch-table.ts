/** The table of batches. Each row can be clicked; the link in it is for everybody else. */
import { h } from "preact";
import type { JSX } from "preact";
import { memo } from "../parts/memo.ts";
import { count } from "../../format.ts";
import { barShares, percentDone } from "../batch/figures/progress-words.ts";
import { shortId } from "../batch/strip-words.ts";
import { batchPath } from "../live/routes.ts";
import { Bar } from "../parts/bar.ts";
import type { PageLook } from "../parts/top/look.ts";
import { StateText } from "../parts/state-pill.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { printable } from "../words/printable.ts";
import { isWorking } from "../words/states.ts";
import { utc } from "../words/times.ts";
import { outcomeWords, rowGroups, startedWords, timeWords } from "./batch-rows.ts";

export interface BatchTableProps {
  readonly batches: readonly BatchSummary[];
  readonly look: PageLook;
  /** On the page of a job its name is no news. */
  readonly hasJob: boolean;
  /** With groups, rows have heads such as "Today". */
  readonly grouped: boolean;
  readonly onOpen: (path: string) => void;
}

const COLUMNS = [
  "State",
  "Job, batch",
  "Progress",
  "Items",
  "Failed",
  "Left, or time taken",
  "Started",
] as const;
const NUMERIC: ReadonlySet<string> = new Set(COLUMNS.slice(3));

export function BatchTable({ batches, look, hasJob, grouped, onOpen }: BatchTableProps): JSX.Element {
  const groups = grouped
    ? rowGroups(batches, look.now, look.zone)
    : [{ name: "", batches, isCounted: false }];
  return h(
    "table",
    { class: "batches" },
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        ...COLUMNS.map((name, at) =>
          h(
            "th",
            { key: name, scope: "col", class: `c${at}${NUMERIC.has(name) ? " right" : ""}` },
            at === 1 && !hasJob ? "Batch" : name,
          ),
        ),
      ),
    ),
    ...groups.map(({ name, batches: rows, isCounted }) =>
      h(
        "tbody",
        { key: name },
        grouped &&
          h(
            "tr",
            { class: "day" },
            h(
              "th",
              { colSpan: COLUMNS.length, scope: "rowgroup" },
              name,
              isCounted && h("span", { class: "faint num" }, ` ${count(rows.length)}`),
            ),
          ),
        ...rows.map((batch) =>
          h(BatchRow, {
            key: batch.batch,
            batch,
            hasJob,
            started: startedWords(batch, look.now, look.zone),
            onOpen,
          }),
        ),
      ),
    ),
  );
}

interface BatchRowProps {
  readonly batch: BatchSummary;
  readonly hasJob: boolean;
  readonly started: string;
  readonly onOpen: (path: string) => void;
}

const BAR_WIDTH = 132;

const BatchRow = memo(function BatchRow({ batch, hasJob, started, onOpen }: BatchRowProps): JSX.Element {
  const { state, items } = batch;
  const path = batchPath(batch.batch);
  const known = items.succeeded + items.failed;
  const id = h("code", { class: "soft" }, shortId(batch.batch));
  return h(
    "tr",
    {
      class: "row",
      onClick: (event: MouseEvent) => {
        if (!(event.target instanceof Element && event.target.closest("a"))) onOpen(path);
      },
    },
    h("td", { class: "c0" }, h(StateText, { state })),
    h(
      "td",
      { class: "c1" },
      h(
        "a",
        { href: path, "data-row": batch.batch, title: batch.batch },
        hasJob && h("span", { class: "job-name" }, printable(batch.job)),
        id,
      ),
    ),
    h(
      "td",
      { class: "c2" },
      isWorking(state) ? h(Progress, { batch }) : h("span", { class: "soft num" }, outcomeWords(batch)),
    ),
    h("td", { class: "c3 right num" }, count(items.total ?? known)),
    h("td", { class: `c4 right num ${items.failed > 0 ? "bad strong" : "faint"}` }, count(items.failed)),
    h("td", { class: "c5 right num soft" }, timeWords(batch)),
    h(
      "td",
      { class: "c6 right num soft" },
      h("time", { dateTime: batch.createdAt, title: utc(Date.parse(batch.createdAt)) }, started),
    ),
  );
});

function Progress({ batch }: { readonly batch: BatchSummary }): JSX.Element {
  const percent = percentDone(batch);
  return h(
    "span",
    { class: "row-progress" },
    h(Bar, { shares: barShares(batch), width: BAR_WIDTH, height: 6, percent }),
    h("span", { class: "soft num" }, percent === null ? "" : `${percent} %`),
  );
}
