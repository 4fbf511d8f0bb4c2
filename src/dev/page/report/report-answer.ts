/** The report of a batch that has ended, over HTTP: one page that can be kept. */
import { HTML_TYPE, answer } from "../../../api/http.ts";
import type { ApiRequest, ApiResponse } from "../../../api/http.ts";
import { askReport } from "../../../page/report/ask-report.ts";
import type { ReportOptions } from "../../../page/report/ask-report.ts";

type Meta = Omit<ApiRequest, "body">;
type Handle = (request: ApiRequest) => Promise<ApiResponse>;

const REPORT = /^\/batches\/([^/]+)\/report$/;

/** `null`: the request is not for a report. Throws `BATCH_NOT_READY` before the end of the batch. */
export async function reportAnswer(
  handle: Handle,
  meta: Meta,
  { now, place }: Pick<ReportOptions, "now" | "place">,
): Promise<ApiResponse | null> {
  const [, batch] = REPORT.exec(meta.path) ?? [];
  if (batch === undefined || (meta.method !== "GET" && meta.method !== "HEAD")) return null;
  const headers = { ...meta.headers, accept: "application/json" };
  const asked = await askReport(
    (path, query = {}) =>
      handle({ ...meta, method: "GET", path: `/batches/${batch}${path}`, query, headers, body: "" }),
    { now, raw: true, place },
  );
  if ("refused" in asked) return asked.refused;
  // Loaded here: no other request needs it.
  const { reportHtml } = await import("../../../page/report/report-html.ts");
  return answer(200, HTML_TYPE, reportHtml(asked.data));
}
