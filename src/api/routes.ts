/** The routes of the API. A test compares them with the OpenAPI description. */
import { showChunks } from "./handlers/chunks-to-pull.ts";
import { showEvents, showHistory } from "./handlers/history.ts";
import { listBatches } from "./handlers/list-batches.ts";
import { listJobs, showJob } from "./handlers/jobs.ts";
import { changeBatch, redriveBatch, removeBatch, setBatch, showBatch } from "./handlers/one-batch.ts";
import { showFile, showReport } from "./handlers/show-file.ts";
import { showOutputs } from "./handlers/show-outputs.ts";
import { signUpload } from "./handlers/sign-upload.ts";
import { submitBatch } from "./handlers/submit-batch.ts";
import type { Handler } from "./host.ts";
import { json } from "./http.ts";
import type { ApiRequest } from "./http.ts";
import { openApiDocument } from "./openapi/openapi.ts";
import { badRequest, RequestError } from "./problem.ts";

interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
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
  { method: "PATCH", path: "/batches/{batch}", handle: setBatch },
  { method: "DELETE", path: "/batches/{batch}", handle: removeBatch },
  { method: "POST", path: "/batches/{batch}/cancel", handle: changeBatch("cancel") },
  { method: "POST", path: "/batches/{batch}/pause", handle: changeBatch("pause") },
  { method: "POST", path: "/batches/{batch}/resume", handle: changeBatch("resume") },
  { method: "POST", path: "/batches/{batch}/redrive", handle: redriveBatch },
  { method: "GET", path: "/batches/{batch}/result", handle: showFile("result") },
  { method: "GET", path: "/batches/{batch}/outputs", handle: showOutputs },
  { method: "GET", path: "/batches/{batch}/failed", handle: showFile("failed") },
  { method: "GET", path: "/batches/{batch}/report", handle: showReport },
  { method: "GET", path: "/batches/{batch}/chunks", handle: showChunks },
  { method: "GET", path: "/batches/{batch}/history", handle: showHistory },
  { method: "GET", path: "/batches/{batch}/events", handle: showEvents },
];

/**
 * The handler of a request, and the names in its path. Throws a `RequestError` with status 404 or 405, and
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
  // The host leaves out the body of the answer.
  const wanted = method === "HEAD" ? "GET" : method;
  const found = here.find(({ route }) => route.method === wanted);
  if (found) return { handle: found.route.handle, names: found.names };
  if (here.length === 0) {
    throw new RequestError(
      404,
      "REQUEST_INVALID",
      "nothing exists at this path: GET /openapi.json lists all paths",
    );
  }
  const allow = here.map(({ route }) => (route.method === "GET" ? "GET, HEAD" : route.method)).join(", ");
  throw new RequestError(405, "REQUEST_INVALID", `this path allows only ${allow}`, { allow });
}

/** Throws a `RequestError`. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest("the path contains a % that does not begin a valid UTF-8 escape");
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
