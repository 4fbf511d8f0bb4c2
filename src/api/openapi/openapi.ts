/** The OpenAPI 3.1 description of the API. Tests compare the routes and their answers with it. */
import type { Json } from "../../core/json/json.ts";
import { BATCH_STATES } from "../../core/records/batch/batch.ts";
import type { JsonSchema } from "../../job/describe-job.ts";
import { JSON_LINES_TYPE, JSON_TYPE, PROBLEM_TYPE, URL_LIST_TYPE } from "../http.ts";
import { DEFAULT_LIMIT, MAX_LIMIT } from "../handlers/list-batches.ts";
import { EVENT_STREAM_TYPE } from "../live/event-stream.ts";
import { ORDERS } from "../handlers/show-outputs.ts";
import type { OutputsState } from "../../outputs/read-outputs.ts";
import { ref } from "./schema-parts.ts";
import { SCHEMAS } from "./schemas.ts";

type Described = { readonly [name: string]: Json };

interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly query?: readonly Described[];
  /** The schema of the body, by name. */
  readonly body?: { readonly schema: string; readonly optional: boolean };
  readonly answers: { readonly [status: number]: Described };
  /** The statuses of its error answers, besides 500. */
  readonly problems: readonly number[];
}

const PROBLEMS: { readonly [status: number]: string } = {
  400: "The request is not valid; the detail says why.",
  403: "The input is in a bucket that this stack may not read.",
  404: "There is no such job, batch or result.",
  405: "The path does not allow this method.",
  409: "The state of the batch does not allow this, or the id was used for another input.",
  413: "The body is too large.",
  415: "The body is not JSON.",
  500: "Unexpected error; the log has the details.",
};

const LOCATION_HEADER = { description: "The URL of the batch.", schema: { type: "string", format: "uri" } };
const LOCATION: Described = { location: LOCATION_HEADER };

function content(description: string, type: string, schema: JsonSchema, headers: Described = {}): Described {
  return { description, headers, content: { [type]: { schema } } };
}

function batch(description: string): Described {
  return content(description, JSON_TYPE, ref("Batch"), LOCATION);
}

const REDIRECT: Described = {
  description: "The file is large: get it from the URL in location, without credentials.",
  headers: { location: { schema: { type: "string", format: "uri" } } },
};

/** Of a page of outputs, so an answer without `after` has none of them. */
const PAGE_HEADERS: Described = {
  "fanjoin-cursor": {
    required: false,
    description: "Continues after this page.",
    schema: { type: "string" },
  },
  "fanjoin-outputs": {
    required: false,
    description:
      "ready: the next page can be read at once; waiting: later, after retry-after seconds; ended: there are no more, unless the batch is redriven.",
    schema: { enum: ["ready", "waiting", "ended"] satisfies OutputsState[] },
  },
  "fanjoin-state": {
    required: false,
    description: "The state of the batch.",
    schema: { enum: BATCH_STATES },
  },
  "retry-after": { required: false, schema: { type: "integer" } },
};

/** A large file is a redirect, or its URL. */
function fileAnswers(
  description: string,
  type: string,
  schema: JsonSchema,
  headers: Described = {},
): Operation["answers"] {
  const url = { type: "string", description: "The URL of a large file, if the request accepts this type." };
  const both = { [type]: { schema }, [URL_LIST_TYPE]: { schema: url } };
  return { 200: { description, headers, content: both }, 303: REDIRECT };
}

const LINES: JsonSchema = { type: "string" };

function filter(name: string, description: string, schema: JsonSchema): Described {
  return { name, in: "query", description, schema };
}

interface Methods {
  readonly get?: Operation;
  readonly post?: Operation;
  readonly patch?: Operation;
  readonly delete?: Operation;
}

