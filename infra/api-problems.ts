/** What API Gateway answers on its own, in the shape of the API's other errors: problem documents of RFC 9457. */
import { ResponseType } from "aws-cdk-lib/aws-apigateway";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";

interface Problem {
  readonly type: ResponseType;
  readonly code: string;
  /** Left out: what API Gateway says. Its templates can name variables and do nothing to them, so what it found in a body cannot be quoted. */
  readonly detail?: string;
}

const SEE = "GET /openapi.json says what each request takes.";

const PROBLEMS: readonly Problem[] = [
  {
    type: ResponseType.BAD_REQUEST_BODY,
    code: "REQUEST_INVALID",
    detail: `The body is not JSON, or not of the form that this request takes. ${SEE}`,
  },
  { type: ResponseType.BAD_REQUEST_PARAMETERS, code: "REQUEST_INVALID" },
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    code: "REQUEST_FORBIDDEN",
    detail: `The request is not signed, or there is no such route. ${SEE}`,
  },
  { type: ResponseType.ACCESS_DENIED, code: "REQUEST_FORBIDDEN" },
  {
    type: ResponseType.INVALID_API_KEY,
    code: "REQUEST_FORBIDDEN",
    detail: "The header x-api-key holds no key of this API.",
  },
  { type: ResponseType.THROTTLED, code: "TOO_MANY_REQUESTS" },
  { type: ResponseType.QUOTA_EXCEEDED, code: "TOO_MANY_REQUESTS" },
  { type: ResponseType.REQUEST_TOO_LARGE, code: "REQUEST_TOO_LARGE" },
  { type: ResponseType.DEFAULT_4XX, code: "REQUEST_REFUSED" },
  { type: ResponseType.DEFAULT_5XX, code: "UNAVAILABLE" },
];

export function answerWithProblems(api: RestApi): void {
  for (const { type, code, detail } of PROBLEMS) {
    api.addGatewayResponse(type.responseType, {
      type,
      responseHeaders: { "Content-Type": "'application/problem+json'" },
      templates: { "application/json": document(code, detail) },
    });
  }
}

function document(code: string, detail: string | undefined): string {
  const said = detail === undefined ? "$context.error.messageString" : JSON.stringify(detail);
  return `{"type":"about:blank","title":"$context.error.responseType","code":"${code}","detail":${said}}`;
}
