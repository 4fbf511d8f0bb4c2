/** The door of `fanjoin/testing`: runs a job in a test, with everything but disks, threads and waiting. */
import { FanjoinError } from "../core/errors/errors.ts";
import type { FailedLine } from "../core/failures/failed-line.ts";
import { isObject } from "../core/json/json.ts";
import type { Json } from "../core/json/json.ts";
import { AS_TEXT, jsonProblem } from "../core/json/strict-json.ts";
import { jobFrom } from "../job/job.ts";
import type { Job, JoinedOf, Logger } from "../job/job.ts";
import { group, integer, invalid, show } from "../option-check.ts";
import type { BatchAnswer, ItemCounts } from "./answer.ts";
import { openCopy } from "./every-cut/copy-thread.ts";
import { everyCut } from "./every-cut/every-cut.ts";
import { jobCopy } from "./every-cut/job-copy.ts";
import { givenInput } from "./test-input.ts";
import type { CheckedInput, TestInput } from "./test-input.ts";
import { loadTestJob } from "./load-test-job.ts";
import { prepareBatch } from "./prepare-batch.ts";
import { runBatch } from "./run-batch.ts";
import { SILENT } from "./silent-log.ts";

export type { FailedLine, ItemCounts, TestInput };

/** What is settled about a test beside its job and its input. */
export interface TestOptions {
  /** The batch's parameters, checked by the job's `params` schema. */
  readonly params?: unknown;
  /** Items in a chunk. By default as the job says, or as the product begins without having learned. */
  readonly chunk?: number | undefined;
  /**
   * Runs the input in every way, too: all cuts of up to 10 items, 500 seeded ones of more, with trees of
   * several levels, chunks without a record, repeated attempts and other orders. With a job given by URL some
   * runs begin with a new module.
   */
  readonly everyCut?: boolean | undefined;
  /** The seed of `everyCut`. By default another one each time; the error says which. */
  readonly seed?: number | undefined;
  /** Gets what the job logs with `ctx.log`, such as `console`. By default nobody does. */
  readonly log?: Logger | undefined;
}

/** The values that a job's `process` returns. */
type ValueOf<AnyJob extends Job> =
  AnyJob extends Job<infer _Raw, infer _Item, infer Value, infer _Result, infer _Params> ? Value : never;

/** `collect({ flat: true })` writes the elements of the arrays that `process` returns. */
type OutputOf<Value> = Value | (Value extends readonly (infer Element)[] ? Element : never);

/** The answer of a tested job. */
export interface TestedJob<AnyJob extends Job = Job> {
  /** What the join made, as `result.json` has it. `null` for a job without a join. */
  readonly result: JoinedOf<AnyJob>;
  /** The lines of `outputs.jsonl`, in input order. Empty for a job that does not collect. */
  readonly outputs: readonly OutputOf<ValueOf<AnyJob>>[];
  /** The failed items, in input order, as lines of `failed.jsonl`. */
  readonly failed: readonly FailedLine[];
  readonly items: ItemCounts;
}

/**
 * Runs a job over an input in this process, and resolves to its answer. Reader, schema, `process`, retries
 * and joins are the real ones; retries do not wait. `job` is a job, or the URL of its module:
 * `testJob<typeof import("./sales.ts").default>(new URL("./sales.ts", import.meta.url), …)`.
 *
 * Rejects with a `FanjoinError`: `JOB_INVALID` and `INPUT_…` if the job cannot run so, the code of the batch
 * if the batch fails (`MERGE_FAILED`, `TOO_MANY_FAILURES`), and `RESULT_DIFFERS` if `everyCut` finds an input
 * and a cut with another answer.
 */
export async function testJob<AnyJob extends Job = Job>(
  job: AnyJob | URL,
  input?: TestInput,
  options?: TestOptions,
): Promise<TestedJob<AnyJob>> {
  const settings = checkedOptions(options);
  const given = givenInput(input);
  const url = urlIn(job);
  const loaded = url === null ? checkedJob(job) : await loadTestJob(url);
  if (settings.everyCut) {
    const { params } = settings;
    const open = async () => (url === null ? jobCopy(loaded, params) : openCopy(url, params));
    await everyCut({ name: loaded.name, open, isolated: url !== null }, given, settings.seed);
  }
  const { error, ...answer } = await answerOf(loaded, given, settings);
  if (error !== null) throw new FanjoinError(error.code, error.message);
  // `result` and `outputs` are what the job's own functions returned, as JSON.
  return answer as TestedJob<AnyJob>;
}

/** The globals of a test may be those of a browser, whose URLs are of another class. */
function urlIn(job: unknown): string | null {
  return isObject(job) && typeof job["href"] === "string" ? job["href"] : null;
}

function checkedJob(job: unknown): Job {
  try {
    return jobFrom({ default: job });
  } catch {
    throw invalid(
      `testJob() takes a job of defineJob(), or the URL of its module, as in new URL("./job.ts", import.meta.url). It was given ${show(job)}.`,
    );
  }
}

interface Settings {
  readonly params: Json;
  readonly chunk: number | null;
  readonly everyCut: boolean;
  readonly seed: number;
  readonly log: Logger;
}

function checkedOptions(options: TestOptions | undefined): Settings {
  const {
    chunk,
    everyCut: every = false,
    seed,
    params,
    log,
  } = group(options, "The options of testJob()", ["params", "chunk", "everyCut", "seed", "log"]);
  if (typeof every !== "boolean") throw invalid(`everyCut has to be true or false, but is ${show(every)}.`);
  return {
    params: checkedParams(params),
    chunk: integer(chunk, "chunk", 1, null),
    everyCut: every,
    seed: integer(seed, "seed", 0, Math.floor(Math.random() * 2 ** 31)),
    log: (log ?? SILENT) as Logger,
  };
}

function checkedParams(params: unknown): Json {
  if (params === undefined) return null;
  const problem = jsonProblem(params, AS_TEXT);
  if (problem === null) return JSON.parse(JSON.stringify(params)) as Json;
  throw invalid(
    `params${problem.path} is ${problem.found}, and params travel as JSON, which cannot hold it.`,
  );
}

async function answerOf(
  job: Job,
  given: CheckedInput,
  { params, chunk, log }: Settings,
): Promise<BatchAnswer> {
  const batch = await prepareBatch(job, given, { params, chunk });
  return runBatch(batch, { log, cuts: null, pick: () => 0, twice: false });
}
