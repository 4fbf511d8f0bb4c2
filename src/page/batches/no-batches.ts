/** The list before there is anything in it: how to start the first batch. */
import { h } from "preact";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { DropZone } from "../jobs/drop-zone.ts";
import { handOver } from "../jobs/handed-file.ts";
import { acceptsText, exampleFile } from "../jobs/reader-words.ts";
import type { Refusal } from "../live/api.ts";
import { isLoaded } from "../live/jobs.ts";
import { jobPath } from "../live/routes.ts";
import type { Site } from "../live/site.ts";
import { Command } from "../parts/command.ts";
import { Logo } from "../parts/icon.ts";
import type { JobError, JobView } from "../../api/answers.ts";

export interface NoBatchesProps {
  readonly site: Site;
  readonly jobs: readonly (JobView | JobError)[];
  readonly problem: Refusal | null;
}

export function NoBatches({ site, jobs, problem }: NoBatchesProps): JSX.Element {
  const loaded = jobs.filter(isLoaded);
  const [name, setName] = useState<string | null>(null);
  const job = loaded.find((one) => one.job === name) ?? loaded[0];
  if (!job || site.place.value?.changes === false) return h(NoJob, { site, problem });
  const file = exampleFile(job);
  const commands = [
    ["From the command line", `fanjoin submit ${job.job}${job.input === "own" ? "" : ` ${file}`}`],
    ...(job.input === "own" || site.place.value?.kind === "stack"
      ? []
      : [["By dropping a file into a folder", `cp ${file} uploads/${job.job}/`] as const]),
    ["Over HTTP", `POST /jobs/${job.job}/batches`],
  ] as const;
  const select = h(
    "label",
    { class: "filter", key: "select" },
    h("span", { class: "soft" }, "Job"),
    h(
      "select",
      {
        value: job.job,
        onChange: (event: Event) => setName((event.currentTarget as HTMLSelectElement).value),
      },
      ...loaded.map((one) => h("option", { key: one.job, value: one.job }, one.job)),
    ),
  );
  return h(
    "div",
    null,
    job.input === "own"
      ? h(
          "div",
          { class: "drop-zone large" },
          h(Head, {
            text: "This job brings its own input. The batch appears on this page and can be followed to its end.",
          }),
          h(
            "div",
            { class: "drop-row" },
            select,
            h("a", { class: "button primary", href: jobPath(job.job) }, "Start a batch"),
          ),
        )
      : h(
          DropZone,
          {
            large: true,
            button: "button primary",
            word: "Choose a file",
            onFile: (dropped) => {
              handOver(dropped);
              site.go(jobPath(job.job));
            },
            before: [
              h(Head, {
                key: "head",
                text: "Drop a file here to run a job over it. The batch appears on this page and can be followed to its end.",
              }),
              select,
            ],
          },
          h("p", { class: "soft small" }, `${job.job} reads ${acceptsText(job)}`),
        ),
    h(
      "div",
      { class: "three" },
      ...commands.map(([title, text]) =>
        h("div", { key: title }, h("p", { class: "soft" }, title), h(Command, { text })),
      ),
    ),
  );
}

function Head({ text }: { readonly text: string }): JSX.Element {
  return h(
    "div",
    { class: "empty-head" },
    h(Logo, { size: 50 }),
    h("h2", null, "No batches yet"),
    h("p", { class: "soft" }, text),
  );
}

function NoJob({ site, problem }: Pick<NoBatchesProps, "site" | "problem">): JSX.Element {
  const place = site.place.value;
  const text =
    place?.kind === "stack"
      ? "No job is deployed in this stack."
      : place?.changes === false
        ? `There is no batch in ${place.name}.`
        : problem
          ? problem.message
          : "No job is loaded.";
  return h(
    "div",
    { class: "drop-zone large" },
    h(
      "div",
      { class: "empty-head" },
      h(Logo, { size: 50 }),
      h("h2", null, "No batches yet"),
      h("p", { class: "soft" }, text),
    ),
    place?.kind === "dev" && h(Command, { text: "fanjoin dev sales.ts" }),
    place?.changes === false && h(Command, { text: "fanjoin run sales.ts sales.csv" }),
  );
}
