/** What a job reads, in words. Pure. */
import type { JobView } from "../../api/answers.ts";

const KINDS: { readonly [kind: string]: string } = {
  csv: "CSV",
  json: "JSON",
  jsonl: "JSON lines",
  lines: "lines of text",
  files: "files",
  parquet: "Parquet",
  range: "a range of numbers",
  items: "items of its own",
  from: "items that it makes itself",
};

const PACKED: ReadonlySet<string> = new Set(["csv", "json", "jsonl", "lines"]);

/** `CSV`. */
export function readsText({ reader }: Pick<JobView, "reader">): string {
  return KINDS[reader.kind] ?? reader.kind;
}

/** `CSV, also packed with gzip or zstd`. */
export function acceptsText(job: Pick<JobView, "reader">): string {
  return `${readsText(job)}${PACKED.has(job.reader.kind) ? ", also packed with gzip or zstd" : ""}`;
}

/** `reads CSV, joins, keeps outputs`. */
export function doesText(job: Pick<JobView, "reader" | "input" | "joins" | "outputs">): string {
  const reads = job.input === "own" ? `brings its own input: ${readsText(job)}` : `reads ${readsText(job)}`;
  return [
    reads,
    ...(job.joins ? ["joins"] : ["counts only"]),
    ...(job.outputs ? ["keeps outputs"] : []),
  ].join(", ");
}

const ENDINGS: { readonly [kind: string]: string } = {
  csv: "csv",
  json: "json",
  jsonl: "jsonl",
  lines: "txt",
  parquet: "parquet",
};

/** A file of that kind, for commands: `q4.csv`. */
export function exampleFile({ reader }: Pick<JobView, "reader">): string {
  return `q4.${ENDINGS[reader.kind] ?? "txt"}`;
}
