/** The JSON Schemas of what there is to see of a batch: progress, details, failures, history. */
import type { JsonSchema } from "../../job/describe-job.ts";
import { CODE, COUNT, TEXT, TIME, UNIT, orNull, record, ref } from "./schema-parts.ts";

const AT_LEAST_1 = { type: ["integer", "null"], minimum: 1 };
const NUMBER = { type: "number" };
const NUMBERS = { type: "array", items: NUMBER };
const COUNT_OR_NULL = { type: ["integer", "null"], minimum: 0 };
const MARK = { type: "array", minItems: 9, maxItems: 9 };

export const LIVE_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  Progress: record(
    {
      units: COUNT,
      of: { type: ["integer", "null"] },
      unit: UNIT,
      failedBefore: { type: ["integer", "null"] },
      inFlight: {
        type: ["integer", "null"],
        description: "Items of chunks that have begun and are not settled. null: not known, as on AWS.",
      },
      waiting: {
        type: ["integer", "null"],
        description:
          "An estimate of the items that have not begun; where inFlight is null, those in flight are among them.",
      },
      "exact?": { const: true, description: "waiting is no estimate." },
      secondsLeft: orNull(record({ least: COUNT, most: COUNT })),
    },
    { description: "While the batch runs: how much of the input is done, and what is left." },
  ),
  Details: record(
    {
      where: { enum: ["machine", "aws"] },
      input: record({
        reader: TEXT,
        unit: UNIT,
        size: { type: ["integer", "null"], description: "null: known only after reading." },
        sources: {
          type: "array",
          maxItems: 20,
          items: record({ name: TEXT, size: { type: ["integer", "null"] } }),
        },
        count: { ...COUNT, description: "How many sources there are in all." },
      }),
      params: { description: "The parameters, without values that look like secrets (`hidden`)." },
      jobFile: { type: ["string", "null"] },
      jobVersion: { type: ["string", "null"], description: "The beginning of a hash of the job's code." },
      fanjoin: { type: ["string", "null"], description: "The version that submitted the batch." },
      threads: { type: ["integer", "null"] },
      concurrency: COUNT,
      chunk: record({ items: AT_LEAST_1, bytes: AT_LEAST_1 }, { description: "null: learned." }),
      deadlineAt: TIME,
      retry: orNull(record({ attempts: COUNT, timeoutMs: COUNT })),
      limits: record({ "rateLimit?": { type: "object" }, "inFlight?": COUNT }),
      tolerate: record({
        count: { type: ["number", "null"] },
        percent: { type: ["number", "null"] },
      }),
    },
    { description: "What the batch was started with. Not in lists." },
  ),
  Failures: record(
    {
      groups: { type: "array", maxItems: 50, items: ref("FailureGroup") },
      others: { ...COUNT, description: "How many items are in further groups." },
    },
    {
      description:
        "The failed items in groups, the largest first; one that took in the rest of a file is among the first six. Absent before the end, if nothing failed, and for batches of an older fanjoin.",
    },
  ),
  FailureGroup: record(
    {
      "id?": { type: "string", description: "Names the group in requests. Absent from older batches." },
      code: CODE,
      class: { type: ["string", "null"], description: "The class of the errors. null: there are many." },
      message: {
        type: ["string", "null"],
        description:
          "The message of the errors, with … in place of what differs. null: there are many kinds of messages.",
      },
      count: { ...COUNT, description: "Items. With CHUNK_FAILED: chunks." },
      advice: { type: "string", description: "What would help, in words for people." },
      "lines?": { ...COUNT, description: "The most lines that one of the items has, if more than one." },
      "toEnd?": {
        const: true,
        description: "One of the items takes in the rest of its file, which was not read as items.",
      },
      "at?": { type: "string", description: "The place in the job's code that the first error comes from." },
      first: { type: "array", maxItems: 20, items: ref("FailurePlace") },
    },
    { description: "Failed items of one code, one error class and one kind of message." },
  ),
  FailurePlace: record(
    {
      source: TEXT,
      index: { type: ["integer", "null"] },
      line: { type: ["integer", "null"] },
      "lines?": COUNT,
      offset: { type: ["integer", "null"] },
      attempts: COUNT,
      "range?": record({ start: COUNT, end: COUNT }),
    },
    { description: "The place of a failed item, as in a line of failed.jsonl." },
  ),
  FailedPage: record({
    items: {
      type: "array",
      maxItems: 100,
      items: { type: "object", description: "As a line of failed.jsonl." },
    },
    cursor: {
      type: ["string", "null"],
      description:
        "`after` of the next page; null: that was all, while the batch runs that was all so far. A page may be short although there is one.",
    },
  }),
  RedriveForecast: record(
    {
      failed: { ...COUNT_OR_NULL, description: "Failed items that would run again. null: not known." },
      byCode: { type: "object", additionalProperties: COUNT },
      skipped: { ...COUNT_OR_NULL, description: "Items that never ran and would. null: not known." },
      goesOn: { type: "boolean", description: "Planning would go on where the end stopped it." },
      mayPass: { ...COUNT, description: "Of failed: trying again may help." },
      notRetried: { ...COUNT, description: "Of failed: the job's policy ruled out another try." },
      hasToChange: { ...COUNT, description: "Of failed: the item has to change, or the job." },
    },
    { description: "What a redrive would do." },
  ),
  History: record(
    {
      start: { ...COUNT, description: "Milliseconds since the epoch; all other times count from it." },
      now: COUNT,
      interval: { ...COUNT, description: "The width of a point." },
      points: record({
        done: NUMBERS,
        failed: NUMBERS,
        inFlight: { type: "array", items: { type: ["number", "null"] } },
      }),
      allowed: { ...COUNT_OR_NULL, description: "How many items may be in `process` at once." },
      latency: orNull(
        record({
          of: { enum: ["item", "chunk"] },
          count: COUNT,
          p50: NUMBER,
          p90: NUMBER,
          p99: NUMBER,
          max: NUMBER,
          buckets: { type: "array", maxItems: 64, items: NUMBERS },
        }),
      ),
      counts: record({
        settled: COUNT,
        running: COUNT_OR_NULL,
        triedAgain: COUNT,
        hedged: COUNT,
        split: COUNT,
        merges: COUNT,
      }),
      timeline: {
        oneOf: [
          { type: "null" },
          record({
            form: { const: "exact" },
            lanes: { type: "array", items: TEXT },
            marks: { type: "array", maxItems: 2000, items: MARK },
          }),
          record({
            form: { const: "cells" },
            lanes: { type: "array", maxItems: 40, items: TEXT },
            perLane: COUNT,
            column: COUNT,
            cells: { type: "array", maxItems: 1600, items: MARK },
            marks: { type: "array", maxItems: 2000, items: MARK },
          }),
        ],
      },
    },
    { description: "What a batch did when, in a form whose size does not grow with the batch." },
  ),
  Snapshot: record(
    {
      at: COUNT,
      summary: ref("Batch"),
      failures: { type: "object", description: "As Failures; each group has its first items, too." },
      history: orNull(ref("History")),
    },
    { description: "The data of an event `snapshot`." },
  ),
  Change: record(
    {
      at: COUNT,
      "summary?": record({ set: { type: "object" }, "unset?": { type: "array", items: TEXT } }),
      "failures?": { type: "object" },
      "history?": { type: "object" },
    },
    { description: "The data of an event `change`: what is not there has not changed." },
  ),
};
