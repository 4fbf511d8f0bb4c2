/** The JSON Schemas (2020-12) of the API's requests and answers. */
import type { JsonSchema } from "../../job/describe-job.ts";
import { BATCH_STATES } from "../../core/records/batch/batch.ts";
import { LIVE_SCHEMAS } from "./live-schemas.ts";
import { CODE, COUNT, TEXT, TIME, orNull, record, ref } from "./schema-parts.ts";

function inputForm(form: string, schema: JsonSchema, description: string): JsonSchema {
  return record({ [form]: schema }, { description });
}

const NUMBER = { type: "number" };
const AT_LEAST_1 = { type: ["integer", "null"], minimum: 1 };
const URL = { type: "string", format: "uri" };
const OBJECT_URL = { type: "string", pattern: "^s3://[a-z0-9][a-z0-9.-]*/" };
const ANY: JsonSchema = {};
const SCHEMA = {
  type: ["object", "null"],
  description:
    "A JSON Schema. null: the job has no schema. {}: its schema cannot be expressed as JSON Schema.",
};
const CODE_HASH = "A hash of the files that the job was written in. null: unknown.";
const TEXTS = { type: ["array", "null"], items: TEXT };

export const SCHEMAS: { readonly [name: string]: JsonSchema } = {
  ...LIVE_SCHEMAS,
  NewBatch: record({
    "input?": orNull(ref("Input")),
    "params?": { description: "The job's parameters, checked against its schema." },
    "id?": {
      type: ["string", "null"],
      minLength: 1,
      maxLength: 128,
      pattern: "^[^/\\\\\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+$",
      description: "An idempotency token: the same token and input is the same batch.",
    },
    "maxItems?": {
      ...AT_LEAST_1,
      description: "Run only the first so many items of the input. By default all of them.",
    },
    "maxCostUsd?": {
      type: ["number", "null"],
      exclusiveMinimum: 0,
      description:
        "The batch ends as failed once it has cost more dollars. Work in flight then may cost more. Not on one machine.",
    },
    "chunk?": record(
      { "items?": AT_LEAST_1, "bytes?": AT_LEAST_1 },
      { type: ["object", "null"], description: "The size of a chunk. By default it is learned." },
    ),
  }),
  Input: {
    description:
      "Leave it out for a job that brings its own input. Objects are below uploads/ or inputs/ of the stack's bucket, or in one of its readable buckets.",
    oneOf: [
      inputForm(
        "items",
        { type: "array" },
        "The items themselves, in the form that the job's reader produces: objects by column for csv(), strings for lines(). Not for files().",
      ),
      inputForm("object", OBJECT_URL, "One object."),
      inputForm(
        "prefix",
        OBJECT_URL,
        "All objects whose keys begin with this prefix, in key order. Keys that end in / are ignored.",
      ),
      inputForm(
        "manifest",
        OBJECT_URL,
        'An object that lists the objects: a JSON array, or JSON lines, of "s3://…" or {"object": "s3://…"}.',
      ),
    ],
  },
  Batch: record({
    batch: TEXT,
    job: TEXT,
    state: { enum: BATCH_STATES },
    items: record({
      total: { type: ["integer", "null"] },
      succeeded: COUNT,
      failed: COUNT,
      skipped: { type: ["integer", "null"] },
    }),
    chunks: record({ total: { type: ["integer", "null"] }, settled: COUNT, skipped: COUNT }),
    damaged: COUNT,
    "settings?": { ...ref("Settings"), description: "What was set while the batch ran." },
    "maxItems?": {
      type: "integer",
      minimum: 1,
      description: "The batch runs only the first so many items of its input, as its request said.",
    },
    "incomplete?": {
      const: true,
      description: "The batch ended before all of its input was done. A redrive does the rest.",
    },
    "larger?": {
      ...COUNT,
      minimum: 1,
      description: "So many chunks went to the job's larger function, because an attempt at them had died.",
    },
    "cost?": record(
      { usd: NUMBER, parts: record({ compute: NUMBER, requests: NUMBER }) },
      { description: "What the batch has cost so far, in dollars. Only batches of a stack have it." },
    ),
    "hedges?": record(
      { sent: { ...COUNT, minimum: 1 }, won: COUNT },
      { description: "So many slow chunks were run once more, and so many of these attempts were first." },
    ),
    "enough?": {
      type: "string",
      description: "The batch ended with what was done, because that is enough for its job: why.",
    },
    "planned?": record(
      { chunks: COUNT },
      { description: "How many chunks are planned, while planning continues." },
    ),
    "progress?": ref("Progress"),
    "reproduces?": record(
      { batch: TEXT, chunks: COUNT },
      { description: "The batch runs pulled chunks of this one. Only `fanjoin dev` has such batches." },
    ),
    createdAt: TIME,
    "redrivenAt?": { ...TIME, description: "When the newest redrive began; seconds counts from it." },
    endedAt: orNull(TIME),
    seconds: { type: ["number", "null"] },
    result: orNull(
      record({
        path: URL,
        bytes: COUNT,
        "value?": { description: "The result itself, if it has at most 64 KiB." },
      }),
    ),
    outputs: orNull(record({ path: URL, bytes: COUNT, "files?": record({ count: COUNT, bytes: COUNT }) })),
    failed: orNull(record({ path: URL })),
    "report?": record({ path: URL }, { description: "On a stack, of a batch of ten seconds or more." }),
    "failures?": ref("Failures"),
    error: orNull(ref("Failure")),
    "details?": ref("Details"),
  }),
  Failure: record({ code: CODE, message: TEXT }),
  Page: record({
    batches: { type: "array", items: ref("Batch") },
    cursor: {
      type: ["string", "null"],
      description:
        "The cursor of the next page. null: this is the last page. With a filter, a page before the last one may be short or empty.",
    },
  }),
  Job: record({
    job: TEXT,
    reader: record({ kind: TEXT, options: { type: "object" } }),
    input: { enum: ["given", "own"], description: "own: the job brings its own input." },
    schemas: record({ item: SCHEMA, params: SCHEMA }),
    request: {
      type: "object",
      description: "The JSON Schema of the request that starts a batch of this job.",
    },
    joins: { type: "boolean" },
    outputs: { type: "boolean" },
    "code?": { type: "string", description: CODE_HASH },
    "file?": { type: "string", description: "The job's file, on this machine." },
    "loadedAt?": { ...TIME, description: "When the file was loaded." },
    defaults: record({
      concurrency: COUNT,
      chunk: record({ items: AT_LEAST_1, bytes: AT_LEAST_1 }),
      retry: record({ attempts: COUNT, timeoutMs: COUNT }),
      deadlineMs: COUNT,
      tolerate: record({ count: { type: ["number", "null"] }, percent: { type: ["number", "null"] } }),
    }),
  }),
  Jobs: record({
    jobs: {
      type: "array",
      items: { oneOf: [ref("Job"), record({ job: TEXT, error: ref("Failure"), "file?": TEXT })] },
    },
  }),
  Chunks: record(
    {
      batch: TEXT,
      job: TEXT,
      params: { description: "The batch's parameters." },
      reader: TEXT,
      options: { type: "object" },
      concurrency: COUNT,
      code: { type: ["string", "null"], description: CODE_HASH },
      sources: { type: "array", items: ref("ChunkSource") },
      chunks: { type: "array", items: ref("Chunk") },
      cursor: {
        type: ["string", "null"],
        description: "The cursor of the next page. null: this is the last page. A page may be empty.",
      },
    },
    { description: "Some chunks, their sources, and the settings of their batch." },
  ),
  ChunkSource: record({
    source: COUNT,
    label: TEXT,
    size: COUNT,
    head: {
      type: "string",
      contentEncoding: "base64",
      description: "The bytes before the first record, such as the header of a CSV file.",
    },
  }),
  Chunk: record({
    chunk: COUNT,
    source: COUNT,
    start: { ...COUNT, description: "In the unit of the reader: bytes, or items." },
    end: COUNT,
    spooled: { type: "boolean", description: "The range is of unpacked, converted or generated text." },
    before: record(
      { items: { type: ["integer", "null"] }, lines: { type: ["integer", "null"] } },
      { description: "How many items and lines of the source came before. null: unknown." },
    ),
    text: orNull({
      anyOf: [
        record(
          { at: COUNT, bytes: COUNT },
          { description: "The text that the reader needs, by its offset." },
        ),
        record(
          { pieces: { type: "array", items: record({ at: COUNT, bytes: COUNT }) } },
          { description: "Of a Parquet file: the columns of its row groups, and the footer." },
        ),
      ],
    }),
    "damage?": { type: "string", description: "Why the source could not be read any further." },
    "whole?": { const: true, description: "One of several whole sources of the chunk, as it is stored." },
    bytes: orNull({
      anyOf: [
        record(
          { url: URL, start: COUNT, end: COUNT, "crc32?": COUNT },
          { description: "Where that text is: GET the URL with `Range: bytes=start-(end-1)`." },
        ),
        record(
          { url: URL, ranges: { type: "array", items: record({ start: COUNT, end: COUNT }) } },
          { description: "Where the pieces are, one after the other." },
        ),
      ],
    }),
  }),
  Redrive: record(
    {
      "codes?": TEXTS,
      "classes?": TEXTS,
      "groups?": TEXTS,
      "dry?": { type: "boolean", default: false, description: "Only say what would run." },
    },
    {
      description:
        "Which failed items run again: those with one of these error codes, one of these error classes and in one of these groups of failures (their ids). By default all.",
    },
  ),
  NewUpload: record({
    name: {
      type: "string",
      minLength: 1,
      maxLength: 512,
      description: "The file name, such as sales.csv or 2026/sales.csv.",
    },
    "start?": { type: "boolean", default: true, description: "Whether the uploaded file starts a batch." },
  }),
  Upload: record({
    method: { const: "PUT" },
    url: URL,
    object: { ...OBJECT_URL, description: "The URL of the object, to be given as an input." },
    expiresAt: TIME,
  }),
  Settings: record({
    "threads?": {
      type: "integer",
      minimum: 1,
      maximum: 1024,
      description: "How many threads run the chunks of the batch's job. Not on AWS.",
    },
    "priority?": {
      type: "integer",
      minimum: -100,
      maximum: 100,
      description: "Of waiting batches, those of the highest number come first. Not on AWS.",
    },
    "inFlight?": {
      type: "integer",
      minimum: 1,
      maximum: 1_000_000,
      description: "How many calls of `process` may run at once, in all threads or functions together.",
    },
    "perSecond?": {
      type: "number",
      minimum: 0.001,
      maximum: 50_000,
      description: "How many calls of `process` may begin in a second, in the place of the job's rate limit.",
    },
  }),
  Nothing: record({}),
  Value: ANY,
  Problem: record(
    { type: { const: "about:blank" }, title: TEXT, status: { type: "integer" }, detail: TEXT, code: CODE },
    { description: "An RFC 9457 problem with an error code of fanjoin." },
  ),
};
