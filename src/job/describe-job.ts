/**
 * A job as it is known where its code is not: to the engine, whose threads load it, and to the functions of a
 * stack that hold no job's code.
 */
import type { Json } from "../core/json.ts";
import type { Reader } from "../input/reader.ts";
import type { Job, JobOptions } from "./job.ts";
import type { Failure } from "../core/records/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import { parseParams } from "./params.ts";

export interface DescribedJob {
  readonly name: string;
  readonly input: Reader;
  /** Without the functions of the retry policy: others need the numbers only. */
  readonly options: JobOptions;
  readonly joins: boolean;
  readonly outputs: boolean;
  /** Absent where nobody will ask for them: writing them takes some milliseconds. */
  readonly schemas?: JobSchemas;
}

/**
 * JSON Schemas of what the job takes. `null`: it has none; `{}`: it has one that cannot be written as a JSON
 * Schema.
 */
export interface JobSchemas {
  readonly item: JsonSchema | null;
  readonly params: JsonSchema | null;
}

export type JsonSchema = { readonly [name: string]: Json };

/** As JSON, because inline items may hold what a message cannot carry. */
export function describeJob(job: Job, { schemas = true }: { readonly schemas?: boolean } = {}): DescribedJob {
  const { name, input, options, join } = job;
  const described: DescribedJob = {
    name,
    input,
    options: { ...options, retries: { ...options.retries, on: null, except: [] } },
    joins: join !== null,
    outputs: join?.outputs ?? false,
    ...(schemas ? { schemas: { item: jsonSchema(job.item), params: jsonSchema(job.params) } } : {}),
  };
  return JSON.parse(JSON.stringify(described)) as DescribedJob;
}

/**
 * Of a schema whose library can write one (https://standardschema.dev/json-schema): zod from 4.2 on, arktype,
 * valibot's converter.
 */
function jsonSchema(schema: Job["item"]): JsonSchema | null {
  if (!schema) return null;
  const standard: object = schema["~standard"];
  if (!("jsonSchema" in standard)) return {};
  try {
    const converter = standard.jsonSchema as { input(options: { target: string }): JsonSchema };
    return converter.input({ target: "draft-2020-12" });
  } catch {
    // It checks more than JSON Schema can say.
    return {};
  }
}

/** With `params` these are checked by the job's schema. */
export interface DescribeRequest {
  readonly params?: Json;
}

export type DescribeAnswer = { readonly job: DescribedJob } | { readonly error: Failure };

export async function answerDescribe(job: Job, { params }: DescribeRequest): Promise<DescribeAnswer> {
  try {
    if (params !== undefined) await parseParams(job, params);
    return { job: describeJob(job) };
  } catch (thrown) {
    if (!(thrown instanceof FanjoinError)) throw thrown;
    return { error: { code: thrown.code, message: thrown.message } };
  }
}

/**
 * How those ask that hold no job's code: with `params`, these are checked. Throws `JOB_INVALID` where the job
 * does not take them.
 */
export type DescribeRemote = (job: string, params?: Json) => Promise<DescribedJob>;
