/** Requests as API Gateway's REST proxy brings them, and answers as it wants them. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type { ApiRequest, ApiResponse } from "../../src/api/http.ts";

type Environment = { readonly [name: string]: string | undefined };

export function requestIn(event: APIGatewayProxyEvent, env: Environment = process.env): ApiRequest {
  const { httpMethod, body, isBase64Encoded, headers, queryStringParameters } = event;
  return {
    method: httpMethod,
    path: pathIn(event),
    query: present(queryStringParameters),
    headers: present(headers, (name) => name.toLowerCase()),
    body: isBase64Encoded ? Buffer.from(body ?? "", "base64").toString("utf8") : (body ?? ""),
    base: baseOf(event, env),
  };
}

export function resultOf({ status, headers, body }: ApiResponse): APIGatewayProxyResult {
  return { statusCode: status, headers: { ...headers }, body };
}

/** By the resource, because a domain of the user's own may have a path in front of it. */
function pathIn({ resource, pathParameters }: APIGatewayProxyEvent): string {
  return resource.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(pathParameters?.[name] ?? ""),
  );
}

/** What comes before that: the host, and the stage or the path of the user's own domain. */
function baseOf({ resource, requestContext }: APIGatewayProxyEvent, env: Environment): string {
  const { domainName = "", stage, apiId, path } = requestContext;
  const endpoint = env["AWS_ENDPOINT_URL"];
  // Only AWS has a host name for every API.
  if (endpoint !== undefined) return `${endpoint}/_aws/execute-api/${apiId}/${stage}`;
  const below = resource.split("/").length - 1;
  return `https://${domainName}${path.split("/").slice(0, -below).join("/")}`;
}

/** API Gateway sends `null` where there are none. */
function present(
  given: { readonly [name: string]: string | undefined } | null,
  rename = (name: string): string => name,
): { [name: string]: string } {
  const entries = Object.entries(given ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[rename(name), value] as const])),
  );
}
