/**
 * Web pages that may call the API: CORS.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
 */
import { Duration } from "aws-cdk-lib";
import type { IResource } from "aws-cdk-lib/aws-apigateway";
import {
  checkedOrigin,
  CORS_EXPOSED,
  CORS_HEADERS,
  CORS_MAX_AGE_SECONDS,
} from "../../src/core/stack/web-origins.ts";
import { suppress } from "../resources/nag-suppressions.ts";

export interface WebOriginProps {
  /**
   * Origins of web pages that may call the API, and use signed URLs, with the client of a browser
   * (`fanjoin/client`), such as `https://app.example`. None by default. A page still needs a key, or a server
   * of yours that adds it: never ship the key of a stack to people who may not do everything with the stack.
   */
  readonly apiOrigins?: readonly string[] | undefined;
}

/** Each once. Throws `JOB_INVALID` for one that is not an origin. */
export function apiOriginsOf({ apiOrigins = [] }: WebOriginProps): readonly string[] {
  return [...new Set(apiOrigins.map((origin) => checkedOrigin(origin, "apiOrigins", "JOB_INVALID")))];
}

/** Answers preflights. They need no credentials, do nothing and reach no function. */
export function answerPreflights(resources: ReadonlySet<IResource>, origins: readonly string[]): void {
  if (origins.length === 0) return;
  for (const resource of resources) {
    const preflight = resource.addCorsPreflight({
      allowOrigins: [...origins],
      allowMethods: ["GET", "POST", "PATCH", "DELETE"],
      allowHeaders: [...CORS_HEADERS],
      maxAge: Duration.seconds(CORS_MAX_AGE_SECONDS),
    });
    suppress(preflight, PREFLIGHT, "APIG4", "COG4");
  }
}

const PREFLIGHT = "A browser sends no credentials with a preflight, and the answer holds nothing.";

/**
 * Headers of API Gateway's own responses, by which a page can read why a request was refused. Their templates
 * are not processed, so they cannot pick one of several origins: then every page may read these documents,
 * which are constant and say nothing about the stack.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.gatewayResponse.html
 */
export function refusalHeaders(origins: readonly string[]): { readonly [name: string]: string } {
  const [only, other] = origins;
  if (only === undefined) return {};
  return {
    "Access-Control-Allow-Origin": other === undefined ? `'${only}'` : "'*'",
    "Access-Control-Expose-Headers": `'${CORS_EXPOSED.join(",")}'`,
    ...(other === undefined ? { Vary: "'Origin'" } : {}),
  };
}
