/** One job: a form that starts a batch, the shape of an item, recent batches, the same over HTTP. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Json, JsonObject } from "../../core/json/json.ts";
import { BatchTable } from "../batches/batch-table.ts";
import { address, asRefusal, get } from "../live/api.ts";
import type { Refusal } from "../live/api.ts";
import { useBatchList } from "../live/follow-batches.ts";
import { isLoaded } from "../live/jobs.ts";
import { useKeys } from "../live/keys.ts";
import { NO_FILTERS, batchesPath } from "../live/routes.ts";
import type { Site } from "../live/site.ts";
import { showTab } from "../live/tab.ts";
import { Loading, Problem } from "../parts/loading.ts";
import type { PageLook } from "../parts/top/look.ts";
import { Silence } from "../parts/top/silence.ts";
import type { JobError, JobView, JobsAnswer } from "../../api/answers.ts";
import { printable } from "../words/printable.ts";
import { moment } from "../words/times.ts";
import { BatchForm } from "./batch-form.ts";
import { ItemShape } from "./item-shape.ts";
import { Operations } from "./operations.ts";
import { doesText } from "./reader-words.ts";
import { exampleOf } from "./schema-words.ts";

export function JobPage({ site, name }: { readonly site: Site; readonly name: string }): JSX.Element {
  const [job, setJob] = useState<JobView | JobError | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  useEffect(() => {
    setJob(null);
    setRefusal(null);
    get<JobView>(address("jobs", name)).then(
      setJob,
      (error: unknown) =>
        void explain(name, asRefusal(error)).then(([found, why]) => {
          setJob(found);
          setRefusal(why);
        }),
    );
    showTab(`${name} · fanjoin`, null);
  }, [name]);
  if (refusal)
    return h(
      "div",
      null,
      h(Silence, { site }),
      h(Problem, {
        refusal,
        unknown: `No job is called ${name}.`,
        link: { href: "/jobs", text: "All jobs" },
      }),
    );
  return h(
    "div",
    null,
    h(
      "nav",
      { class: "crumbs", "aria-label": "Path" },
      h("a", { href: "/jobs" }, "Jobs"),
      h("span", { "aria-hidden": "true" }, "/"),
      h("span", null, printable(name)),
    ),
    h("div", { class: "title-line" }, h("h1", null, printable(name))),
    job && h("p", { class: "soft num facts-line" }, factsOf(job, site.now.value)),
    h(Silence, { site }),
    job === null
      ? h(Loading, null)
      : isLoaded(job)
        ? h(LoadedJob, { key: name, site, job })
        : h(Problem, { refusal: problemOf(job), unknown: "", link: { href: "/jobs", text: "All jobs" } }),
    job !== null && !isLoaded(job) && h(Recent, { site, job: name }),
  );
}

/** A job that does not load is in the list with its error. */
async function explain(name: string, refusal: Refusal): Promise<readonly [JobError | null, Refusal | null]> {
  try {
    const { jobs } = await get<JobsAnswer>("/jobs");
    const found = jobs.find((one) => one.job === name);
    if (found && !isLoaded(found)) return [found, null];
  } catch {
    // The first answer says more.
  }
  return [null, refusal];
}

function problemOf({ error }: JobError): Refusal {
  return asRefusal(new Error(`${error.message} [${error.code}]`));
}

function factsOf(job: JobView | JobError, now: number): string {
  const loaded = isLoaded(job)
    ? [
        doesText(job),
        ...(job.loadedAt === undefined
          ? []
          : [`loaded at ${moment(Date.parse(job.loadedAt), now, "local")}`]),
      ]
    : [];
  return [...(job.file === undefined ? [] : [printable(job.file)]), ...loaded].join(" · ");
}

function LoadedJob({ site, job }: { readonly site: Site; readonly job: JobView }): JSX.Element {
  const [typed, setTyped] = useState<JsonObject>({});
  const mayStart = site.place.value?.changes !== false;
  const body = bodyOf(job, typed);
  return h(
    "div",
    null,
    h(
      "div",
      { class: "job-columns" },
      mayStart &&
        h(
          "section",
          { class: "panel", "aria-labelledby": "start-head" },
          h("header", null, h("h2", { id: "start-head" }, "Start a batch")),
          h(BatchForm, { site, job, onBody: setTyped }),
        ),
      h(ItemShape, { job }),
    ),
    h(Recent, { site, job: job.job }),
    h(Operations, { job: job.job, place: site.place.value, body }),
  );
}

/** The request that the form would send, with an item in place of the file. */
function bodyOf(job: JobView, typed: JsonObject): Json {
  const isFiles = job.reader.kind === "files";
  const input = isFiles
    ? { prefix: `s3://bucket/inputs/` }
    : { items: [job.schemas.item === null ? "…" : exampleOf(job.schemas.item)] };
  return { ...(job.input === "own" ? {} : { input }), ...typed };
}

const RECENT = 5;

function Recent({ site, job }: { readonly site: Site; readonly job: string }): JSX.Element | null {
  const { batches } = useBatchList(site, { ...NO_FILTERS, job });
  useKeys({});
  if (!batches || batches.length === 0) return null;
  const look: PageLook = { zone: "local", now: site.now.value, report: false, narrow: site.narrow.value };
  const newest = batches.toSorted((a, b) => (a.batch < b.batch ? 1 : -1)).slice(0, RECENT);
  return h(
    "section",
    { class: "panel recent", "aria-labelledby": "recent-head" },
    h(
      "header",
      null,
      h("h2", { id: "recent-head" }, "Recent batches"),
      h("a", { class: "right", href: batchesPath({ job }) }, "All of this job"),
    ),
    h(
      "div",
      { class: "list" },
      h(BatchTable, {
        batches: newest,
        look,
        hasJob: false,
        grouped: false,
        onOpen: (path) => site.go(path),
      }),
    ),
  );
}
