/** Operations of the API as `curl` lines, made from its OpenAPI document. Pure. */
import { isObject } from "../../core/json/json.ts";
import type { Json } from "../../core/json/json.ts";
import type { PlaceView } from "../place-view.ts";

export interface ApiOperation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly hasBody: boolean;
}

const METHODS = ["get", "post", "patch", "put", "delete"] as const;

/** Those that start, list and change batches: first those of the job itself. */
export function operationsOf(document: Json, job: string): readonly ApiOperation[] {
  const paths = isObject(document) ? document["paths"] : null;
  if (!isObject(paths)) return [];
  const all = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = isObject(item) ? item[method] : undefined;
      return isObject(operation) ? [operationOf(path, method, operation, job)] : [];
    }),
  );
  return all
    .filter(({ path }) => path.startsWith("/jobs/") || path.startsWith("/batches"))
    .toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** Those that are wanted most come first. */
export const FIRST = 4;

function rankOf({ method, path }: ApiOperation): number {
  if (method === "POST" && /^\/jobs\/[^/]+\/batches$/.test(path)) return 0;
  if (path.startsWith("/batches?")) return 1;
  if (path.endsWith("/uploads")) return 2;
  return path.endsWith("/redrive") ? 3 : FIRST;
}

function operationOf(
  path: string,
  method: string,
  operation: { readonly [name: string]: Json },
  job: string,
): ApiOperation {
  const { summary, requestBody } = operation;
  const named =
    path === "/batches"
      ? `/batches?job=${encodeURIComponent(job)}`
      : path.replace("{job}", encodeURIComponent(job));
  return {
    method: method.toUpperCase(),
    path: named,
    summary: typeof summary === "string" ? summary : "",
    hasBody: requestBody !== undefined,
  };
}

export interface CurlContext {
  readonly base: string;
  readonly place: PlaceView | null;
  readonly body: Json;
}

/** A line that a shell runs as it is. On a stack `curl` signs it. */
export function curlOf({ method, path, hasBody }: ApiOperation, { base, place, body }: CurlContext): string {
  const who =
    place?.kind === "stack"
      ? [
          '--aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
          '-H "x-amz-security-token: $AWS_SESSION_TOKEN"',
        ]
      : ['-H "authorization: Bearer $FANJOIN_TOKEN"'];
  const sends =
    hasBody && body !== null
      ? ['-H "content-type: application/json"', `-d ${quoted(JSON.stringify(body))}`]
      : [];
  const verb = method === "GET" || (method === "POST" && sends.length > 0) ? [] : [`-X ${method}`];
  const address = `${place?.kind === "stack" ? "$API" : base}${path.replace("{batch}", "$BATCH")}`;
  return ["curl", ...[...who, ...verb, ...sends].map((part) => `${part} \\\n    `), `"${address}"`]
    .join(" ")
    .replaceAll("\n     ", "\n    ");
}

/** For a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
