/** The report of a dry run as text for people. */
import { count, counted } from "../../format.ts";
import type { DryRun } from "../../open/open.ts";
import { escapeControls, escapeLine } from "./escape.ts";
import { failureLines, PLAIN_COLUMNS } from "./failure-text.ts";
import type { SummaryContext } from "./summary-text.ts";

export function dryRunText(report: DryRun, context: SummaryContext): string {
  const { paint } = context;
  const lines = [`${paint("bold", escapeLine(report.job))}: ${headline(report, context)}`];
  if (report.failures !== null) {
    const columns = context.columns ?? PLAIN_COLUMNS;
    const failures = { ...report.failures, partial: false };
    lines.push("", ...failureLines(failures, { ...context, columns, all: true }), "");
  }
  lines.push(
    paint("dim", "  only read and validated: neither process nor the join ran, and nothing is kept"),
  );
  return `${lines.join("\n")}\n`;
}

function headline(report: DryRun, { paint }: SummaryContext): string {
  const { items, error } = report;
  if (error !== null) {
    const reason = `${escapeControls(error.message)} ${paint("dim", `[${escapeLine(error.code)}]`)}`;
    return `${paint("red", "the batch would fail")}: ${reason}`;
  }
  const fail = items.failed === 0 ? paint("green", "none") : paint("red", count(items.failed));
  return `of ${itemsText(report)} ${fail} would fail${items.failed === 0 ? "" : ":"}`;
}

/** An input that has fewer items than the limit was read to its end. */
function itemsText({ items: { total }, maxItems }: DryRun): string {
  if (total === null) return "the items that were read";
  return maxItems === total ? `the first ${counted(total, "item")}` : counted(total, "item");
}
