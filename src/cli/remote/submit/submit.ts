/** Starts a batch of a deployed job: its input is brought there first. */
import { ulid } from "ulid";
import { FanjoinError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import type { Source } from "../../../input/reader.ts";
import type { BatchSummary } from "../../../batch/summary.ts";
import type { Batches } from "../../batches.ts";
import { checkGiven } from "../../inputs/check-inputs.ts";
import { EXIT } from "../../exit-codes.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { listenForInterrupts } from "../../follow/interrupts.ts";
import { parseParams } from "../../options.ts";
import type { SubmitOptions } from "../../options.ts";
import { stayWith } from "../../follow/follow-batch.ts";
import { tell, toldExitCode } from "../../follow/report-outcome.ts";
import type { RemoteOptions } from "../base-url.ts";
import { isCode } from "../api.ts";
import type { Api, RemoteJob } from "../api.ts";
import { sourcesToSend } from "./given-inputs.ts";
import { placeInput } from "./place-input.ts";
import type { ApiInput } from "./place-input.ts";
import { batchesOf, openRemote } from "../remote-batches.ts";

export async function submitTo(
  place: RemoteOptions,
  jobName: string,
  inputs: readonly string[],
  options: SubmitOptions,
): Promise<ExitCode> {
  const params = parseParams(options.params);
  const api = await openRemote(place);
  const job = await jobNamed(api, jobName);
  const given = sourcesToSend(inputs, job.kind === "files");
  checkGiven(
    job,
    given.map((one) => (typeof one === "string" ? one : one.label)),
  );
  const begun = await begin({ api, job, given, params }, options);
  if (begun === null) return EXIT.interrupted;
  const batches = batchesOf(api);
  if (options.wait && !begun.interrupted) return stayWith(batches, begun.summary, options, true);
  return started(batches, begun, options);
}

interface Wanted {
  readonly api: Api;
  readonly job: RemoteJob;
  readonly given: readonly (Source | string)[];
  readonly params: Json;
}

interface Begun {
  readonly summary: BatchSummary;
  readonly interrupted: boolean;
}

/**
 * `null`: somebody pressed Ctrl-C before anything was started. Afterwards it is too late for that, and the
 * batch is told.
 */
async function begin({ api, job, given, params }: Wanted, options: SubmitOptions): Promise<Begun | null> {
  const stop = new AbortController();
  using interrupts = listenForInterrupts();
  void interrupts.first.then(() => {
    console.error("stopping… (once more to stop at once)");
    stop.abort();
  });
  const sending = { api, job: job.name, id: options.id, quiet: options.quiet === true, signal: stop.signal };
  let input: ApiInput | null = null;
  try {
    if (given.length > 0) input = await placeInput(sending, given);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  if (stop.signal.aborted) {
    api.close();
    console.error("interrupted before anything was started");
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

/** Throws `JOB_UNKNOWN`, with those there are. */
async function jobNamed(api: Api, name: string): Promise<RemoteJob> {
  try {
    if (/^[a-z][a-z0-9-]*$/.test(name)) return await api.job(name);
  } catch (error) {
    if (!isCode(error, "JOB_UNKNOWN")) throw error;
  }
  const names = await api.jobNames();
  const known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
  throw new FanjoinError("JOB_UNKNOWN", `there is no job ${name} ${api.base.where}: ${known}`);
}

/** A batch that has ended is one that an earlier submit with the same id began. */
async function started(
  batches: Batches,
  { summary, interrupted }: Begun,
  options: SubmitOptions,
): Promise<ExitCode> {
  if (summary.endedAt !== null) return toldExitCode(summary, options, batches.read);
  const code = interrupted ? EXIT.interrupted : EXIT.succeeded;
  process.exitCode = code;
  await tell(summary, options.json ? { json: true } : {}, batches.read);
  console.error(`To follow it:\n  ${batches.command(`watch ${summary.batch}`)}`);
  return code;
}
