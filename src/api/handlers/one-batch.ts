/** One batch: to look at, to cancel, to redrive. */
import { hasEnded } from "../../core/records/batch.ts";
import { ERROR_CODES, FanjoinError } from "../../core/errors.ts";
import type { RedriveFilter } from "../../core/redrive-filter.ts";
import { bodyOf, shown, textsIn } from "../request-body.ts";
import type { ApiHost } from "../host.ts";
import { json } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { batchIn } from "../checked-names.ts";
import { badRequest } from "../problem.ts";
import { batchUrl, recordOf, summaryOf } from "./batch-summary.ts";

type Names = readonly string[];

export async function showBatch(
  host: ApiHost,
  request: ApiRequest,
  [name = ""]: Names,
): Promise<ApiResponse> {
  return json(200, await summaryOf(host, request, batchIn(name)));
}

/** A batch that has ended stays what it is, and is shown: who cancels wants it to be over. */
export async function cancelBatch(
  host: ApiHost,
  request: ApiRequest,
  [name = ""]: Names,
): Promise<ApiResponse> {
  const batch = batchIn(name);
  bodyOf(request, []);
  const fields = await recordOf(host, batch);
  if (!hasEnded(fields)) await host.cancel(batch);
  const summary = await summaryOf(host, request, batch);
  return json(hasEnded(fields) ? 200 : 202, summary, { location: batchUrl(request, batch) });
}

export async function redriveBatch(
  host: ApiHost,
  request: ApiRequest,
  [name = ""]: Names,
): Promise<ApiResponse> {
  const batch = batchIn(name);
  const filter = filterIn(request);
  const fields = await recordOf(host, batch);
  if (!hasEnded(fields)) {
    throw new FanjoinError(
      "BATCH_NOT_READY",
      `batch ${batch} has not ended: only one that has can be redriven`,
    );
  }
  const begun = await host.redrive(batch, filter);
  const summary = await summaryOf(host, request, batch);
  return json(begun ? 202 : 200, summary, { location: batchUrl(request, batch) });
}

function filterIn(request: ApiRequest): RedriveFilter | null {
  const body = bodyOf(request, ["codes", "classes"]);
  const codes = textsIn(body, "codes");
  const classes = textsIn(body, "classes");
  const unknown = codes?.find((code) => !(code in ERROR_CODES));
  if (unknown !== undefined) throw badRequest(`codes: there is no error code ${shown(unknown)}`);
  return codes || classes ? { codes, classes } : null;
}
