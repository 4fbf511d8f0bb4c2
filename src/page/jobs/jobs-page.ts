/** The jobs that are loaded or deployed: name, reader, last batch. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get } from "../live/api.ts";
import { isLoaded, useJobs } from "../live/jobs.ts";
import { useKeys } from "../live/keys.ts";
import { batchPath, jobPath } from "../live/routes.ts";
import type { Site } from "../live/site.ts";
import { showTab } from "../live/tab.ts";
import { Command } from "../parts/command.ts";
import { Loading, Problem } from "../parts/loading.ts";
import { Silence } from "../parts/top/silence.ts";
import { StateText } from "../parts/state-pill.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { JobError, JobView } from "../../api/answers.ts";
import { printable } from "../words/printable.ts";
import { ago, utc } from "../words/times.ts";
import { doesText } from "./reader-words.ts";

export function JobsPage({ site }: { readonly site: Site }): JSX.Element {
  const { jobs, problem } = useJobs();
  const last = useLastBatches(jobs);
  useEffect(() => showTab("Jobs · fanjoin", null), []);
  useKeys({});
  return h(
    "div",
    null,
    h("div", { class: "title-line" }, h("h1", null, "Jobs")),
    h(Silence, { site }),
    problem
      ? h(Problem, {
          refusal: problem,
          unknown: "This server has no jobs.",
          link: { href: "/", text: "Batches" },
        })
      : jobs === null
        ? h(Loading, null)
        : jobs.length === 0
          ? h(NoJobs, { isStack: site.place.value?.kind === "stack" })
          : h(
              "div",
              { class: "panel list" },
              h(
                "table",
                { class: "batches jobs" },
                h(
                  "thead",
                  null,
                  h(
                    "tr",
                    null,
                    ...["Job", "What it does", "Last batch"].map((name) =>
                      h("th", { key: name, scope: "col" }, name),
                    ),
                  ),
                ),
                h(
                  "tbody",
                  null,
                  ...jobs.map((job) =>
                    h(JobRow, { key: job.job, job, last: last.get(job.job) ?? null, site }),
                  ),
                ),
              ),
            ),
  );
}

function NoJobs({ isStack }: { readonly isStack: boolean }): JSX.Element {
  if (isStack) return h("p", { class: "panel no-match" }, "No job is deployed in this stack.");
  return h(
    "div",
    { class: "panel no-match" },
    h("p", null, "No job is loaded. Start"),
    h(Command, { text: "fanjoin dev sales.ts" }),
  );
}

function JobRow({
  job,
  last,
  site,
}: {
  readonly job: JobView | JobError;
  readonly last: BatchSummary | null;
  readonly site: Site;
}): JSX.Element {
  const path = jobPath(job.job);
  return h(
    "tr",
    {
      class: "row",
      onClick: (event: MouseEvent) => {
        if (!(event.target instanceof Element && event.target.closest("a"))) site.go(path);
      },
    },
    h(
      "td",
      null,
      h("a", { href: path, "data-row": job.job }, h("span", { class: "job-name" }, printable(job.job))),
    ),
    h(
      "td",
      { class: "soft" },
      isLoaded(job)
        ? doesText(job)
        : h("span", { class: "bad" }, `${printable(job.error.message)} [${job.error.code}]`),
    ),
    h(
      "td",
      null,
      last
        ? h(
            "a",
            { href: batchPath(last.batch) },
            h(StateText, { state: last.state }),
            h(
              "time",
              { class: "soft num", dateTime: last.createdAt, title: utc(Date.parse(last.createdAt)) },
              ` ${ago(Date.parse(last.createdAt), site.now.value)}`,
            ),
          )
        : h("span", { class: "faint" }, "none yet"),
    ),
  );
}

/** Jobs whose last batch is looked for: each is a request. */
const MOST = 50;

function useLastBatches(jobs: readonly (JobView | JobError)[] | null): ReadonlyMap<string, BatchSummary> {
  const [last, setLast] = useState<ReadonlyMap<string, BatchSummary>>(new Map());
  useEffect(() => {
    for (const { job } of (jobs ?? []).slice(0, MOST)) {
      get<{ readonly batches: readonly BatchSummary[] }>(
        `/batches?${new URLSearchParams({ job, limit: "1" }).toString()}`,
      ).then(
        ({ batches: [newest] }) => newest && setLast((known) => new Map([...known, [job, newest]])),
        // The column stays empty.
        () => undefined,
      );
    }
  }, [jobs]);
  return last;
}
