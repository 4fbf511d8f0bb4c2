/** Errors as answers: RFC 9457 problem details, with our error code and nothing of the inside. */
import { ERROR_CODES, FanjoinError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";
import { answer, PROBLEM_TYPE } from "./http.ts";
import type { ApiResponse } from "./http.ts";

/** Where the code of an error does not say all: which status, and what has to be sent beside. */
export class RequestError extends FanjoinError {
  readonly status: number;
  readonly headers: ApiResponse["headers"];

  constructor(status: number, code: ErrorCode, message: string, headers: ApiResponse["headers"] = {}) {
    super(code, message);
    this.status = status;
    this.headers = headers;
  }
}

/** A request that is not one that the API takes. */
export function badRequest(message: string): RequestError {
  return new RequestError(400, "REQUEST_INVALID", message);
}

/** What a request may come to. Others are nothing that its sender did. */
const STATUS: { readonly [Code in ErrorCode]?: number } = {
  REQUEST_INVALID: 400,
  JOB_INVALID: 400,
  INPUT_INVALID: 400,
  INPUT_NOT_FOUND: 400,
  INPUT_FORBIDDEN: 403,
  REQUEST_FORBIDDEN: 403,
  BATCH_UNKNOWN: 404,
  JOB_UNKNOWN: 404,
  RESULT_UNKNOWN: 404,
  BATCH_CONFLICT: 409,
  BATCH_NOT_READY: 409,
  INPUT_CHANGED: 409,
  REDRIVE_FAILED: 409,
  REQUEST_TOO_LARGE: 413,
};

const INTERNAL_DETAIL = "something unexpected happened: it is in the log, and trying again may help";

/** Errors that nobody expected are told by `report` and by nothing else. */
export function problemOf(error: unknown, report: (error: unknown) => void): ApiResponse {
  if (error instanceof RequestError) return problem(error.status, error.code, error.message, error.headers);
  const status = error instanceof FanjoinError ? STATUS[error.code] : undefined;
  if (error instanceof FanjoinError && status !== undefined)
    return problem(status, error.code, error.message);
  report(error);
  return problem(500, "INTERNAL", INTERNAL_DETAIL);
}

export function problem(
  status: number,
  code: ErrorCode,
  detail: string,
  headers: ApiResponse["headers"] = {},
): ApiResponse {
  const body = { type: "about:blank", title: ERROR_CODES[code].means, status, detail, code };
  return answer(status, PROBLEM_TYPE, `${JSON.stringify(body)}\n`, headers);
}
