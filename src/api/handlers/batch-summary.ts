/** Batch summaries with URLs instead of paths. */
import type { Fields } from "../../core/records/record.ts";
import { readBatch } from "../../batch/spec.ts";
import { summarize } from "../../batch/summary.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { BatchFileName, LocateFile } from "../../batch/files.ts";
import type { ApiHost } from "../host.ts";
import type { ApiRequest } from "../http.ts";
import { unknownBatch } from "../checked-names.ts";

export function batchUrl({ base }: Pick<ApiRequest, "base">, batch: string): string {
  return `${base}/batches/${batch}`;
}

/** The last part of the URL of each file. */
export const FILE_PATHS = {
  "result.json": "result",
  "outputs.jsonl": "outputs",
  "failed.jsonl": "failed",
} as const satisfies Record<BatchFileName, string>;

export function locateBy(request: Pick<ApiRequest, "base">): LocateFile {
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
  host: Pick<ApiHost, "ledger">,
  request: ApiRequest,
  batch: string,
): Promise<BatchSummary> {
  return summarize(host.ledger, batch, await recordOf(host, batch), locateBy(request));
}
