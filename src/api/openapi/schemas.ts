/** The JSON Schemas (2020-12) of what the API takes and gives. */
import { ERROR_CODES } from "../../core/errors.ts";
import type { JsonSchema } from "../../job/describe-job.ts";
import { STATES } from "../handlers/list-batches.ts";

export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object with these fields and no others; those whose name ends in `?` may be left out. */
function record(fields: { readonly [name: string]: JsonSchema }, more: JsonSchema = {}): JsonSchema {
  const named = Object.entries(fields).map(([name, schema]) => [name.replace(/\?$/, ""), schema] as const);
  const required = Object.keys(fields).filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    properties: Object.fromEntries(named),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...more,
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  return { oneOf: [schema, { type: "null" }] };
}

function one(form: string, schema: JsonSchema, description: string): JsonSchema {
  return record({ [form]: schema }, { description });
}

const COUNT = { type: "integer", minimum: 0 };
const AT_LEAST_1 = { type: ["integer", "null"], minimum: 1 };
const TEXT = { type: "string" };
const URL = { type: "string", format: "uri" };
const TIME = { type: "string", format: "date-time" };
const OBJECT_URL = { type: "string", pattern: "^s3://[a-z0-9][a-z0-9.-]*/" };
const ANY: JsonSchema = {};
const SCHEMA = {
  type: ["object", "null"],
  description: "A JSON Schema; null: the job has none; {}: it cannot be written as one.",
};
const TEXTS = { type: ["array", "null"], items: TEXT };
const CODE = { enum: Object.keys(ERROR_CODES) };

export const SCHEMAS: { readonly [name: string]: JsonSchema } = {
  NewBatch: record({
    "input?": orNull(ref("Input")),
    "params?": { description: "The job's parameters, checked by its schema." },
    "id?": {
      type: ["string", "null"],
      minLength: 1,
      maxLength: 128,
      pattern: "^[^/\\\\\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$",
      description: "Idempotency token: the same token and input is the same batch.",
    },
    "chunk?": record(
      { "items?": AT_LEAST_1, "bytes?": AT_LEAST_1 },
      { type: ["object", "null"], description: "The size of a chunk; learned by default." },
    ),
  }),
  Input: {
    description: "Left out for a job that brings its own input.",
    oneOf: [
      one(
        "items",
        { type: "array" },
        "The items themselves, as the job's reader would make them: for csv() objects by column, for lines() strings. Not for files().",
      ),
      one("object", OBJECT_URL, "One object."),
      one(
        "prefix",
        OBJECT_URL,
        "All objects whose keys begin so, in the order of their keys; keys that end in / are left out.",
      ),
      one(
        "manifest",
        OBJECT_URL,
        'An object that lists the objects: a JSON array, or JSON lines, of "s3://…" or {"object": "s3://…"}.',
      ),
    ],
  },
  Batch: record({
    batch: TEXT,
    job: TEXT,
    state: { enum: STATES },
    items: record({
      total: { type: ["integer", "null"] },
      succeeded: COUNT,
      failed: COUNT,
      skipped: { type: ["integer", "null"] },
    }),
    chunks: record({ total: { type: ["integer", "null"] }, settled: COUNT, skipped: COUNT }),
    "planned?": record({ chunks: COUNT }, { description: "How far planning got, while it goes on." }),
    "progress?": record(
      { units: COUNT, of: { type: ["integer", "null"] }, failedBefore: { type: ["integer", "null"] } },
      { description: "While it runs: how much of the input is done, in the reader's own measure." },
    ),
    createdAt: TIME,
    endedAt: orNull(TIME),
    seconds: { type: ["number", "null"] },
    result: orNull(
      record({ path: URL, bytes: COUNT, "value?": { description: "The result itself, up to 64 KiB." } }),
    ),
    outputs: orNull(record({ path: URL, bytes: COUNT })),
    failed: orNull(record({ path: URL })),
    error: orNull(ref("Failure")),
  }),
  Failure: record({ code: CODE, message: TEXT }),
  Page: record({
    batches: { type: "array", items: ref("Batch") },
    cursor: {
      type: ["string", "null"],
      description:
        "For the next page; null: there is none. With a filter a page may be short, or empty, before the last one.",
    },
  }),
  Job: record({
    job: TEXT,
    reader: record({ kind: TEXT, options: { type: "object" } }),
    input: { enum: ["given", "own"], description: "own: the job brings its input." },
    schemas: record({ item: SCHEMA, params: SCHEMA }),
    joins: { type: "boolean" },
    outputs: { type: "boolean" },
  }),
  Jobs: record({
    jobs: { type: "array", items: { oneOf: [ref("Job"), record({ job: TEXT, error: ref("Failure") })] } },
  }),
  Redrive: record(
    { "codes?": TEXTS, "classes?": TEXTS },
    { description: "Which failed items: of any of these error codes and error classes; all by default." },
  ),
  NewUpload: record({
    name: { type: "string", minLength: 1, maxLength: 512, description: "sales.csv, or 2026/sales.csv" },
    "start?": { type: "boolean", default: true, description: "Whether the object's arrival starts a batch." },
  }),
  Upload: record({
    method: { const: "PUT" },
    url: URL,
    object: { ...OBJECT_URL, description: "What the object is called as an input." },
    expiresAt: TIME,
  }),
  Nothing: record({}),
  Value: ANY,
  Problem: record(
    { type: { const: "about:blank" }, title: TEXT, status: { type: "integer" }, detail: TEXT, code: CODE },
    { description: "RFC 9457, with our error code." },
  ),
};
