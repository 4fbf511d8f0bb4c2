/** The entry `fanjoin/client`: batches of a deployed stack, or of `fanjoin dev`, from code. */
import { usage } from "../core/errors/errors.ts";
import type { JsonObject } from "../core/json/json.ts";
import type { Fanjoin, OnNotice, SubmitOptions, WatchUploads } from "../door/fanjoin.ts";
export type { OutputPage, OutputsOptions } from "../door/output-pages.ts";
import { checkInputs } from "../find-inputs/check-inputs.ts";
import { givenInputs, isStream } from "../find-inputs/given-input.ts";
import { apiClient } from "./api-client.ts";
import type { ApiClient, RemoteJob } from "./api-client.ts";
import { API_LIMITS } from "./http/http.ts";
import type { KeyOptions } from "./http/key-options.ts";
import { baseOf } from "./node/base-url.ts";
import type { RemoteOptions } from "./node/base-url.ts";
import { httpClient } from "./node/http-client.ts";
import { signFor } from "./node/sign.ts";
import { remoteFanjoin } from "./remote-fanjoin.ts";
import { placeInput } from "./upload/place-input.ts";
import { sourcesToSend } from "./upload/resolve-inputs.ts";

export { FanjoinError } from "../core/errors/errors.ts";
export type { PulledBatch, PulledChunk, PulledSource } from "../batch/pulled/pulled-chunk.ts";
export type { RedriveForecast } from "../batch/steering/redrive-forecast.ts";
export type * from "../door/fanjoin.ts";

/**
 * Exactly one of `stack` and `endpoint`. Without `token` and `apiKey`, `FANJOIN_TOKEN` and `FANJOIN_API_KEY`
 * count; without these, requests are signed with the AWS credentials of the environment.
 */
export interface ConnectOptions extends RemoteOptions, KeyOptions {
  readonly onNotice?: OnNotice | undefined;
  /** Is told of uploads. */
  readonly onUploads?: WatchUploads | undefined;
}

/**
 * Connects to a stack. Its name is looked up at once, and requests are made when they are needed. Throws
 * `USAGE`, `STACK_UNKNOWN`, `AWS_REFUSED`, `AWS_UNREACHABLE`; later calls throw `ENDPOINT_UNUSABLE`,
 * `REQUEST_FORBIDDEN`, `TOO_MANY_REQUESTS` and the API's own codes.
 */
export async function connect(options: ConnectOptions, env = process.env): Promise<Fanjoin> {
  if ((options.stack === undefined) === (options.endpoint === undefined))
    throw usage("connect() needs a stack or an endpoint, and not both");
  const base = await baseOf(options, env);
  const api = apiClient(base, signFor(base, options, env), httpClient(API_LIMITS, base.insecure));
  return remoteFanjoin(api, (...submission) => place(options, ...submission));
}

async function place(
  { onNotice, onUploads }: ConnectOptions,
  api: ApiClient,
  job: RemoteJob,
  options: SubmitOptions,
): Promise<JsonObject | null> {
  const { input, id, signal, onInputs } = options;
  if (input && "items" in input) {
    checkInputs(job, ["items"]);
    return { items: input.items };
  }
  const say = onNotice ? { say: (line: string): void => onNotice(line, "left-out") } : {};
  const sources = sourcesToSend(givenInputs(input), { deep: job.kind === "files", ...say });
  checkInputs(job, sources.map(labelOf));
  onInputs?.(
    sources.flatMap((source) =>
      typeof source === "string" || isStream(source) ? [] : [{ url: source.name, label: source.label }],
    ),
  );
  if (sources.length === 0) return null;
  return { ...(await placeInput({ api, job: job.name, id, uploads: onUploads, signal }, sources)) };
}

function labelOf(source: ReturnType<typeof sourcesToSend>[number]): string {
  if (typeof source === "string") return source;
  return isStream(source) ? source.name : source.label;
}
