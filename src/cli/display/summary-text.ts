/** The summary of a batch as text for people. */
import { relative } from "node:path";
import { isErrorCode } from "../../core/errors/errors.ts";
import type { BatchState } from "../../core/records/batch/batch.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { failureLines, PLAIN_COLUMNS } from "./failure-text.ts";
import type { ShownFailures } from "./failure-text.ts";
import { placeText } from "../documents/document-path.ts";
import { PLACES_OF_CODES } from "../documents/places.ts";
import { bytes, count, counted, dollars, duration } from "../../format.ts";
import { escapeControls, escapeLine } from "./escape.ts";
import type { Paint } from "./progress/progress-line.ts";
import { wrappedWords } from "./wrap.ts";

export interface SummaryContext {
  /** Paths are shown relative to this directory. */
  readonly cwd: string;
  readonly paint: Paint;
  /** Lines are broken at this width; `null`: no terminal. */
  readonly columns: number | null;
}

/** A longer result is cut. */
const MAX_RESULT_LINES = 20;
const LABEL_WIDTH = 9;
const INDENT = 2 + LABEL_WIDTH;

export function summaryText(
  summary: BatchSummary,
  failures: ShownFailures | null,
  context: SummaryContext,
): string {
  const lines = [heading(summary, context), ...facts(summary, context)];
  const columns = context.columns ?? PLAIN_COLUMNS;
  if (failures) lines.push("", ...failureLines(failures, { ...context, columns, all: false }));
  const value = resultLines(summary, context);
  if (value.length > 0) lines.push("", ...value);
  return `${lines.join("\n")}\n`;
}

const STATES = {
  planning: { words: "running (still reading its input)", style: "cyan" },
  running: { words: "running", style: "cyan" },
  paused: { words: "paused", style: "yellow" },
  interrupted: { words: "interrupted", style: "yellow" },
  cancelling: { words: "ending", style: "yellow" },
  succeeded: { words: "succeeded", style: "green" },
  "completed-with-failures": { words: "completed with failures", style: "yellow" },
  failed: { words: "failed", style: "red" },
  cancelled: { words: "cancelled", style: "yellow" },
} as const satisfies Record<BatchState, { words: string; style: Parameters<Paint>[0] }>;

function heading({ job, state }: BatchSummary, { paint }: SummaryContext): string {
  const { words, style } = STATES[state];
  return `${paint("bold", escapeLine(job))} ${paint(style, words)}`;
}

function facts(summary: BatchSummary, { cwd, paint, columns }: SummaryContext): string[] {
  const { batch, result, outputs, failed, report, error, seconds, chunks } = summary;
  const fact = (label: string, text: string): string => {
    const lines = columns === null ? [text] : wrappedWords(text, columns - INDENT);
    return `  ${paint("dim", label.padEnd(LABEL_WIDTH))}${lines.join(`\n${" ".repeat(INDENT)}`)}`;
  };
  const limit = limitText(summary);
  const file = (path: string, size: number | null): string =>
    `${escapeLine(shortPath(path, cwd))}${size === null ? "" : paint("dim", `  ${bytes(size)}`)}`;
  const worked = chunksText(chunks, summary.planned?.chunks ?? null);
  return [
    fact("batch", escapeLine(batch)),
    ...(summary.reproduces ? [fact("of", reproducedText(summary.reproduces))] : []),
    ...(error
      ? [fact("reason", `${escapeControls(error.message)} ${paint("dim", `[${escapeLine(error.code)}]`)}`)]
      : []),
    ...(error && isErrorCode(error.code) ? [fact("see", placeText(PLACES_OF_CODES[error.code]))] : []),
    fact("items", itemsText(summary.items)),
    ...(limit === null ? [] : [fact("limit", limit)]),
    ...(summary.damaged > 0 ? [fact("damaged", doubtText(summary.damaged))] : []),
    ...(summary.larger === undefined
      ? []
      : [fact("memory", `${counted(summary.larger, "chunk")} went to the larger function`)]),
    ...(summary.cost ? [fact("cost", costText(summary.cost))] : []),
    ...(summary.hedges === undefined ? [] : [fact("hedges", hedgesText(summary.hedges))]),
    ...(summary.enough === undefined ? [] : [fact("enough", summary.enough)]),
    ...(summary.incomplete ? [fact("left", "a part of the input was not run; a redrive runs it")] : []),
    fact(seconds === null ? "chunks" : "time", seconds === null ? worked : `${duration(seconds)}, ${worked}`),
    ...(result ? [fact("result", file(result.path, result.bytes))] : []),
    ...(outputs ? [fact("outputs", outputsText(outputs, file))] : []),
    ...(failed ? [fact("failed", file(failed.path, null))] : []),
    ...(report ? [fact("report", file(report.path, null))] : []),
  ];
}

