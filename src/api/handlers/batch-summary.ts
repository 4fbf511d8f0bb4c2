/** Batch summaries with URLs instead of paths. */
import type { FailureGroup } from "../../core/failures/failure-summary.ts";
import { isRemoved } from "../../core/records/batch/removed-batch.ts";
import { hasCurrentReport } from "../../core/records/batch/report.ts";
import type { Fields } from "../../core/records/record.ts";
import { readBatch } from "../../batch/spec.ts";
import { lookedAt, summarizeOwned } from "../../batch/summary/summary.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { FILE_PATHS } from "../../batch/summary/files.ts";
import type { BatchDetails } from "../../batch/summary/details.ts";
import type { BatchRecord } from "../../batch/list.ts";
import type { LocateFile } from "../../batch/summary/files.ts";
import type { ApiHost } from "../host.ts";
import type { ApiRequest } from "../http.ts";
import { unknownBatch } from "../checked-names.ts";

export function batchUrl({ base }: Pick<ApiRequest, "base">, batch: string): string {
  return `${base}/batches/${batch}`;
}

function locateBy(request: Pick<ApiRequest, "base">): LocateFile {
  return (batch, file) => `${batchUrl(request, batch)}/${FILE_PATHS[file]}`;
}

/** The record of a batch. Throws `BATCH_UNKNOWN`. */
export async function recordOf({ ledger }: Pick<SummaryHost, "ledger">, batch: string): Promise<Fields> {
  const fields = await readBatch(ledger, batch);
  if (!fields || isRemoved(fields)) throw unknownBatch(batch);
  return fields;
}

/** Throws `BATCH_UNKNOWN`. */
export async function summaryOf(
  host: SummaryHost,
  request: ApiRequest,
  batch: string,
): Promise<BatchSummary> {
  const record = { batch, fields: await recordOf(host, batch) };
  return publicSummary(host, request, record, { details: true });
}

/** The summary of the batch whose record is `fields`, as callers of the API see it. */
export async function publicSummary(
  host: SummaryHost,
  request: Pick<ApiRequest, "base">,
  { batch, fields }: BatchRecord,
  { details }: { readonly details: boolean },
): Promise<BatchSummary> {
  const owned = (): boolean => host.isWorkedOn(batch);
  const stored = await summarizeOwned(host.ledger, { batch, fields }, locateBy(request), owned);
  const summary = lookedAt(stored, fields, { now: host.now(), pace: host.pace(batch), details });
  const { error, failures } = summary;
  return {
    ...summary,
    ...(hasCurrentReport(fields) ? { report: { path: `${batchUrl(request, batch)}/report` } } : {}),
    ...(failures
      ? { failures: { ...failures, groups: groupsForCallers(failures.groups, host.forCallers) } }
      : {}),
    ...(summary.details ? { details: detailsForCallers(summary.details, host.forCallers) } : {}),
    error: error && { ...error, message: host.forCallers(error.message) },
  };
}

/** Inputs and job files are named by paths of the host's machine. */
function detailsForCallers(details: BatchDetails, rewrite: SummaryHost["forCallers"]): BatchDetails {
  const { input, jobFile } = details;
  const sources = input.sources.map(({ name, size }) => ({ name: rewrite(name), size }));
  return {
    ...details,
    input: { ...input, sources },
    jobFile: jobFile === null ? null : rewrite(jobFile),
  };
}

/** Every text that comes from an error is rewritten, as in the list of failed items. */
export function groupsForCallers(
  groups: readonly FailureGroup[],
  rewrite: SummaryHost["forCallers"],
): FailureGroup[] {
  return groups.map((group) => ({
    ...group,
    class: group.class === null ? null : rewrite(group.class),
    message: group.message === null ? null : rewrite(group.message),
    ...(group.at === undefined ? {} : { at: rewrite(group.at) }),
  }));
}

type SummaryHost = Pick<ApiHost, "forCallers" | "isWorkedOn" | "now" | "pace"> & {
  readonly ledger: Pick<ApiHost["ledger"], "read">;
};
