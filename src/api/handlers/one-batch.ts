/** Shows, cancels, redrives and removes one batch. */
import { hasEnded } from "../../core/records/batch/batch.ts";
import { FanjoinError, isErrorCode } from "../../core/errors/errors.ts";
import type { JsonObject } from "../../core/json/json.ts";
import { SETTING_NAMES } from "../../core/records/batch/settings.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import type { Fields } from "../../core/records/record.ts";
import { filesOf } from "../../batch/summary/files.ts";
import { redriveForecast } from "../../batch/steering/redrive-forecast.ts";
import { checkSettings } from "../../batch/steering/settings.ts";
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

/**
 * Cancels, pauses or resumes a batch. One that has ended, or to which this does not apply any more, does not
 * change; to ask for it is not an error.
 */
export function changeBatch(change: "cancel" | "pause" | "resume") {
  return async (host: ApiHost, request: ApiRequest, [name = ""]: Names): Promise<ApiResponse> => {
    const batch = batchIn(name);
    bodyOf(request, []);
    const fields = await recordOf(host, batch);
    const isChanged = !hasEnded(fields) && (await host[change](batch));
    const isAccepted = isChanged || (change === "cancel" && !hasEnded(fields));
    const summary = await summaryOf(host, request, batch);
    return json(isAccepted ? 202 : 200, summary, { location: batchUrl(request, batch) });
  };
}

/** Changes settings of a batch that runs. */
export async function setBatch(host: ApiHost, request: ApiRequest, [name = ""]: Names): Promise<ApiResponse> {
  const batch = batchIn(name);
  const settings = settingsIn(bodyOf(request, SETTING_NAMES));
  checkSettings(settings, host.refusedSettings);
  await recordOf(host, batch);
  await host.set(batch, settings);
  return json(200, await summaryOf(host, request, batch), { location: batchUrl(request, batch) });
}

function settingsIn(body: JsonObject): Settings {
  const given = SETTING_NAMES.filter((name) => body[name] !== undefined);
  return Object.fromEntries(
    given.map((name) => {
      const value = body[name];
      if (typeof value === "number") return [name, value];
      throw badRequest(`${name} must be a number, but is ${shown(value)}`);
    }),
  );
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
  const { filter, isDry } = wantedIn(request);
  const fields = await recordOf(host, batch);
  if (!hasEnded(fields)) {
    throw new FanjoinError(
      "BATCH_NOT_READY",
      `batch ${batch} has not ended yet: only an ended batch can be redriven`,
    );
  }
  checkGroups(fields, filter);
  if (isDry) return json(200, redriveForecast(await summaryOf(host, request, batch), filter));
  const begun = await host.redrive(batch, filter);
  const summary = await summaryOf(host, request, batch);
  return json(begun ? 202 : 200, summary, { location: batchUrl(request, batch) });
}

/** Throws `REQUEST_INVALID`. */
function wantedIn(request: ApiRequest): { readonly filter: RedriveFilter | null; readonly isDry: boolean } {
  const body = bodyOf(request, ["codes", "classes", "groups", "dry"]);
  const [codes, classes, groups] = [
    textsIn(body, "codes"),
    textsIn(body, "classes"),
    textsIn(body, "groups"),
  ];
  const { dry = false } = body;
  const unknown = codes?.find((code) => !isErrorCode(code));
  if (unknown !== undefined) throw badRequest(`codes contains ${shown(unknown)}, which is not an error code`);
  if (typeof dry !== "boolean") throw badRequest(`dry must be true or false, but is ${shown(dry)}`);
  const filter = { codes, classes, ...(groups ? { groups } : {}) };
  return { filter: codes || classes || groups ? filter : null, isDry: dry };
}

/** A group that is not there would select nothing. Throws `REQUEST_INVALID`. */
function checkGroups(fields: Fields, filter: RedriveFilter | null): void {
  const there = filesOf(fields)?.failed?.failures?.groups.flatMap(({ id }) => id ?? []) ?? [];
  const unknown = filter?.groups?.find((id) => !there.includes(id));
  if (unknown !== undefined)
    throw badRequest(
      `groups contains ${shown(unknown)}, which is not a group of this batch: its failures list their ids`,
    );
}
