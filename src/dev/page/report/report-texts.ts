/** The report of a batch as text, for `fanjoin report`: of a directory, or of a stack. */
import { api } from "../../../api/handle-request.ts";
import type { ApiRequest, ApiResponse } from "../../../api/http.ts";
import { escapeEntry } from "../../../cli/display/escape.ts";
import { say } from "../../../cli/display/standard-error.ts";
import { errorText } from "../../../cli/error-text.ts";
import { FanjoinError } from "../../../core/errors/errors.ts";
import { isObject } from "../../../core/json/json.ts";
import { jsonOrNull } from "../../../core/json/shape.ts";
import { writeBeside } from "../../../local/directory/files/batch-files.ts";
import { unwritable } from "../../../local/store/store-error.ts";
import { reportJson } from "../../../page/report/report-data.ts";
import { reportHtml } from "../../../page/report/report-html.ts";
import { newToken } from "../../http/access.ts";
import { hiderOf } from "../../http/hidden-paths.ts";
import { askReport, wholeText } from "../../../page/report/ask-report.ts";
import type { ReportOptions } from "../../../page/report/ask-report.ts";
import { lookHost } from "../look-host.ts";
import { stackProxy } from "../stack-proxy.ts";
import type { ProxyOptions } from "../stack-proxy.ts";
import { directoryPlace, stackPlaceOf, startsAt } from "../place.ts";
import type { PlaceView } from "../../../page/place-view.ts";

/** Where the batch is. */
export type ReportSource = { readonly directory: string } | ProxyOptions;

export interface ReportTexts {
  /** The text of `report.html`. */
  readonly html: string;
  /** The text of `report.json`. */
  readonly json: string;
}

/** `batch`: its whole id. Throws `BATCH_NOT_READY`, `BATCH_UNKNOWN`, and as `connect` does. */
export async function reportTexts(
  source: ReportSource,
  batch: string,
  options: Omit<ReportOptions, "place">,
): Promise<ReportTexts> {
  const handle = await handlerOf(source);
  const headers = { accept: "application/json" };
  const asked = await askReport(
    (path, query = {}) =>
      handle({ method: "GET", path: `/batches/${batch}${path}`, query, headers, body: "", base: "" }),
    { ...options, place: startsAt(placeOfSource(source)) },
  );
  if ("refused" in asked) throw await refusal(asked.refused);
  return { html: reportHtml(asked.data), json: reportJson(asked.data) };
}

function placeOfSource(source: ReportSource): PlaceView {
  return "directory" in source ? directoryPlace(source.directory) : stackPlaceOf(source);
}

async function handlerOf(source: ReportSource): Promise<(request: ApiRequest) => Promise<ApiResponse>> {
  const token = newToken();
  const base = (): string => "";
  if (!("directory" in source)) return (await stackProxy(source))(token, base).handle;
  const { directory } = source;
  const host = lookHost({
    directory,
    token,
    base,
    report: (error) => say(escapeEntry(errorText(error))),
    forCallers: hiderOf(directory),
    engine: () => null,
  });
  return (request) => api(host, request);
}

/** A batch that was removed a moment ago, or a stack that did not answer. */
async function refusal(answer: ApiResponse): Promise<FanjoinError> {
  const { status } = answer;
  const problem = jsonOrNull(await wholeText(answer));
  const detail = isObject(problem) && typeof problem["detail"] === "string" ? problem["detail"] : null;
  return new FanjoinError(
    status === 404 ? "BATCH_UNKNOWN" : "ENDPOINT_UNUSABLE",
    detail ?? `the batch could not be read: status ${status}`,
  );
}

/** Writes both files beside the result of the batch. Returns the path of the page. */
export function writeReport(directory: string, batch: string, { html, json }: ReportTexts): string {
  try {
    writeBeside(directory, batch, "report.json", json);
    return writeBeside(directory, batch, "report.html", html);
  } catch (error) {
    throw unwritable(`the report of batch ${batch}`, error);
  }
}
