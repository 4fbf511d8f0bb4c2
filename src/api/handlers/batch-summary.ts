/** Batch summaries with URLs instead of paths. */
import type { Fields } from "../../core/records/record.ts";
import { readBatch } from "../../batch/spec.ts";
import { summarize } from "../../batch/summary.ts";
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
  if (!fields) throw unknownBatch(batch);
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
  const summary = await summarize(host.ledger, batch, fields, locateBy(request));
  const { error } = summary;
  return error ? { ...summary, error: { ...error, message: host.forCallers(error.message) } } : summary;
}

type SummaryHost = Pick<ApiHost, "ledger" | "forCallers">;
