/** Translates events and results of API Gateway's REST proxy. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type { ApiRequest, ApiResponse } from "../../src/api/http.ts";

/** The API request that a proxy event holds. */
export function requestIn(event: APIGatewayProxyEvent, env: NodeJS.ProcessEnv = process.env): ApiRequest {
  const { httpMethod, body, isBase64Encoded, headers, queryStringParameters } = event;
  return {
    method: httpMethod,
    path: pathIn(event),
    query: present(queryStringParameters),
    repeated: repeatedIn(event.multiValueQueryStringParameters),
    headers: present(headers, (name) => name.toLowerCase()),
    body: isBase64Encoded ? Buffer.from(body ?? "", "base64") : (body ?? ""),
    base: baseOf(event, env),
  };
}

/** The proxy result for a response of the API. */
export function resultOf({ status, headers, body }: ApiResponse): APIGatewayProxyResult {
  return { statusCode: status, headers: { ...headers }, body };
}

/** Derived from the resource, because a custom domain may have a base path in front of it. */
function pathIn({ resource, pathParameters }: APIGatewayProxyEvent): string {
  return resource.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(pathParameters?.[name] ?? ""),
  );
}

/** The URL in front of the path: the host, and the stage or the base path of a custom domain. */
function baseOf({ resource, requestContext }: APIGatewayProxyEvent, env: NodeJS.ProcessEnv): string {
  const { domainName = "", stage, apiId, path } = requestContext;
  const endpoint = env["AWS_ENDPOINT_URL"];
  // Only on AWS does every API have a host name.
  if (endpoint !== undefined) return `${endpoint}/_aws/execute-api/${apiId}/${stage}`;
  const depth = resource.split("/").length - 1;
  return `https://${domainName}${path.split("/").slice(0, -depth).join("/")}`;
}

function repeatedIn(
  all: APIGatewayProxyEvent["multiValueQueryStringParameters"],
): NonNullable<ApiRequest["repeated"]> {
  const entries = Object.entries(all ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, values]) =>
      values !== undefined && values.length > 1 ? [[name, values] as const] : [],
    ),
  );
}

/** The entries that have values. API Gateway sends `null` for an empty map. */
function present(
  map: { readonly [name: string]: string | undefined } | null,
  rename = (name: string): string => name,
): { [name: string]: string } {
  const entries = Object.entries(map ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[rename(name), value] as const])),
  );
}
