/**
 * The routes of the HTTP API. All lead to the one `api` function; a test compares them with its OpenAPI
 * description.
 */
import type { ModelName } from "./api-models.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: ModelName;
  /** Query parameters; all are optional. */
  readonly query?: readonly string[];
}

export const ROUTES: readonly Route[] = [
  { method: "GET", path: "/openapi.json" },
  { method: "GET", path: "/jobs" },
  { method: "GET", path: "/jobs/{job}" },
  { method: "POST", path: "/jobs/{job}/batches", body: "NewBatch" },
  { method: "POST", path: "/jobs/{job}/uploads", body: "NewUpload" },
  { method: "GET", path: "/batches", query: ["job", "state", "batch", "limit", "cursor"] },
  { method: "GET", path: "/batches/{batch}" },
  { method: "PATCH", path: "/batches/{batch}" },
  { method: "DELETE", path: "/batches/{batch}" },
  { method: "POST", path: "/batches/{batch}/cancel" },
  { method: "POST", path: "/batches/{batch}/pause" },
  { method: "POST", path: "/batches/{batch}/resume" },
  { method: "POST", path: "/batches/{batch}/redrive" },
  { method: "GET", path: "/batches/{batch}/result" },
  { method: "GET", path: "/batches/{batch}/outputs", query: ["after", "file", "order"] },
  { method: "GET", path: "/batches/{batch}/failed", query: ["group", "after", "limit"] },
  { method: "GET", path: "/batches/{batch}/report" },
  { method: "GET", path: "/batches/{batch}/chunks", query: ["chunk", "failed", "cursor"] },
  { method: "GET", path: "/batches/{batch}/history" },
  { method: "GET", path: "/batches/{batch}/events" },
];
