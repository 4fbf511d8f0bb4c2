/** The batches of a stack or of `fanjoin dev`, through the HTTP API. */
import { ulid } from "ulid";
import { FanjoinError, usage } from "../core/errors/errors.ts";
import type { JsonObject } from "../core/json/json.ts";
import { cancelOnAbort } from "../door/cancel-on-abort.ts";
import type { Batch, Fanjoin, SubmitOptions } from "../door/fanjoin.ts";
import { checkMaxCost } from "../door/max-cost.ts";
import { checkMaxItems } from "../door/max-items.ts";
import type { Job } from "../job/job.ts";
import { isCode } from "./api-client.ts";
import type { ApiClient, RemoteJob } from "./api-client.ts";
import { findBatch, listed } from "./find-batch.ts";
import { remoteBatch } from "./remote-batch.ts";

/** Brings the inputs of a submission to where the stack can read them. `null`: there are none. */
export type PlaceInput = (
  api: ApiClient,
  job: RemoteJob,
  options: SubmitOptions,
) => Promise<JsonObject | null>;

export function remoteFanjoin(api: ApiClient, placeInput: PlaceInput): Fanjoin {
  const close = async (): Promise<void> => api.close();
  return {
    where: api.base.where,
    submit: (job, options = {}) => submit(api, job, options, placeInput),
    async batch(id) {
      const { batch, job } = await findBatch(api, id);
      return remoteBatch(api, batch, job);
    },
    list: (wanted = {}) => listed(api, "", wanted),
    isWorkedOn: () => true,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function submit<AnyJob extends Job>(
  api: ApiClient,
  name: string | URL,
  options: SubmitOptions,
  placeInput: PlaceInput,
): Promise<Batch<AnyJob>> {
  if (options.pulled !== undefined) throw usage("a pulled directory runs on this machine: use open()");
  const { signal, onSubmit, chunk, maxItems, maxCostUsd, params = null, id = ulid() } = options;
  checkMaxItems(maxItems);
  checkMaxCost(maxCostUsd, false);
  signal?.throwIfAborted();
  const job = await jobNamed(api, name);
  const input = await placeInput(api, job, options);
  signal?.throwIfAborted();
  onSubmit?.();
  const summary = await api.submit(job.name, {
    ...(input === null ? {} : { input }),
    params,
    id,
    // A stack that was deployed earlier refuses what it does not know.
    ...(maxItems === undefined ? {} : { maxItems }),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    chunk: { items: chunk?.items ?? null, bytes: chunk?.bytes ?? null },
  });
  const batch = remoteBatch<AnyJob>(api, summary.batch, summary.job);
  if (summary.endedAt !== null) return batch;
  cancelOnAbort(batch, signal);
  return batch;
}

/** Throws `JOB_UNKNOWN` with the names of the deployed jobs. */
async function jobNamed(api: ApiClient, name: string | URL): Promise<RemoteJob> {
  if (typeof name !== "string")
    throw usage(`a deployed job is named by its name, but ${name.href} was given`);
  try {
    if (/^[a-z][a-z0-9-]*$/.test(name)) return await api.job(name);
  } catch (error) {
    if (!isCode(error, "JOB_UNKNOWN")) throw error;
  }
  const names = await api.jobNames();
  const known = names.length > 0 ? `the jobs there are ${names.join(", ")}` : "no job is deployed there";
  throw new FanjoinError("JOB_UNKNOWN", `there is no job ${name} ${api.base.where}: ${known}`);
}
