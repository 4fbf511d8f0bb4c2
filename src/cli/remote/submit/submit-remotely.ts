/** Starts a batch of a deployed job, after uploading its input. */
import { ulid } from "ulid";
import type { BatchSummary } from "../../../batch/summary.ts";
import { FanjoinError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import type { Source } from "../../../input/reader.ts";
import type { Batches } from "../../batches.ts";
import { parseParams } from "../../common-options.ts";
import type { NewBatchOptions, OutcomeOptions } from "../../common-options.ts";
import { EXIT } from "../../exit-codes.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { checkOutputIsNotInput } from "../../follow/check-output.ts";
import { sayLeftOut } from "../../inputs/local-files.ts";
import { followBatch } from "../../follow/follow-batch.ts";
import { listenForInterrupts, STOPPING } from "../../follow/interrupts.ts";
import { pollingSource } from "../../follow/poll-batch.ts";
import { printOutcome, reportOutcome } from "../../follow/report-outcome.ts";
import { checkInputs } from "../../inputs/check-inputs.ts";
import { isCode } from "../api-client.ts";
import type { ApiClient, RemoteJob } from "../api-client.ts";
import type { RemoteOptions } from "../base-url.ts";
import { batchesOf, openRemote } from "../remote-batches.ts";
import { placeInput } from "./place-input.ts";
import type { ApiInput } from "./place-input.ts";
import { sourcesToSend } from "./resolve-inputs.ts";
import { say } from "../../display/standard-error.ts";

export type SubmitOptions = NewBatchOptions & OutcomeOptions & RemoteOptions & { readonly wait?: true };

export async function submitRemotely(
  jobName: string,
  inputs: readonly string[],
  options: SubmitOptions,
): Promise<ExitCode> {
  const params = parseParams(options.params);
  const api = await openRemote(options);
  const job = await jobNamed(api, jobName);
  const say = sayLeftOut(options.quiet === true);
  const sources = sourcesToSend(inputs, { deep: job.kind === "files", say });
  checkInputs(
    job,
    sources.map((source) => (typeof source === "string" ? source : source.label)),
  );
  checkOutputIsNotInput(
    options.output,
    sources.filter((source) => typeof source !== "string"),
  );
  const submitted = await submit({ api, job, sources, params }, options);
  if (submitted === null) return EXIT.interrupted;
  const { summary, interrupted } = submitted;
  const batches = batchesOf(api);
  if (options.wait && !interrupted)
    return followBatch(pollingSource(batches, summary, { announce: true }), options);
  return reportSubmitted(batches, submitted, options);
}

interface Submission {
  readonly api: ApiClient;
  readonly job: RemoteJob;
  readonly sources: readonly (Source | string)[];
  readonly params: Json;
}

interface SubmittedBatch {
  readonly summary: BatchSummary;
  /** The user pressed Ctrl-C when the batch could no longer be held back. */
  readonly interrupted: boolean;
}

/** `null` if the user pressed Ctrl-C before the batch was submitted. */
async function submit(submission: Submission, options: SubmitOptions): Promise<SubmittedBatch | null> {
  const { api, job, params } = submission;
  const stop = new AbortController();
  using interrupts = listenForInterrupts();
  void interrupts.first.then(() => {
    say(STOPPING);
    stop.abort();
  });
  const input = await upload(submission, options, stop.signal);
  if (stop.signal.aborted) {
    api.close();
    say("interrupted: no batch was started");
    return null;
  }
  const { chunkItems = null, chunkBytes = null } = options;
  const summary = await api.submit(job.name, {
    ...(input ? { input: { ...input } } : {}),
    params,
    id: options.id ?? ulid(),
    chunk: { items: chunkItems, bytes: chunkBytes },
  });
  return { summary, interrupted: stop.signal.aborted };
}

/** `null` if there is no input to give, or `signal` aborted. */
async function upload(
  { api, job, sources }: Submission,
  { id, quiet }: SubmitOptions,
  signal: AbortSignal,
): Promise<ApiInput | null> {
  if (sources.length === 0) return null;
  try {
    return await placeInput({ api, job: job.name, id, quiet: quiet === true, signal }, sources);
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** Throws `JOB_UNKNOWN` with the names of the deployed jobs. */
async function jobNamed(api: ApiClient, name: string): Promise<RemoteJob> {
  try {
    if (/^[a-z][a-z0-9-]*$/.test(name)) return await api.job(name);
  } catch (error) {
    if (!isCode(error, "JOB_UNKNOWN")) throw error;
  }
  const names = await api.jobNames();
  const known = names.length > 0 ? `the jobs there are ${names.join(", ")}` : "no job is deployed there";
  throw new FanjoinError("JOB_UNKNOWN", `there is no job ${name} ${api.base.where}: ${known}`);
}

/** A batch that has ended was begun by an earlier submit with the same id: it is reported. */
async function reportSubmitted(
  batches: Batches,
  { summary, interrupted }: SubmittedBatch,
  options: SubmitOptions,
): Promise<ExitCode> {
  if (summary.endedAt !== null) return reportOutcome(summary, options, batches.read);
  const code = interrupted ? EXIT.interrupted : EXIT.succeeded;
  process.exitCode = code;
  await printOutcome(summary, options.json ? { json: true } : {}, batches.read);
  say(`To follow it:\n  ${batches.command(`watch ${summary.batch}`)}`);
  return code;
}
