/** What the API answered, parsed where it enters; and what it refused, as an error with a sentence. */
import { ERROR_CODES, FanjoinError } from "../../core/errors.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { Base } from "./base-url.ts";
import { credentialsError } from "./aws-credentials.ts";
import type { HttpAnswer } from "./http-client.ts";

/** No document of the API is larger: a page of a hundred summaries, with results of 64 KiB. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** The JSON object in an answer that is not an error. Throws what `refusal` says, and `ENDPOINT_UNUSABLE`. */
export async function documentOf(answer: HttpAnswer, base: Base): Promise<JsonObject> {
  const text = await textOf(answer, base);
  if (answer.status >= 300) throw refusal(answer, text, base);
  const document = objectIn(text);
  if (document) return document;
  throw notFanjoin(base, `it answers ${answer.status} and no JSON object`);
}

export function notFanjoin({ url }: Base, why: string): FanjoinError {
  return new FanjoinError(
    "ENDPOINT_UNUSABLE",
    `what answers at ${url.href} is no fanjoin: ${why}. The base URL of the API is the stack's output ApiUrl, stage included`,
  );
}

/** Why a request was refused. */
export function refusal({ status, headers }: HttpAnswer, text: string, base: Base): FanjoinError {
  const { code, detail, message, Message = message } = objectIn(text) ?? {};
  const kind = headers["x-amzn-errortype"]?.replace(/[:,].*$/, "") ?? "";
  const said = [detail, Message].find((one) => typeof one === "string") ?? null;
  if (!OF_THE_API.includes(kind)) {
    const credentials = credentialsError(Object.assign(new Error(said ?? kind), { name: kind }));
    if (credentials) return credentials;
  }
  if (code === "REQUEST_FORBIDDEN") return forbidden(base, said ?? "");
  if (typeof code === "string" && said !== null) return new FanjoinError(knownCode(code, status), said);
  if (kind === "MissingAuthenticationTokenException") return notFanjoin(base, "it has nothing at that path");
  return refusedByGateway(status, said, base);
}

/**
 * What API Gateway calls what is no matter of credentials: of a request without a signature, and of a path
 * that it does not know.
 */
const OF_THE_API = ["", "AccessDeniedException", "MissingAuthenticationTokenException", "ForbiddenException"];

/** A newer API may have codes that are not known here. */
function knownCode(code: string, status: number): ErrorCode {
  if (code in ERROR_CODES) return code as ErrorCode;
  return status < 500 ? "REQUEST_INVALID" : "INTERNAL";
}

/**
 * API Gateway's own answers:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
function refusedByGateway(status: number, said: string | null, base: Base): FanjoinError {
  const where = base.url.href;
  if (status === 401 || status === 403) return forbidden(base, said ?? `it answers ${status}`);
  if (status === 429) {
    return new FanjoinError(
      "TOO_MANY_REQUESTS",
      `${where} takes no more requests now: try again in a moment`,
    );
  }
  if (status >= 500) {
    return new FanjoinError(
      "ENDPOINT_UNUSABLE",
      `${where} answers ${status}${said === null ? "" : `, ${said}`}: try again; the log of the function says more`,
    );
  }
  return notFanjoin(base, `it answers ${status}${said === null ? "" : `, ${said}`}`);
}

function forbidden({ url }: Base, said: string): FanjoinError {
  return new FanjoinError(
    "REQUEST_FORBIDDEN",
    `${url.href} does not let this in: allow execute-api:Invoke on the API to these AWS credentials, or set FANJOIN_API_KEY where it wants a key, or FANJOIN_TOKEN for \`fanjoin dev\`. It says: ${said}`,
  );
}

async function textOf({ body }: HttpAnswer, base: Base): Promise<string> {
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  for await (const block of body as AsyncIterable<Uint8Array>) {
    bytes += block.length;
    if (bytes > MAX_DOCUMENT_BYTES)
      throw notFanjoin(base, `its answer is longer than ${MAX_DOCUMENT_BYTES} bytes`);
    blocks.push(block);
  }
  return Buffer.concat(blocks).toString("utf8");
}

function objectIn(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
