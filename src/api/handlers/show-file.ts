/** The files of an ended batch: result, outputs, failed items. Small files are in the answer itself. */
import { hasEnded, stateOf } from "../../core/records/batch/batch.ts";
import type { Failure } from "../../core/records/batch/batch.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { hasCurrentReport, reportName } from "../../core/records/batch/report.ts";
import type { Fields } from "../../core/records/record.ts";
import { filesOf, isOutputFileName, noOutputFile, outputsFolderOf } from "../../batch/summary/files.ts";
import type { ApiHost, FileField, Handler } from "../host.ts";
import { HTML_TYPE, JSON_LINES_TYPE, JSON_TYPE, URL_LIST_TYPE, answer, seeOther } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { batchIn } from "../checked-names.ts";
import { recordOf } from "./batch-summary.ts";
import { failedPage, failedPageSoFar, isPaged } from "./failed-page.ts";

interface FileFormat {
  readonly type: string;
  readonly ending: string;
  /** A larger file has a signed URL. */
  readonly inlineBytes: number;
}

/** A Lambda answer has at most 6 MB, and contains the body as an escaped string. */
const INLINE_BYTES = 1024 * 1024;

export const FILE_FORMATS = {
  result: { type: JSON_TYPE, ending: "json", inlineBytes: 64 * 1024 },
  outputs: { type: JSON_LINES_TYPE, ending: "jsonl", inlineBytes: INLINE_BYTES },
  failed: { type: JSON_LINES_TYPE, ending: "jsonl", inlineBytes: INLINE_BYTES },
} as const satisfies Record<FileField, FileFormat>;

/** A handler for one of the files. */
export function showFile(file: FileField): Handler {
  return async (host, request, [named = ""]) => {
    const batch = batchIn(named);
    const fields = await recordOf(host, batch);
    const isPage = file === "failed" && isPaged(request);
    if (isPage && !hasEnded(fields)) return failedPageSoFar(host, request, batch, fields);
    if (!hasEnded(fields)) throw notReady(batch, fields);
    if (isPage) return failedPage(host, request, batch, fields);
    const { type, ending, inlineBytes } = FILE_FORMATS[file];
    const found = filesOf(fields)?.[file] ?? null;
    if (!found && file === "failed") return answer(200, type, "");
    if (!found) throw notFound(batch, file, fields);
    const name = host.fileName(batch, file, found.name);
    const whole = { name, bytes: found.bytes, type, saveAs: `${batch}-${file}.${ending}` };
    return fileAnswer(host, request, whole, found.bytes <= inlineBytes);
  };
}

/** The report that a stack has made by itself. Other hosts draw it when they are asked. */
export const showReport: Handler = async (host, request, [named = ""]) => {
  const batch = batchIn(named);
  const fields = await recordOf(host, batch);
  if (!hasEnded(fields)) throw notReady(batch, fields);
  const name = reportName(batch, "html");
  const stat = hasCurrentReport(fields) ? await host.store.stat(name) : null;
  if (stat === null) throw noReport(batch);
  const page = { name, bytes: stat.bytes, type: HTML_TYPE, saveAs: `${batch}-report.html` };
  return fileAnswer(host, request, page, stat.bytes <= INLINE_BYTES);
};

interface WholeFile {
  /** The store's name. */
  readonly name: string;
  readonly bytes: number;
  readonly type: string;
  readonly saveAs: string;
}

/** The file itself, or a signed URL of it. */
async function fileAnswer(
  host: ApiHost,
  { headers }: ApiRequest,
  { name, bytes, type, saveAs }: WholeFile,
  isInline: boolean,
): Promise<ApiResponse> {
  if (isInline) return answer(200, type, await textOf(host, name, bytes));
  const url = await host.signedGet(name, { type, saveAs });
  return acceptsUrl(headers) ? answer(200, URL_LIST_TYPE, `${url}\r\n`) : seeOther(url);
}

/** Others than JSON lines are never in the answer itself. */
const TYPES: readonly (readonly [ending: string, type: string])[] = [
  [".jsonl", JSON_LINES_TYPE],
  [".csv", "text/csv; charset=utf-8"],
  ["", "application/gzip"],
];

/** A file of outputs by key, of a batch that has ended. */
export async function showOutputFile(
  host: ApiHost,
  request: ApiRequest,
  batch: string,
  file: string,
): Promise<ApiResponse> {
  const fields = await recordOf(host, batch);
  if (!hasEnded(fields)) throw notReady(batch, fields);
  const outputs = filesOf(fields)?.outputs;
  if (!outputs?.files || !isOutputFileName(file)) throw noOutputFile(batch, file);
  const name = `${outputsFolderOf(host.fileName(batch, "outputs", outputs.name))}/${file}`;
  const stat = await host.store.stat(name);
  if (stat === null) throw noOutputFile(batch, file);
  const [, type = ""] = TYPES.find(([ending]) => file.endsWith(ending)) ?? [];
  const isInline = type === JSON_LINES_TYPE && stat.bytes <= INLINE_BYTES;
  return fileAnswer(host, request, { name, bytes: stat.bytes, type, saveAs: file }, isInline);
}

/**
 * Browsers do not show where a redirect leads. If they followed it, they would send the API key along, and
 * name no origin.
 */
function acceptsUrl({ accept = "" }: ApiRequest["headers"]): boolean {
  return accept.split(",").some((type) => type.trim().toLowerCase() === URL_LIST_TYPE);
}

async function textOf({ store }: ApiHost, name: string, bytes: number): Promise<string> {
  return Buffer.concat(await Array.fromAsync(store.read(name, 0, bytes))).toString("utf8");
}

function notReady(batch: string, fields: Fields): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended yet (state: ${stateOf(fields)}): try again later`,
  );
}

function noReport(batch: string): FanjoinError {
  return new FanjoinError(
    "RESULT_UNKNOWN",
    `batch ${batch} has no report here: a batch of ten seconds or more has one soon after its end. fanjoin report makes one of any batch that has ended`,
  );
}

function notFound(batch: string, file: FileField, fields: Fields): FanjoinError {
  const error = (fields["error"] ?? null) as Failure | null;
  const missing = file === "result" ? "its job has no join" : "its job does not collect";
  const why = error ? error.message : missing;
  return new FanjoinError(
    "RESULT_UNKNOWN",
    `batch ${batch} has no ${file}. It ended in the state ${stateOf(fields)}: ${why}`,
  );
}
