/** The operations that read what a batch made, and what it did. */
import { BATCH_STATES } from "../../core/records/batch/batch.ts";
import type { JsonSchema } from "../../job/describe-job.ts";
import { HTML_TYPE, JSON_LINES_TYPE, JSON_TYPE } from "../http.ts";
import { ORDERS } from "../handlers/show-outputs.ts";
import { EVENT_STREAM_TYPE } from "../live/event-stream.ts";
import type { OutputsState } from "../../outputs/read-outputs.ts";
import { content, fileAnswers, filter } from "./operation-parts.ts";
import type { Described, Operation, Operations } from "./operation-parts.ts";
import { ref } from "./schema-parts.ts";

const LINES: JsonSchema = { type: "string" };

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

export const FILE_OPERATIONS: Operations = {
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
      summary: "Get the failed items, as JSON lines; in pages also while the batch runs",
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
  "/batches/{batch}/report": {
    get: {
      id: "showReport",
      summary: "Get the report of an ended batch, as one HTML page",
      answers: fileAnswers(
        "The report. A stack has that of a batch that ran for ten seconds or more, soon after its end; fanjoin dev draws that of any.",
        HTML_TYPE,
        LINES,
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
