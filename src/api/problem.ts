/** Errors as answers: RFC 9457 problem details with an error code, without internal details. */
import { ERROR_CODES, FanjoinError } from "../core/errors/errors.ts";
import type { ErrorCode } from "../core/errors/errors.ts";
import type { ApiHost } from "./host.ts";
import { answer, PROBLEM_TYPE } from "./http.ts";
import type { ApiResponse } from "./http.ts";

/** An error with an HTTP status and headers of its own. */
export class RequestError extends FanjoinError {
  readonly status: number;
  readonly headers: ApiResponse["headers"];

  constructor(status: number, code: ErrorCode, message: string, headers: ApiResponse["headers"] = {}) {
    super(code, message);
    this.status = status;
    this.headers = headers;
  }
}

/** The error for a malformed request. */
export function badRequest(message: string): RequestError {
  return new RequestError(400, "REQUEST_INVALID", message);
}

/** The statuses of errors that a request can cause. All other errors are internal ones. */
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

const INTERNAL_DETAIL = "unexpected error: the log has the details, and trying again may help";

/** Unexpected errors are reported to the host, and the answer does not describe them. */
export function problemOf(error: unknown, host: Pick<ApiHost, "report" | "forCallers">): ApiResponse {
  if (error instanceof RequestError)
    return problem(error.status, error.code, host.forCallers(error.message), error.headers);
  const status = error instanceof FanjoinError ? STATUS[error.code] : undefined;
  if (error instanceof FanjoinError && status !== undefined)
    return problem(status, error.code, host.forCallers(error.message));
  host.report(error);
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
