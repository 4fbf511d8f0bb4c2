/** The HTTP API: one request, one answer. API Gateway and `fanjoin dev` bring requests here, and what the handlers work with. */
import type { ApiHost } from "./api/host.ts";
import type { ApiRequest, ApiResponse } from "./api/http.ts";
import { problemOf } from "./api/problem.ts";
import { routeOf } from "./api/routes.ts";

/** Never throws: whatever goes wrong is an answer, too. */
export async function api(host: ApiHost, request: ApiRequest): Promise<ApiResponse> {
  try {
    const { handle, names } = routeOf(request);
    return await handle(host, request, names);
  } catch (error) {
    return problemOf(error, (unexpected) => host.report(unexpected));
  }
}
