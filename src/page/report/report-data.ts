/** What a report is made of. `report.json` is the same as data. */
import { withoutSecrets } from "../../core/json/hidden.ts";
import type { BatchSnapshot } from "../../api/live/snapshot.ts";

export interface ReportData {
  readonly snapshot: BatchSnapshot;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  /** The result as JSON text; `null`: there is none, or it is large. */
  readonly result: string | null;
  /** The command that repeats the batch. `null`: not known. */
  readonly command: string | null;
  /** Whether the text of failed items is in it. */
  readonly raw: boolean;
}

/** Goes up where a reader of `report.json` would misread it. */
const FORMAT = 1;

/** The text of `report.json`. */
export function reportJson(data: ReportData): string {
  const { snapshot, madeAt, result, command } = reportable(data);
  const { failures, history } = snapshot;
  // Its groups are beside it, with their first items. It does not say where an earlier report is.
  const { failures: _groups, report: _earlier, ...summary } = snapshot.summary;
  const made = new Date(madeAt).toISOString();
  return `${JSON.stringify({ format: FORMAT, madeAt: made, command, summary, failures, history, result })}\n`;
}

/** Without secrets, and without the text of items where it is not wanted. */
export function reportable(data: ReportData): ReportData {
  const { snapshot, raw } = data;
  const { summary, failures } = snapshot;
  const { details } = summary;
  const groups = failures.groups.map((group) =>
    raw ? group : { ...group, items: (group.items ?? []).map((line) => ({ ...line, item: null })) },
  );
  return {
    ...data,
    snapshot: {
      ...snapshot,
      summary: details
        ? { ...summary, details: { ...details, params: withoutSecrets(details.params) } }
        : summary,
      failures: { ...failures, groups },
    },
  };
}
