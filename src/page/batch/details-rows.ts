/** The details of a batch as names and values. Pure: the page and the report show the same. */
import { bytes, count, counted, duration } from "../../format.ts";
import type { BatchDetails } from "../../batch/summary/details.ts";
import type { BatchHistory } from "../../core/history/history.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { dollars } from "../words/numbers.ts";
import { fileName, oneLine } from "../words/printable.ts";
import { moment } from "../words/times.ts";
import type { PageLook } from "../parts/top/look.ts";

export interface DetailRow {
  readonly name: string;
  readonly value: string;
  /** It is code. */
  readonly mono?: true;
}

/** A row that nothing is known of is left out. */
export function detailRows(
  { details, cost, createdAt, reproduces }: BatchSummary,
  history: BatchHistory | null,
  look: PageLook,
): readonly DetailRow[] {
  if (!details) return [];
  const start = Date.parse(createdAt);
  const rows: readonly (DetailRow | null)[] = [
    { name: "Input", value: inputText(details) },
    { name: "Reader", value: details.input.reader },
    details.params === null
      ? null
      : { name: "Params", value: oneLine(JSON.stringify(details.params)), mono: true },
    details.jobFile === null
      ? null
      : { name: "Job", value: `${oneLine(details.jobFile)}${version(details)}` },
    details.fanjoin === null ? null : { name: "fanjoin", value: details.fanjoin },
    details.retry && { name: "Retries", value: retryText(details.retry) },
    { name: details.where === "aws" ? "Items at once" : "Threads", value: threadsText(details) },
    { name: "Chunks", value: chunksText(details, history) },
    details.where === "aws" ? { name: "Chunks by worker", value: "known on one machine only" } : null,
    limitsText(details) === "" ? null : { name: "Limits", value: limitsText(details) },
    tolerateText(details) === "" ? null : { name: "Tolerates", value: tolerateText(details) },
    { name: "Deadline", value: deadlineText(details, start, look) },
    cost ? { name: "Cost", value: costText(cost) } : null,
    reproduces
      ? {
          name: "Reproduces",
          value: `${counted(reproduces.chunks, "chunk")} of ${reproduces.batch}`,
          mono: true,
        }
      : null,
  ];
  return rows.filter((row) => row !== null);
}

/** `suppliers-q4.csv, 389 kB`, `12 objects, 1.9 TB`. */
export function inputText({ input }: BatchDetails): string {
  const { sources, count: all, size, unit } = input;
  const [first] = sources;
  const name =
    all === 1 && first
      ? oneLine(fileName(first.name))
      : all === 0
        ? input.reader
        : counted(all, unit === "files" ? "file" : "input");
  return size === null ? name : `${name}, ${sizeText(size, unit)}`;
}

function sizeText(size: number, unit: BatchDetails["input"]["unit"]): string {
  return unit === "bytes" ? bytes(size) : counted(size, unit === "files" ? "file" : "item");
}

function version({ jobVersion }: BatchDetails): string {
  return jobVersion === null ? "" : `, version ${jobVersion}`;
}

function retryText({ attempts, timeoutMs }: NonNullable<BatchDetails["retry"]>): string {
  const limit = timeoutMs === null ? "" : `, at most ${roundDuration(timeoutMs)} for each`;
  return `${attempts <= 1 ? "one try" : `up to ${count(attempts)} tries`}${limit}`;
}

function threadsText({ where, threads, concurrency }: BatchDetails): string {
  const each = concurrency === 1 ? "one item" : counted(concurrency, "item");
  if (where === "aws") return `${each} in a worker`;
  return threads === null ? `${each} at once in each` : `${count(threads)}, with ${each} at once in each`;
}

function chunksText({ chunk }: BatchDetails, history: BatchHistory | null): string {
  const sizes = [
    chunk.items === null ? null : counted(chunk.items, "item"),
    chunk.bytes === null ? null : bytes(chunk.bytes),
  ].filter((one) => one !== null);
  const size = sizes.length === 0 ? "learned size" : `at most ${sizes.join(" or ")}`;
  return history && history.counts.settled > 0 ? `${count(history.counts.settled)}, ${size}` : size;
}

function limitsText({ limits }: BatchDetails): string {
  const { rateLimit, inFlight } = limits;
  const rate = rateLimit === undefined ? null : `${count(rateLimit.perSecond)} items a second`;
  return [rate, inFlight === undefined ? null : `${count(inFlight)} items in flight`]
    .filter((one) => one !== null)
    .join(", ");
}

function tolerateText({ tolerate }: BatchDetails): string {
  const parts = [
    tolerate.count === null ? null : counted(tolerate.count, "failed item"),
    tolerate.percent === null ? null : `${tolerate.percent} %`,
  ];
  return parts.filter((one) => one !== null).join(" or ");
}

/** `24 h`, not `24 h 00 min`. */
function roundDuration(ms: number): string {
  return duration(ms / 1000).replace(/ 00 (s|min)$/, "");
}

function deadlineText({ deadlineAt }: BatchDetails, start: number, look: PageLook): string {
  const at = Date.parse(deadlineAt);
  return `${moment(at, look.now, look.zone)} (${roundDuration(at - start)})`;
}

function costText({ usd, parts }: NonNullable<BatchSummary["cost"]>): string {
  const named = Object.entries(parts).map(([name, part]) => `${name} ${dollars(part)}`);
  return [dollars(usd), ...(named.length === 0 ? [] : [named.join(", ")])].join(": ");
}