const OPERATIONS: { readonly [path: string]: Methods } = {
  "/openapi.json": {
    get: {
      id: "describe",
      summary: "Show this description",
      answers: { 200: content("The OpenAPI 3.1 document.", JSON_TYPE, { type: "object" }) },
      problems: [],
    },
  },
  "/jobs": {
    get: {
      id: "listJobs",
      summary: "List the deployed jobs, with their readers and schemas",
      answers: { 200: content("All jobs, by name.", JSON_TYPE, ref("Jobs")) },
      problems: [],
    },
  },
  "/jobs/{job}": {
    get: {
      id: "showJob",
      summary: "Show one job",
      answers: { 200: content("The job.", JSON_TYPE, ref("Job")) },
      problems: [400, 404],
    },
  },
  "/jobs/{job}/batches": {
    post: {
      id: "submitBatch",
      summary: "Start a batch",
      body: { schema: "NewBatch", optional: true },
      answers: {
        202: batch("The batch was started."),
        200: batch("The batch was started before, with the same id and input."),
      },
      problems: [400, 403, 404, 409, 413, 415],
    },
  },
  "/jobs/{job}/uploads": {
    post: {
      id: "signUpload",
      summary: "Get a signed URL for an upload; by default, the uploaded file starts a batch",
      body: { schema: "NewUpload", optional: false },
      answers: { 201: content("The signed URL.", JSON_TYPE, ref("Upload")) },
      problems: [400, 404, 413, 415],
    },
  },
  "/batches": {
    get: {
      id: "listBatches",
      summary: "List batches, newest first",
      query: [
        filter("job", "Only batches of this job.", { type: "string" }),
        {
          ...filter("state", "Only batches in this state; may be repeated: in one of these states.", {
            type: "array",
            items: { enum: BATCH_STATES },
          }),
          style: "form",
          explode: true,
        },
        filter("batch", "Only batches whose ids begin with this text.", { type: "string", maxLength: 64 }),
        filter("limit", "The largest number of batches on a page.", {
          type: "integer",
          minimum: 1,
          maximum: MAX_LIMIT,
          default: DEFAULT_LIMIT,
        }),
        filter("cursor", "The cursor of the previous page.", { type: "string" }),
      ],
      answers: { 200: content("One page.", JSON_TYPE, ref("Page")) },
      problems: [400, 404],
    },
  },
  "/batches/{batch}": {
    get: {
      id: "showBatch",
      summary: "Show one batch, with its progress",
      answers: { 200: content("The batch.", JSON_TYPE, ref("Batch")) },
      problems: [400, 404],
    },
    patch: {
      id: "setBatch",
      summary: "Change how a batch runs",
      body: { schema: "Settings", optional: false },
      answers: { 200: batch("The batch has these settings.") },
      problems: [400, 404, 409, 413, 415],
    },
    delete: {
      id: "removeBatch",
      summary: "Remove a batch that has ended, with its results; its id (idempotency token) is free again",
      answers: { 204: { description: "The batch was removed." } },
      problems: [400, 404, 409, 413, 415],
    },
  },
  "/batches/{batch}/cancel": {
    post: {
      id: "cancelBatch",
      summary: "End a batch early and join the results so far",
      body: { schema: "Nothing", optional: true },
      answers: {
        202: batch("The batch is being cancelled."),
        200: batch("The batch had ended already; it does not change."),
      },
      problems: [400, 404, 413, 415],
    },
  },
  "/batches/{batch}/pause": {
    post: {
      id: "pauseBatch",
      summary: "Begin no further chunk of a batch until it is resumed",
      body: { schema: "Nothing", optional: true },
      answers: {
        202: batch("The batch is paused. Chunks that run come to their end."),
        200: batch("The batch was paused already, is to end or has ended; it does not change."),
      },
      problems: [400, 404, 413, 415],
    },
  },
  "/batches/{batch}/resume": {
    post: {
      id: "resumeBatch",
      summary: "Go on with a paused batch",
      body: { schema: "Nothing", optional: true },
      answers: {
        202: batch("The batch goes on."),
        200: batch("The batch was not paused; it does not change."),
      },
      problems: [400, 403, 404, 409, 413, 415],
    },
  },
  "/batches/{batch}/redrive": {
    post: {
      id: "redriveBatch",
      summary: "Run the failed items of a batch again, with the job's current code",
      body: { schema: "Redrive", optional: true },
      answers: {
        202: batch("The redrive was started."),
        200: {
          ...content("There is nothing to redrive; or with dry, what would be run.", JSON_TYPE, {
            oneOf: [ref("Batch"), ref("RedriveForecast")],
          }),
          headers: { location: { required: false, ...LOCATION_HEADER } },
        },
      },
      problems: [400, 403, 404, 409, 413, 415],
    },
  },
  "/batches/{batch}/result": {
    get: {
      id: "showResult",
      summary: "Get the result: the joined value",
      answers: fileAnswers("The result.", JSON_TYPE, ref("Value")),
      problems: [400, 404, 409],
    },
  },
  "/batches/{batch}/outputs": {
    get: {
      id: "showOutputs",
      summary: "Get the outputs: the return values of `process` as JSON lines, also while the batch runs",
      query: [
        filter(
          "after",
          "The fanjoin-cursor of the page before, empty for the first page: the answer is a page of the outputs that are ready, also before the end. Without it, the answer has all outputs of a batch that has ended.",
          { type: "string" },
        ),
        filter(
          "file",
          "A file of outputs by key: its name in the list, which is what a batch with such outputs has as its outputs.",
          { type: "string" },
        ),
        filter("order", "With after: in input order, or as chunks are completed.", {
          enum: ORDERS,
          default: ORDERS[0],
        }),
      ],
      answers: fileAnswers("The outputs, or a page of them.", JSON_LINES_TYPE, LINES, PAGE_HEADERS),
      problems: [400, 404, 409],
    },
  },
  "/batches/{batch}/failed": {
    get: {
      id: "showFailed",
      summary: "Get the failed items, as JSON lines",
      query: [
        filter("group", "Only items of the group of failures with this id; the answer is a page.", {
          type: "string",
        }),
        filter("after", "The cursor of the previous page, empty for the first one; the answer is a page.", {
          type: "string",
        }),
        filter("limit", "The largest number of items on a page; the answer is a page.", {
          type: "integer",
          minimum: 1,
          maximum: 100,
          default: 20,
        }),
      ],
      answers: withPage(
        fileAnswers("The failed items; empty if no item failed.", JSON_LINES_TYPE, LINES),
        ref("FailedPage"),
      ),
      problems: [400, 404, 409],
    },
  },
  "/batches/{batch}/history": {
    get: {
      id: "showHistory",
      summary: "Show what a batch did when: rates, times of items, chunks by worker",
      answers: { 200: content("The history.", JSON_TYPE, ref("History")) },
      problems: [400, 404],
    },
  },
  "/batches/{batch}/events": {
    get: {
      id: "followBatch",
      summary: "Follow a batch by server-sent events: a snapshot, then changes; on AWS one snapshot",
      answers: {
        200: content(
          "Events `snapshot` (a Snapshot), `change` (a Change) and `end`, each with JSON as its data.",
          EVENT_STREAM_TYPE,
          LINES,
        ),
      },
      problems: [400, 404],
    },
  },
  "/batches/{batch}/chunks": {
    get: {
      id: "showChunks",
      summary: "Get what runs chunks of an ended batch elsewhere: settings, positions, signed URLs",
      query: [
        filter("chunk", "This chunk.", { type: "integer", minimum: 0 }),
        filter("failed", "The chunks that have failed items. It takes no value.", { type: "string" }),
        filter("cursor", "The cursor of the previous page.", { type: "string" }),
      ],
      answers: { 200: content("Some of the chunks.", JSON_TYPE, ref("Chunks")) },
      problems: [400, 403, 404, 409],
    },
  },
};

/** The same answers, of which the first may be a page of JSON. */
function withPage(answers: Operation["answers"], page: JsonSchema): Operation["answers"] {
  const { content: types, ...whole } = answers[200] as Described & { readonly content: Described };
  return { ...answers, 200: { ...whole, content: { ...types, [JSON_TYPE]: { schema: page } } } };
}

const INFO: Described = {
  title: "fanjoin",
  version: "1",
  description: "Fan a batch out over parallel workers and join the results exactly.",
  license: { name: "MIT", identifier: "MIT" },
};

/** The document for an API at the URL `base`. */
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

function pathItem(path: string, methods: Methods): Described {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const parameters = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  const operations = Object.entries(methods).map(
    ([method, definition]: [string, Operation]) => [method, operation(definition)] as const,
  );
  return { ...(names.length > 0 ? { parameters } : {}), ...Object.fromEntries(operations) };
}

function operation({ id, summary, query, body, answers, problems }: Operation): Described {
  const failed = [...problems, 500].map((status) => [
    status,
    content(PROBLEMS[status] ?? "", PROBLEM_TYPE, ref("Problem")),
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
