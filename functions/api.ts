/** The function `api`: API Gateway → the HTTP API. */
import middy from "@middy/core";
import httpSecurityHeaders from "@middy/http-security-headers";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { api } from "../src/steps/api.ts";
import { requestIn, resultOf } from "./api-event.ts";
import { apiHost } from "./api-host.ts";
import { awsRuntime } from "./runtime.ts";

const host = apiHost(awsRuntime(), (error) => console.error(error));

export const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
  .use(httpSecurityHeaders())
  .handler(async (event) => resultOf(await api(host, requestIn(event))));
