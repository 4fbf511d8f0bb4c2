/** The HTTP API: turns one request into one answer, for API Gateway and for `fanjoin dev`. */
import type { ApiHost } from "./host.ts";
import type { ApiRequest, ApiResponse } from "./http.ts";
import { problemOf } from "./problem.ts";
import { routeOf } from "./routes.ts";

/** Never throws: errors become answers. */
export async function api(host: ApiHost, request: ApiRequest): Promise<ApiResponse> {
  try {
    const { handle, names } = routeOf(request);
    return await handle(host, request, names);
  } catch (error) {
    return problemOf(error, host);
  }
}
