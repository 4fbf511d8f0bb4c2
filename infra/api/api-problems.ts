/**
 * Responses that API Gateway sends itself, in the form of the API's other errors: problem documents of RFC
 * 9457.
 */
import { ResponseType } from "aws-cdk-lib/aws-apigateway";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { ERROR_CODES } from "../../src/core/errors/errors.ts";
import type { ErrorCode } from "../../src/core/errors/errors.ts";
import { refusalHeaders } from "./web-origins.ts";

interface Problem {
  readonly type: ResponseType;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
}

const SEE = "GET /openapi.json says what each request takes.";

/**
 * The details cannot quote what API Gateway found in a body: its templates insert text unescaped, so the
 * first quote would break the JSON.
 */
const PROBLEMS: readonly Problem[] = [
  {
    type: ResponseType.BAD_REQUEST_BODY,
    status: 400,
    code: "REQUEST_INVALID",
    detail: `The body is not JSON, or not of the form that this request takes. ${SEE}`,
  },
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 403,
    code: "REQUEST_FORBIDDEN",
    detail: `The request is not signed, or there is no such route. ${SEE}`,
  },
  {
    type: ResponseType.INVALID_SIGNATURE,
    status: 403,
    code: "REQUEST_FORBIDDEN",
    detail:
      "The request's signature is not right: its secret key, region (of the service execute-api) or time is another one.",
  },
  {
    type: ResponseType.EXPIRED_TOKEN,
    status: 403,
    code: "REQUEST_FORBIDDEN",
    detail: "The credentials that the request was signed with have expired.",
  },
  {
    type: ResponseType.ACCESS_DENIED,
    status: 403,
    code: "REQUEST_FORBIDDEN",
    detail: "Whoever signed the request is not allowed to send it: that is execute-api:Invoke on this API.",
  },
  {
    type: ResponseType.INVALID_API_KEY,
    status: 403,
    code: "REQUEST_FORBIDDEN",
    detail: "The header x-api-key does not hold a key of this API.",
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    code: "REQUEST_TOO_LARGE",
    detail: "The body is over 10 MB: upload the items as a file, POST /jobs/{job}/uploads.",
  },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    code: "TOO_MANY_REQUESTS",
    detail: "More requests than this API takes (requestsPerSecond) came at once.",
  },
  {
    type: ResponseType.QUOTA_EXCEEDED,
    status: 429,
    code: "TOO_MANY_REQUESTS",
    detail: "The quota of this API key is used up.",
  },
  {
    type: ResponseType.DEFAULT_4XX,
    status: 400,
    code: "REQUEST_INVALID",
    detail: `API Gateway refused the request. ${SEE}`,
  },
  {
    type: ResponseType.DEFAULT_5XX,
    status: 500,
    code: "INTERNAL",
    detail:
      "The request was not answered in time, or not at all: try again. The logs of the API and its function say more.",
  },
];

/** Makes API Gateway answer with problem documents, which pages of these origins can read. */
export function addProblemResponses(api: RestApi, origins: readonly string[]): void {
  for (const { type, status, code, detail } of PROBLEMS) {
    const document = { type: "about:blank", title: ERROR_CODES[code].means, status, detail, code };
    api.addGatewayResponse(type.responseType, {
      type,
      statusCode: String(status),
      responseHeaders: { "Content-Type": "'application/problem+json'", ...refusalHeaders(origins) },
      templates: { "application/json": JSON.stringify(document) },
    });
  }
}
