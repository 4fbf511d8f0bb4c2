/** A batch that ran here for long has its report beside its result, without being asked. */
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { reasonOf } from "../../core/errors/errors.ts";
import { hasOwnReport } from "../../core/records/batch/report.ts";
import type { OutcomeOptions } from "../common-options.ts";
import { escapeEntry } from "../display/escape.ts";
import { say } from "../display/standard-error.ts";

/**
 * After the end is told. Nothing depends on the report: where it cannot be written, or the process dies
 * before, `fanjoin report` makes it.
 */
export async function keepReport(
  directory: string,
  { batch, seconds }: BatchSummary,
  { quiet, json }: Pick<OutcomeOptions, "quiet" | "json">,
): Promise<void> {
  if (!hasOwnReport(seconds)) return;
  try {
    const { reportTexts, writeReport } = await import("../../dev/page/report/report-texts.ts");
    const texts = await reportTexts({ directory }, batch, { now: Date.now(), raw: true });
    const path = writeReport(directory, batch, texts);
    if (!quiet && !json) say(escapeEntry(`the report is in ${path}`));
  } catch (error) {
    say(escapeEntry(`the report was not written: ${reasonOf(error)}. fanjoin report ${batch} makes it`));
  }
}
