/** The summary of a batch with URLs in place of paths. */
import { readBatch } from "../batch.ts";
import { summarize } from "../summary.ts";
import type { BatchSummary, Locate } from "../summary.ts";
import type { ApiHost } from "./host.ts";
import type { ApiRequest } from "./http.ts";
import { unknownBatch } from "./names.ts";

export function batchUrl({ base }: Pick<ApiRequest, "base">, batch: string): string {
  return `${base}/batches/${batch}`;
}

const NAMES = { "result.json": "result", "outputs.jsonl": "outputs", "failed.jsonl": "failed" } as const;

export function locateBy(request: Pick<ApiRequest, "base">): Locate {
  return (batch, file) => `${batchUrl(request, batch)}/${NAMES[file]}`;
}

/** Throws `BATCH_UNKNOWN`. */
export async function summaryOf(
  { ledger }: Pick<ApiHost, "ledger">,
  request: ApiRequest,
  batch: string,
): Promise<BatchSummary> {
  const fields = await readBatch(ledger, batch);
  if (!fields) throw unknownBatch(batch);
  return summarize(ledger, batch, fields, locateBy(request));
}
