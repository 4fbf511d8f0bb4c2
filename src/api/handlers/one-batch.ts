/** Shows, cancels, redrives and removes one batch. */
import { hasEnded } from "../../core/records/batch.ts";
import { FanjoinError, isErrorCode } from "../../core/errors/errors.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import { bodyOf, shown, textsIn } from "../request-body.ts";
import type { ApiHost } from "../host.ts";
import { json, noContent } from "../http.ts";
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

/** If the batch has ended already, it does not change, and cancelling it is not an error. */
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

export async function removeBatch(
  host: ApiHost,
  request: ApiRequest,
  [name = ""]: Names,
): Promise<ApiResponse> {
  const batch = batchIn(name);
  bodyOf(request, []);
  await recordOf(host, batch);
  await host.remove(batch);
  return noContent();
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
      `batch ${batch} has not ended yet: only an ended batch can be redriven`,
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
  const unknown = codes?.find((code) => !isErrorCode(code));
  if (unknown !== undefined) throw badRequest(`codes contains ${shown(unknown)}, which is not an error code`);
  return codes || classes ? { codes, classes } : null;
}
