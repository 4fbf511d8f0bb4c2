/** Batch summaries with URLs instead of paths. */
import type { FailureSummary } from "../../core/failures/failure-summary.ts";
import { isRemoved } from "../../core/records/removed-batch.ts";
import type { Fields } from "../../core/records/record.ts";
import { readBatch } from "../../batch/spec.ts";
import { summarizeOwned } from "../../batch/summary.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import { FILE_PATHS } from "../../batch/files.ts";
import type { LocateFile } from "../../batch/files.ts";
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
export async function recordOf({ ledger }: Pick<ApiHost, "ledger">, batch: string): Promise<Fields> {
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
  return publicSummary(host, request, batch, await recordOf(host, batch));
}

/** The summary of the batch whose record is `fields`, as callers of the API see it. */
export async function publicSummary(
  host: SummaryHost,
  request: Pick<ApiRequest, "base">,
  batch: string,
  fields: Fields,
): Promise<BatchSummary> {
  const owned = (): boolean => host.isWorkedOn(batch);
  const summary = await summarizeOwned(host.ledger, { batch, fields }, locateBy(request), owned);
  const { error, failures } = summary;
  return {
    ...summary,
    ...(failures ? { failures: forCallers(failures, host.forCallers) } : {}),
    error: error && { ...error, message: host.forCallers(error.message) },
  };
}

/** Every text that comes from an error is rewritten, as in the list of failed items. */
function forCallers({ groups, others }: FailureSummary, rewrite: SummaryHost["forCallers"]): FailureSummary {
  return {
    groups: groups.map((group) => ({
      ...group,
      class: group.class === null ? null : rewrite(group.class),
      message: group.message === null ? null : rewrite(group.message),
      ...(group.at === undefined ? {} : { at: rewrite(group.at) }),
    })),
    others,
  };
}

type SummaryHost = Pick<ApiHost, "ledger" | "forCallers" | "isWorkedOn">;