/** Of outputs by key: the list of their files, and how much they hold. */
function outputsText(
  { path, bytes: size, files }: NonNullable<BatchSummary["outputs"]>,
  file: (path: string, size: number | null) => string,
): string {
  if (files === undefined) return file(path, size);
  return `${file(path, null)}  ${counted(files.count, "file")} by key, ${bytes(files.bytes)}`;
}

function reproducedText({ batch, chunks }: NonNullable<BatchSummary["reproduces"]>): string {
  return `batch ${escapeLine(batch)}: ${counted(chunks, "pulled chunk")} of it run again here`;
}

function hedgesText({ sent, won }: NonNullable<BatchSummary["hedges"]>): string {
  return `${counted(sent, "slow chunk")} run once more, ${count(won)} won`;
}

function itemsText({ total, succeeded, failed, skipped }: BatchSummary["items"]): string {
  const known = [`${count(succeeded)} succeeded`];
  if (failed > 0) known.push(`${count(failed)} failed`);
  if (skipped !== null && skipped > 0) known.push(`${count(skipped)} skipped`);
  if (total === succeeded && failed === 0) return `${count(total)}, all succeeded`;
  return total === null ? known.join(", ") : `${count(total)}: ${known.join(", ")}`;
}

/** `null` without a limit, and for an input that turned out to have fewer items. */
function limitText({ maxItems, items: { total }, endedAt }: BatchSummary): string | null {
  if (maxItems === undefined) return null;
  const first = `only the first ${counted(maxItems, "item")} of the input, as asked for`;
  if (endedAt === null || total === null) return first;
  return total < maxItems ? null : `${first}: the rest was left out`;
}

function costText({ usd, parts: { compute, requests } }: NonNullable<BatchSummary["cost"]>): string {
  return `${dollars(usd)}: ${dollars(compute)} for the time of functions, ${dollars(requests)} for requests`;
}

function doubtText(damaged: number): string {
  const whose = damaged === 1 ? "its failed item says" : "their failed items say";
  return `items of ${counted(damaged, "input")} are in doubt: ${whose} which`;
}

function chunksText({ total, settled, skipped }: BatchSummary["chunks"], planned: number | null): string {
  if (skipped > 0) return `${count(settled)} of ${counted(settled + skipped, "chunk")}`;
  if (total === settled) return counted(settled, "chunk");
  const of = total === null ? `${count(planned ?? 0)} planned so far` : counted(total, "chunk");
  return `${count(settled)} of ${of}`;
}

function resultLines({ result }: BatchSummary, { paint }: SummaryContext): string[] {
  const value = result?.value;
  if (value === undefined || value === null) return [];
  const lines = escapeControls(JSON.stringify(value, null, 2)).split("\n");
  if (lines.length <= MAX_RESULT_LINES) return lines;
  const more = lines.length - MAX_RESULT_LINES;
  return [
    ...lines.slice(0, MAX_RESULT_LINES),
    paint("dim", `… ${count(more)} more lines, in the file above`),
  ];
}

/** Relative to `cwd` if the file is below it. A URL stays as it is. */
export function shortPath(path: string, cwd: string): string {
  if (/^https?:/.test(path)) return path;
  const short = relative(cwd, path);
  return short.startsWith("..") ? path : short;
}
