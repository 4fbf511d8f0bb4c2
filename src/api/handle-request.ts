/**
 * The HTTP API: one request, one answer. API Gateway and `fanjoin dev` bring requests here, and what the
 * handlers work with.
 */
import type { ApiHost } from "./host.ts";
import type { ApiRequest, ApiResponse } from "./http.ts";
import { problemOf } from "./problem.ts";
import { routeOf } from "./routes.ts";

/** Never throws: whatever goes wrong is an answer, too. */
export async function api(host: ApiHost, request: ApiRequest): Promise<ApiResponse> {
  try {
    const { handle, names } = routeOf(request);
    return await handle(host, request, names);
  } catch (error) {
    return problemOf(error, (unexpected) => host.report(unexpected));
  }
}
