/** Parses the API's answers, and turns refusals into errors with a readable message. */
import { FanjoinError, isErrorCode } from "../../core/errors/errors.ts";
import type { ErrorCode } from "../../core/errors/errors.ts";
import { isObject } from "../../core/json/json.ts";
import type { Json, JsonObject } from "../../core/json/json.ts";
import type { Base } from "../base.ts";
import type { HttpAnswer } from "./http.ts";

/** The API's largest document is a page of a hundred summaries with results of 64 KiB. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** The JSON object of a successful answer. Throws the error of `refusal`, and `ENDPOINT_UNUSABLE`. */
export async function documentOf(answer: HttpAnswer, base: Base): Promise<JsonObject> {
  const text = await textOf(answer, base);
  if (answer.status >= 300) throw refusal(answer, text, base);
  const document = parseObject(text);
  if (document) return document;
  throw notFanjoin(base, `it answers ${answer.status} without a JSON object`);
}

export function notFanjoin({ url }: Base, why: string): FanjoinError {
  return new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `${url.href} is not a fanjoin API: ${why}. The base URL of the API is the stack's output ApiUrl, including the stage`,
  );
}

/** The reason why a request was refused. */
export function refusal({ status, headers, explain }: HttpAnswer, text: string, base: Base): FanjoinError {
  const { code, detail, message, Message = message } = parseObject(text) ?? {};
  const kind = headers["x-amzn-errortype"]?.replace(/[:,].*$/, "") ?? "";
  const said = [detail, Message].find((value) => typeof value === "string") ?? null;
  const reason = said === null ? null : shortened(said);
  if (!NOT_ABOUT_CREDENTIALS.includes(kind)) {
    const credentials = explain(Object.assign(new Error(reason ?? kind), { name: kind }));
    if (credentials) return credentials;
  }
  if (code === "REQUEST_FORBIDDEN") return forbidden(base, reason ?? "");
  if (typeof code === "string" && reason !== null) return new FanjoinError(knownCode(code, status), reason);
  if (kind === "MissingAuthenticationTokenException") return notFanjoin(base, "it has nothing at this path");
  return refusedByGateway(status, reason, base);
}

/** The endpoint decides how long its messages are, but not how much of the terminal they fill. */
const MAX_REASON_LENGTH = 2000;

function shortened(text: string): string {
  return text.length > MAX_REASON_LENGTH ? `${text.slice(0, MAX_REASON_LENGTH)}…` : text;
}

/** Error types that API Gateway gives to unsigned requests and unknown paths. */
const NOT_ABOUT_CREDENTIALS = [
  "",
  "AccessDeniedException",
  "MissingAuthenticationTokenException",
  "ForbiddenException",
];

/** A newer API may have codes that this version does not know. */
function knownCode(code: string, status: number): ErrorCode {
  if (isErrorCode(code)) return code;
  return status < 500 ? "REQUEST_INVALID" : "INTERNAL";
}

/**
 * API Gateway's own answers:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
function refusedByGateway(status: number, reason: string | null, base: Base): FanjoinError {
  const where = base.url.href;
  const answered = `it answers ${status}${reason === null ? "" : `, ${reason}`}`;
  if (status === 401 || status === 403) return forbidden(base, reason ?? answered);
  if (status === 429) {
    return new FanjoinError(
      "TOO_MANY_REQUESTS",
      `${where} gets too many requests at the moment: try again later`,
    );
  }
  if (status < 500) return notFanjoin(base, answered);
  return new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `${where} failed: ${answered}. Try again; the function's log has the details`,
  );
}

function forbidden({ url, remedy }: Base, reason: string): FanjoinError {
  return new FanjoinError("REQUEST_FORBIDDEN", `${url.href} refuses this request (${reason}). ${remedy}`);
}

/** Throws `ENDPOINT_UNUSABLE`, also for a text that is too long for a document. */
export async function textOf({ body }: HttpAnswer, base: Base): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const block of body) {
    bytes += block.length;
    if (bytes > MAX_DOCUMENT_BYTES)
      throw notFanjoin(base, `its answer is longer than ${MAX_DOCUMENT_BYTES} bytes`);
    text += decoder.decode(block, { stream: true });
  }
  return text + decoder.decode();
}

function parseObject(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
