/**
 * The description of a job, for code that does not load the job itself: the engine, whose threads load it,
 * and the functions of a stack that hold no job's code.
 */
import type { Json } from "../core/json/json.ts";
import type { Reader } from "../input/reader.ts";
import type { Job, JobOptions } from "./job.ts";
import type { OnEnd } from "./on-end.ts";
import type { Failure } from "../core/records/batch/batch.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { parseParams } from "./params.ts";

export interface DescribedJob {
  readonly name: string;
  readonly input: Reader;
  /** Without the functions of the retry policy, which cannot be sent, and without `onEnd`. */
  readonly options: JobOptions;
  /** Who is told of the end of batches, with secrets. Only a thread says it, to its engine. */
  readonly onEnd?: OnEnd;
  /** Whether the job has a join. */
  readonly joins: boolean;
  /** Whether its join collects. */
  readonly outputs: boolean;
  /** Present if it collects by key. */
  readonly byKey?: true;
  /** Absent where they are not needed: to write them takes some milliseconds. */
  readonly schemas?: JobSchemas;
  /** A hash of the files that the job was written in. Absent where it is not known. */
  readonly code?: string;
}

/**
 * The JSON Schemas of a job's items and params. `null`: the job has no schema. `{}`: it has one that JSON
 * Schema cannot express.
 */
export interface JobSchemas {
  readonly item: JsonSchema | null;
  readonly params: JsonSchema | null;
}

export type JsonSchema = { readonly [name: string]: Json };

/** What a description has besides. By default schemas, and no secrets. */
interface Described {
  readonly schemas?: boolean;
  readonly secrets?: boolean;
}

/** The description is pure JSON, because inline items may hold values that a message cannot carry. */
export function describeJob(job: Job, { schemas = true, secrets = false }: Described = {}): DescribedJob {
  const { name, input, options, join } = job;
  const described: DescribedJob = {
    name,
    input,
    options: {
      ...options,
      retries: { ...options.retries, delayMs: null, on: null, except: [] },
      onEnd: null,
    },
    ...(secrets && options.onEnd ? { onEnd: options.onEnd } : {}),
    joins: join !== null,
    outputs: join?.outputs ?? false,
    ...(join?.keyed ? { byKey: true } : {}),
    ...(schemas ? { schemas: { item: jsonSchema(job.item), params: jsonSchema(job.params) } } : {}),
  };
  return JSON.parse(JSON.stringify(described)) as DescribedJob;
}

/**
 * The JSON Schema of a schema, if its library can write one (https://standardschema.dev/json-schema): zod
 * from 4.2, arktype, valibot with its converter.
 */
function jsonSchema(schema: Job["item"]): JsonSchema | null {
  if (!schema) return null;
  const standard: object = schema["~standard"];
  if (!("jsonSchema" in standard)) return {};
  try {
    const converter = standard.jsonSchema as { input(options: { target: string }): JsonSchema };
    return converter.input({ target: "draft-2020-12" });
  } catch {
    // The schema checks more than JSON Schema can express.
    return {};
  }
}

/** Asks the code of a job for its description. If there are `params`, the job's schema checks them. */
export interface DescribeRequest {
  readonly params?: Json;
}

export type DescribeAnswer = { readonly job: DescribedJob } | { readonly error: Failure };

/**
 * `code`: its hash, where it is known. Answers with an error if the params are wrong. Throws all other
 * errors.
 */
export async function answerDescribe(
  job: Job,
  { params }: DescribeRequest,
  code: string | null = null,
): Promise<DescribeAnswer> {
  try {
    if (params !== undefined) await parseParams(job, params);
    return { job: { ...describeJob(job), ...(code === null ? {} : { code }) } };
  } catch (thrown) {
    if (!(thrown instanceof FanjoinError)) throw thrown;
    return { error: { code: thrown.code, message: thrown.message } };
  }
}

/**
 * Asks the function that holds the job's code. Checks `params`, if given. Throws `JOB_INVALID` if the job
 * does not accept them.
 */
export type DescribeRemote = (job: string, params?: Json) => Promise<DescribedJob>;
