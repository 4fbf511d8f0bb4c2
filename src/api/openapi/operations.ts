/** The operations on jobs and batches. */
import { BATCH_STATES } from "../../core/records/batch/batch.ts";
import { JSON_TYPE } from "../http.ts";
import { DEFAULT_LIMIT, MAX_LIMIT } from "../handlers/list-batches.ts";
import { TRACEPARENT } from "../../core/traceparent.ts";
import { LOCATION_HEADER, batch, content, filter, header } from "./operation-parts.ts";
import type { Operations } from "./operation-parts.ts";
import { ref } from "./schema-parts.ts";

export const OPERATIONS: Operations = {
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
      headers: [
        header(
          "traceparent",
          "W3C Trace Context: the span that submits. It is kept with the batch, whose spans go on in its trace. Another text is ignored.",
          { type: "string", pattern: TRACEPARENT.source },
        ),
      ],
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
};
