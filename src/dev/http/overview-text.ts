/** The overview of `fanjoin dev` as plain text, at most 80 columns wide where names are short. */
import type { Overview, ServedJob } from "./overview.ts";

/** Ends with a newline. */
export function overviewText({ base, jobs, routes }: Overview): string {
  const example = exampleJob(jobs);
  const widest = Math.max(...jobs.map(({ name }) => name.length));
  return `fanjoin dev: the API of fanjoin on this machine

Jobs
${jobs.map(({ name, input }) => `  ${name.padEnd(widest)}  ${input}`).join("\n")}

Start a batch. fanjoin dev printed the token (FANJOIN_TOKEN) at its start.
${example ? indented(startCommands(base, example)) : ""}

Or drop a file into the folder of uploads, in the folder of the job:
  uploads/${example?.name ?? "<job>"}/

Look at batches
${indented(lookCommands(base))}

Routes
${routes.map(({ method, path, summary }) => `  ${`${method} ${path}`.padEnd(ROUTE_WIDTH)}${wrapped(summary)}`).join("\n")}
`;
}

/** One that takes an input, if there is one: it shows more. */
export function exampleJob(jobs: readonly ServedJob[]): ServedJob | undefined {
  return jobs.find(({ body }) => body !== null) ?? jobs[0];
}

/** Shell commands that start a batch, each as its lines. */
export function startCommands(base: string, { name, body }: ServedJob): readonly string[] {
  const json = body === null ? [] : [`-H 'content-type: application/json'`, `-d '${body}'`];
  const curl = [`curl -H "authorization: Bearer $FANJOIN_TOKEN"`, ...(body === null ? ["-X POST"] : json)];
  return [
    [...curl, `${base}/jobs/${name}/batches`].join(" \\\n  "),
    `fanjoin submit ${name}${body === null ? "" : " FILE"} --wait \\\n  --endpoint ${base}`,
  ];
}

export function lookCommands(base: string): readonly string[] {
  return [`fanjoin list --endpoint ${base}`, `fanjoin show BATCH --endpoint ${base}`];
}

function indented(commands: readonly string[]): string {
  return commands.map((command) => `  ${command.replaceAll("\n", "\n  ")}`).join("\n");
}

const ROUTE_WIDTH = 31;
const SUMMARY_WIDTH = 46;
const INDENT = `\n${" ".repeat(ROUTE_WIDTH + 2)}`;

function wrapped(summary: string): string {
  let line = 0;
  return summary
    .split(" ")
    .map((word, place) => {
      const isNew = place > 0 && line + 1 + word.length > SUMMARY_WIDTH;
      const before = isNew ? INDENT : place > 0 ? " " : "";
      line = isNew ? word.length : line + before.length + word.length;
      return before + word;
    })
    .join("");
}
