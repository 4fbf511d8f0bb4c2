/** The entry `fanjoin/client` of browsers: batches of a stack, or of `fanjoin dev`, from a web page. */
import { usage } from "../../core/errors/errors.ts";
import type { JsonObject } from "../../core/json/json.ts";
import type { Fanjoin, SubmitOptions } from "../../door/fanjoin.ts";
import { checkInputs } from "../../find-inputs/check-inputs.ts";
import { apiClient } from "../api-client.ts";
import type { ApiClient, RemoteJob, Sign } from "../api-client.ts";
import { looksLocal, parseUrl } from "../base.ts";
import type { Base } from "../base.ts";
import type { ConnectOptions } from "../connect.ts";
import { API_LIMITS } from "../http/http.ts";
import { withApiKey, withToken } from "../http/keys.ts";
import { remoteFanjoin } from "../remote-fanjoin.ts";
import { fetchClient } from "./fetch-client.ts";
import { blobsToSend, placeBlobs } from "./place-blobs.ts";

export { FanjoinError } from "../../core/errors/errors.ts";
export type * from "../connect.ts";

/**
 * Connects to `endpoint`. Requests carry `token` or `apiKey`; without them, the endpoint is a server of your
 * own that adds them. Requests are made when they are needed. Throws `USAGE`; later calls throw
 * `ENDPOINT_UNUSABLE`, `REQUEST_FORBIDDEN`, `TOO_MANY_REQUESTS` and the API's own codes.
 */
export async function connect(options: ConnectOptions): Promise<Fanjoin> {
  const base = baseOf(options);
  const api = apiClient(base, signFor(options), fetchClient(API_LIMITS, base.insecure));
  return remoteFanjoin(api, (...submission) => place(options, ...submission));
}

function baseOf({ stack, endpoint, insecureEndpoint: insecure = false }: ConnectOptions): Base {
  if (stack !== undefined || endpoint === undefined)
    throw usage("connect() needs an endpoint: a browser cannot look up a stack");
  const url = parseUrl(endpoint, "the endpoint");
  if (!insecure && url.protocol !== "https:" && !looksLocal(url)) {
    throw usage(
      `the endpoint ${url.origin} is neither https nor an address of this machine: secrets would be sent without encryption. Use https, or allow it with insecureEndpoint`,
    );
  }
  const remedy = "Give connect() the token of `fanjoin dev`, or the apiKey of the stack";
  return { url, where: `at ${url.origin}`, region: null, insecure, remedy };
}

function signFor({ token, apiKey }: ConnectOptions): Sign {
  if (token !== undefined) return withToken(token, "the token");
  if (apiKey !== undefined) return withApiKey(apiKey, "the apiKey");
  return async (request) => request;
}

const REMEDY = "give its input: { items }, File or Blob objects, or s3:// URLs";

async function place(
  { onUploads }: ConnectOptions,
  api: ApiClient,
  job: RemoteJob,
  { input = [], id, signal, onInputs }: SubmitOptions,
): Promise<JsonObject | null> {
  if ("items" in input) {
    checkInputs(job, ["items"]);
    return { items: input.items };
  }
  const inputs = await blobsToSend(input);
  const labels = inputs.map((given) => ("file" in given ? given.file.label : given.url));
  checkInputs(job, labels, REMEDY);
  onInputs?.(inputs.flatMap((given) => ("url" in given ? [{ url: given.url, label: given.url }] : [])));
  if (inputs.length === 0) return null;
  return { ...(await placeBlobs({ api, job: job.name, id, uploads: onUploads, signal }, inputs)) };
}
