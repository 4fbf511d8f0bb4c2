/**
 * Answers the HTTP API: submits, lists, shows, cancels and redrives batches; gives out results and upload
 * URLs.
 */
import httpSecurityHeaders from "@middy/http-security-headers";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { api } from "../src/api/handle-request.ts";
import { corsHeaders } from "../src/core/stack/web-origins.ts";
import { requestIn, resultOf } from "./events/api-event.ts";
import { apiHost } from "./host/api-host.ts";
import { lambda } from "./host/middleware.ts";
import type { Handle, Host } from "./host/middleware.ts";

export function apiHandler(host: Host): Handle<APIGatewayProxyEvent, APIGatewayProxyResult> {
  const context = apiHost(host);
  const { apiOrigins } = host.environment;
  return async (event) => {
    const request = requestIn(event);
    const { headers, ...rest } = await api(context, request);
    const cors = corsHeaders(apiOrigins, request.headers["origin"]);
    return resultOf({ ...rest, headers: { ...headers, ...cors } });
  };
}

export const handler = lambda("api", apiHandler, () => [httpSecurityHeaders()]);
