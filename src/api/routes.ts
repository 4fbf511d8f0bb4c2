/** Which request is whose: one table, which the OpenAPI description is held to by a test. */
import { cancelBatch, redriveBatch, showBatch } from "./handlers/one-batch.ts";
import { showFile } from "./handlers/show-file.ts";
import type { Handler } from "./host.ts";
import { json } from "./http.ts";
import type { ApiRequest } from "./http.ts";
import { listJobs, showJob } from "./handlers/jobs.ts";
import { listBatches } from "./handlers/list-batches.ts";
import { openApiDocument } from "./openapi/openapi.ts";
import { badRequest, RequestError } from "./problem.ts";
import { submitBatch } from "./handlers/submit-batch.ts";
import { signUpload } from "./handlers/sign-upload.ts";

interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly handle: Handler;
}

export const ROUTES: readonly Route[] = [
  { method: "GET", path: "/openapi.json", handle: async (_, { base }) => json(200, openApiDocument(base)) },
  { method: "GET", path: "/jobs", handle: listJobs },
  { method: "GET", path: "/jobs/{job}", handle: showJob },
  { method: "POST", path: "/jobs/{job}/batches", handle: submitBatch },
  { method: "POST", path: "/jobs/{job}/uploads", handle: signUpload },
  { method: "GET", path: "/batches", handle: listBatches },
  { method: "GET", path: "/batches/{batch}", handle: showBatch },
  { method: "POST", path: "/batches/{batch}/cancel", handle: cancelBatch },
  { method: "POST", path: "/batches/{batch}/redrive", handle: redriveBatch },
  { method: "GET", path: "/batches/{batch}/result", handle: showFile("result") },
  { method: "GET", path: "/batches/{batch}/outputs", handle: showFile("outputs") },
  { method: "GET", path: "/batches/{batch}/failed", handle: showFile("failed") },
];

/**
 * The handler of a request, with the names in its path. Throws a `RequestError` of 404 or 405, and
 * `REQUEST_INVALID`.
 */
export function routeOf({ method, path }: Pick<ApiRequest, "method" | "path">): {
  readonly handle: Handler;
  readonly names: readonly string[];
} {
  const parts = path.split("/").map(decoded);
  const here = ROUTES.flatMap((route) => {
    const names = namesIn(route, parts);
    return names === null ? [] : [{ route, names }];
  });
  const found = here.find(({ route }) => route.method === method);
  if (found) return { handle: found.route.handle, names: found.names };
  if (here.length === 0) {
    throw new RequestError(
      404,
      "REQUEST_INVALID",
      "there is nothing at this path: GET /openapi.json says what there is",
    );
  }
  const allow = here.map(({ route }) => route.method).join(", ");
  throw new RequestError(405, "REQUEST_INVALID", `this path takes ${allow} only`, { allow });
}

/** Throws a `RequestError`. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest("the path has a % that is not followed by two digits of UTF-8");
  }
}

function namesIn({ path }: Route, parts: readonly string[]): readonly string[] | null {
  const names: string[] = [];
  const wanted = path.split("/");
  if (wanted.length !== parts.length) return null;
  for (const [place, want] of wanted.entries()) {
    const part = parts[place] ?? "";
    if (want.startsWith("{")) names.push(part);
    else if (want !== part) return null;
  }
  return names;
}
