/** The OpenAPI 3.1 description of the API. A test holds the routes and their answers to it. */
import type { Json } from "../../core/json.ts";
import type { JsonSchema } from "../../job/describe-job.ts";
import { JSON_LINES_TYPE, JSON_TYPE, PROBLEM_TYPE } from "../http.ts";
import { DEFAULT_LIMIT, MAX_LIMIT, STATES } from "../handlers/list-batches.ts";
import { SCHEMAS, ref } from "./schemas.ts";

type Described = { readonly [name: string]: Json };

interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly query?: readonly Described[];
  /** The schema of the body; `optional`: it may be left out. */
  readonly body?: { readonly schema: string; readonly optional: boolean };
  readonly answers: { readonly [status: number]: Described };
  /** Statuses that come with a problem. */
  readonly problems: readonly number[];
}

const PROBLEMS: { readonly [status: number]: string } = {
  400: "The request is not one that the API takes; the detail says why.",
  403: "The input is in a bucket that is not open to this stack.",
  404: "There is no such job, batch or result.",
  405: "This path takes another method.",
  409: "The batch is not in a state for this, or the id was used for another input.",
  413: "The body is over the limit.",
  415: "The body is not JSON.",
  500: "Something unexpected happened.",
};

const LOCATION: Described = {
  location: { description: "The URL of the batch.", schema: { type: "string", format: "uri" } },
};

function given(description: string, type: string, schema: JsonSchema, headers: Described = {}): Described {
  return { description, headers, content: { [type]: { schema } } };
}

function batch(description: string): Described {
  return given(description, JSON_TYPE, ref("Batch"), LOCATION);
}

function lines(description: string): Described {
  return given(description, JSON_LINES_TYPE, { type: "string" });
}

const ELSEWHERE: Described = {
  description: "It is large: get it from this URL, without the credentials of this request.",
  headers: { location: { schema: { type: "string", format: "uri" } } },
};

function filter(name: string, description: string, schema: JsonSchema): Described {
  return { name, in: "query", description, schema };
}

const OPERATIONS: { readonly [path: string]: { readonly get?: Operation; readonly post?: Operation } } = {
  "/openapi.json": {
    get: {
      id: "describe",
      summary: "This description",
      answers: { 200: given("OpenAPI 3.1.", JSON_TYPE, { type: "object" }) },
      problems: [],
    },
  },
  "/jobs": {
    get: {
      id: "listJobs",
      summary: "The deployed jobs, their readers and schemas",
      answers: { 200: given("All jobs, by name.", JSON_TYPE, ref("Jobs")) },
      problems: [],
    },
  },
  "/jobs/{job}": {
    get: {
      id: "showJob",
      summary: "One job",
      answers: { 200: given("The job.", JSON_TYPE, ref("Job")) },
      problems: [400, 404],
    },
  },
  "/jobs/{job}/batches": {
    post: {
      id: "submitBatch",
      summary: "Start a batch",
      body: { schema: "NewBatch", optional: true },
      answers: {
        202: batch("It is started."),
        200: batch("It was started before, with the same id and input."),
      },
      problems: [400, 403, 404, 409, 413, 415],
    },
  },
  "/jobs/{job}/uploads": {
    post: {
      id: "signUpload",
      summary: "A signed URL to put a file to; by default its arrival starts a batch",
      body: { schema: "NewUpload", optional: false },
      answers: { 201: given("Where to put it.", JSON_TYPE, ref("Upload")) },
      problems: [400, 404, 413, 415],
    },
  },
  "/batches": {
    get: {
      id: "listBatches",
      summary: "Batches, newest first",
      query: [
        filter("job", "Only of this job.", { type: "string" }),
        filter("state", "Only in this state.", { enum: STATES }),
        filter("batch", "Only those whose ids begin so.", { type: "string", maxLength: 64 }),
        filter("limit", "How many at most.", {
          type: "integer",
          minimum: 1,
          maximum: MAX_LIMIT,
          default: DEFAULT_LIMIT,
        }),
        filter("cursor", "Of the page before.", { type: "string" }),
      ],
      answers: { 200: given("A page.", JSON_TYPE, ref("Page")) },
      problems: [400, 404],
    },
  },
  "/batches/{batch}": {
    get: {
      id: "showBatch",
      summary: "One batch, with its progress",
      answers: { 200: given("The batch.", JSON_TYPE, ref("Batch")) },
      problems: [400, 404],
    },
  },
  "/batches/{batch}/cancel": {
    post: {
      id: "cancelBatch",
      summary: "End a batch with what was joined so far",
      body: { schema: "Nothing", optional: true },
      answers: { 202: batch("It is asked to end."), 200: batch("It had ended before; it stays what it is.") },
      problems: [400, 404, 413, 415],
    },
  },
  "/batches/{batch}/redrive": {
    post: {
      id: "redriveBatch",
      summary: "Do the failed items of a batch again, with the job's code as it is now",
      body: { schema: "Redrive", optional: true },
      answers: { 202: batch("The redrive is begun."), 200: batch("There is nothing to do again.") },
      problems: [400, 403, 404, 409, 413, 415],
    },
  },
  "/batches/{batch}/result": {
    get: {
      id: "showResult",
      summary: "The joined value",
      answers: { 200: given("The value.", JSON_TYPE, ref("Value")), 303: ELSEWHERE },
      problems: [400, 404, 409],
    },
  },
  "/batches/{batch}/outputs": {
    get: {
      id: "showOutputs",
      summary: "What process returned, in input order, as JSON lines",
      answers: { 200: lines("The outputs."), 303: ELSEWHERE },
      problems: [400, 404, 409],
    },
  },
  "/batches/{batch}/failed": {
    get: {
      id: "showFailed",
      summary: "The failed items, as JSON lines",
      answers: { 200: lines("The failed items; no lines if none failed."), 303: ELSEWHERE },
      problems: [400, 404, 409],
    },
  },
};

const INFO: Described = {
  title: "fanjoin",
  version: "1",
  description: "Fan a batch out over parallel workers and join the results exactly.",
  license: { name: "MIT", identifier: "MIT" },
};

/** As it is served at `base`. */
export function openApiDocument(base: string): Described {
  const paths = Object.entries(OPERATIONS).map(([path, methods]) => [path, pathItem(path, methods)] as const);
  return {
    openapi: "3.1.0",
    info: INFO,
    servers: [{ url: base }],
    paths: Object.fromEntries(paths),
    components: { schemas: SCHEMAS },
  };
}

function pathItem(path: string, methods: { readonly [method: string]: Operation }): Described {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const parameters = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  const operations = Object.entries(methods).map(([method, one]) => [method, operation(one)] as const);
  return { ...(names.length > 0 ? { parameters } : {}), ...Object.fromEntries(operations) };
}

function operation({ id, summary, query, body, answers, problems }: Operation): Described {
  const failed = [...problems, 500].map((status) => [
    status,
    given(PROBLEMS[status] ?? "", PROBLEM_TYPE, ref("Problem")),
  ]);
  return {
    operationId: id,
    summary,
    ...(query ? { parameters: query } : {}),
    ...(body ? { requestBody: requestBody(body) } : {}),
    responses: { ...answers, ...(Object.fromEntries(failed) as Described) },
  };
}

function requestBody({ schema, optional }: NonNullable<Operation["body"]>): Described {
  return { required: !optional, content: { [JSON_TYPE]: { schema: ref(schema) } } };
}
