/** The list of batches. A row that arrives moves nothing while somebody reads. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { count, counted } from "../../format.ts";
import { useBatchList } from "../live/follow-batches.ts";
import { useJobs } from "../live/jobs.ts";
import { useKeys } from "../live/keys.ts";
import { NO_FILTERS, batchesPath } from "../live/routes.ts";
import type { Filters as FilterValues } from "../live/routes.ts";
import type { Site } from "../live/site.ts";
import { showTab } from "../live/tab.ts";
import { Loading, Problem } from "../parts/loading.ts";
import type { PageLook } from "../parts/top/look.ts";
import { Silence } from "../parts/top/silence.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { wordsOf } from "../words/states.ts";
import { BatchTable } from "./batch-table.ts";
import { NoBatches } from "./no-batches.ts";
import { Filters } from "./filters.ts";

export function BatchesPage({
  site,
  filters,
}: {
  readonly site: Site;
  readonly filters: FilterValues;
}): JSX.Element {
  const { batches, refusal, older, isReading } = useBatchList(site, filters);
  const { jobs, problem } = useJobs();
  const names = (jobs ?? []).map(({ job }) => job);
  const [shown, waiting, showAll] = useHeld(batches, filters);
  const look: PageLook = { zone: "local", now: site.now.value, report: false, narrow: site.narrow.value };
  const isFiltered = Object.values(filters).some((value) => value !== "");
  const mayStart = site.place.value?.changes !== false;
  useEffect(() => showTab("Batches · fanjoin", null), []);
  const start = (): void =>
    site.go(filters.job === "" ? "/jobs" : `/jobs/${encodeURIComponent(filters.job)}`);
  useKeys({ ...(mayStart ? { n: start } : {}), "/": () => document.getElementById("find")?.focus() });
  const isEmpty = shown !== null && shown.length === 0 && !isFiltered && older === null;
  return h(
    "div",
    null,
    h(
      "div",
      { class: "title-line" },
      h("h1", null, "Batches"),
      !isEmpty &&
        mayStart &&
        h(
          "div",
          { class: "actions" },
          h(
            "a",
            {
              class: "button primary",
              href: names.length === 1 ? `/jobs/${encodeURIComponent(names[0] ?? "")}` : "/jobs",
            },
            "Start a batch",
          ),
        ),
    ),
    h(Silence, { site }),
    isEmpty
      ? h(NoBatches, { site, jobs: jobs ?? [], problem })
      : [
          h(Filters, {
            key: "filters",
            filters,
            jobs: names,
            onChange: (next) => site.go(batchesPath(next), { replace: true }),
          }),
          waiting > 0 &&
            h(
              "p",
              { key: "new", class: "new-rows" },
              h(
                "button",
                { type: "button", class: "as-link", onClick: showAll },
                counted(waiting, "new batch", "new batches"),
              ),
            ),
          refusal
            ? h(Problem, {
                key: "problem",
                refusal,
                unknown: `No job is called ${filters.job}.`,
                link: { href: "/", text: "All batches" },
              })
            : shown === null
              ? h(Loading, { key: "loading" })
              : shown.length === 0
                ? h(NoMatch, { key: "none", filters })
                : h(
                    "div",
                    { key: "table", class: "panel list" },
                    h(BatchTable, {
                      batches: shown,
                      look,
                      hasJob: true,
                      grouped: true,
                      onOpen: (path) => site.go(path),
                    }),
                  ),
          shown !== null && h(ListFoot, { key: "foot", shown: shown.length, older, isReading, mayStart }),
        ],
  );
}

function ListFoot({
  shown,
  older,
  isReading: isOlderComing,
  mayStart,
}: {
  readonly shown: number;
  readonly older: (() => void) | null;
  readonly isReading: boolean;
  readonly mayStart: boolean;
}): JSX.Element {
  const word = isOlderComing ? "Reading…" : "Older";
  return h(
    "div",
    { class: "list-foot soft num" },
    h("span", null, `${count(shown)} shown, the newest first`),
    older &&
      h("button", { type: "button", class: "button small", disabled: isOlderComing, onClick: older }, word),
    h(
      "span",
      { class: "right keys-hint" },
      ...[["j"], ["k", "move"], ["Enter", "open"], ...(mayStart ? [["n", "start a batch"]] : [])].flatMap(
        ([key = "", what]) => [h("kbd", { key }, key), what === undefined ? " " : ` ${what} `],
      ),
    ),
  );
}

/** New rows wait while the reader is scrolled down, or has the focus in the list. */
function useHeld(
  batches: readonly BatchSummary[] | null,
  filters: FilterValues,
): readonly [shown: readonly BatchSummary[] | null, waiting: number, showAll: () => void] {
  const seen = useRef<ReadonlySet<string>>(new Set());
  const view = useRef(filters);
  const [, redraw] = useState(0);
  if (view.current !== filters) {
    view.current = filters;
    seen.current = new Set();
  }
  if (batches === null) return [null, 0, () => undefined];
  const newest = newestOf(seen.current);
  const isNew = ({ batch }: BatchSummary): boolean =>
    !seen.current.has(batch) && newest !== null && batch > newest;
  const shown = isReading() ? batches.filter((one) => !isNew(one)) : batches;
  seen.current = new Set(shown.map(({ batch }) => batch));
  return [
    shown,
    batches.length - shown.length,
    () => {
      seen.current = new Set(batches.map(({ batch }) => batch));
      redraw((round) => round + 1);
    },
  ];
}

function newestOf(ids: ReadonlySet<string>): string | null {
  let newest: string | null = null;
  for (const id of ids) if (newest === null || id > newest) newest = id;
  return newest;
}

function isReading(): boolean {
  return scrollY > 80 || document.activeElement?.closest("table.batches") instanceof Element;
}

function NoMatch({ filters }: { readonly filters: FilterValues }): JSX.Element {
  const { batch, job, state } = filters;
  const whose = job === "" ? "No batch" : `No batch of ${job}`;
  const known = wordsOf(state as BatchSummary["state"]).word.toLowerCase();
  const facts = [
    ...(state === "" ? [] : [`is ${known}`]),
    ...(batch === "" ? [] : [`has an id that begins with ${batch}`]),
  ];
  const text = facts.length === 0 ? `${whose} is known.` : `${whose} ${facts.join(" and ")}.`;
  return h(
    "p",
    { class: "panel no-match" },
    `${text} `,
    h("a", { href: batchesPath(NO_FILTERS) }, "Clear the filters"),
  );
}
