/** What a redrive of an ended batch would do, without doing it. */
import { prospectOf } from "../../core/failures/advice.ts";
import type { Prospect } from "../../core/failures/advice.ts";
import type { FailureGroup, FailureSummary } from "../../core/failures/failure-summary.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import type { BatchSummary } from "../summary/summary.ts";

/** What a redrive would run, in numbers. */
export interface RedriveForecast {
  /** Failed items that would run again; a chunk that was given up counts as one. `null`: not known. */
  readonly failed: number | null;
  /** The same by error code, as far as it is known. */
  readonly byCode: { readonly [code: string]: number };
  /** Items that never ran and would. `null`: their number is not known. */
  readonly skipped: number | null;
  /** Planning would go on where the end of the batch stopped it. */
  readonly goesOn: boolean;
  /** Of `failed`: trying again may help. */
  readonly mayPass: number;
  /** Of `failed`: the job's policy ruled out another try. */
  readonly notRetried: number;
  /** Of `failed`: the item has to change, or the job. */
  readonly hasToChange: number;
}

export function redriveForecast(summary: BatchSummary, filter: RedriveFilter | null): RedriveForecast {
  const { items, chunks, incomplete = false, failures } = summary;
  const wanted = failures?.groups.filter((group) => isWanted(group, filter)) ?? [];
  const counts: Record<Prospect, number> = { mayPass: 0, notRetried: 0, hasToChange: 0 };
  const byCode: { [code: string]: number } = {};
  for (const group of wanted) {
    counts[prospectOf(group)] += group.count;
    byCode[group.code] = (byCode[group.code] ?? 0) + group.count;
  }
  const known = Object.values(byCode).reduce((sum, count) => sum + count, 0);
  const all = filter === null;
  return {
    failed: failedOf(summary, filter, known),
    byCode,
    skipped: all ? items.skipped : 0,
    goesOn: all && incomplete && chunks.skipped === 0,
    ...counts,
  };
}

function failedOf(
  { items, failures }: BatchSummary,
  filter: RedriveFilter | null,
  known: number,
): number | null {
  if (filter === null) return failures === undefined ? items.failed : known + failures.others;
  if (items.failed === 0 && failures === undefined) return 0;
  return failures !== undefined && isKnown(failures, filter) ? known : null;
}

/** Whether the groups tell which items a filter takes. */
function isKnown(
  { groups, others }: FailureSummary,
  { classes, groups: ids = null }: RedriveFilter,
): boolean {
  if (ids === null && others > 0) return false;
  return classes === null || groups.every((group) => group.class !== null);
}

function isWanted({ id, code, class: name }: FailureGroup, filter: RedriveFilter | null): boolean {
  const { codes = null, classes = null, groups = null } = filter ?? {};
  if (codes?.includes(code) === false || groups?.includes(id ?? "") === false) return false;
  return classes === null || (name !== null && classes.includes(name));
}
