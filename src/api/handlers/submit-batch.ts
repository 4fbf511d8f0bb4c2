/** `POST /jobs/{job}/batches`: a new batch, or the one that an idempotency token stands for. */
import type { Json } from "../../core/json.ts";
import { readBatch } from "../../batch/spec.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import { itemsInput, jobInput } from "../../batch/job-input.ts";
import type { JobInput, StoreInput } from "../../batch/job-input.ts";
import { batchSpec } from "../../batch/new-batch.ts";
import { claimToken } from "../../batch/submit.ts";
import { bodyOf, countIn, fieldsOf, textIn } from "../request-body.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ApiHost } from "../host.ts";
import { json } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { givenInput } from "../input/parse-input.ts";
import type { GivenInput } from "../input/parse-input.ts";
import { checkId, jobIn } from "../checked-names.ts";
import { badRequest } from "../problem.ts";
import { batchUrl, summaryOf } from "./batch-summary.ts";

const FIELDS = ["input", "params", "id", "chunk"];

/** They are part of the batch's record, beside its sources; and they travel to every worker. */
const MAX_PARAMS_BYTES = 64 * 1024;

export async function submitBatch(
  host: ApiHost,
  request: ApiRequest,
  [name = ""]: readonly string[],
): Promise<ApiResponse> {
  const jobName = jobIn(host, name);
  const body = bodyOf(request, FIELDS);
  const params = paramsIn(body);
  const id = textIn(body, "id");
  if (id !== null) checkId(id);
  const chunk = fieldsOf(body["chunk"] ?? {}, "chunk", ["items", "bytes"]);
  const chunkItems = countIn(chunk, "items", "chunk.items");
  const chunkBytes = countIn(chunk, "bytes", "chunk.bytes");
  const job = await host.describe(jobName, params);
  const input = inputOf(job, await givenInput(host, job, body["input"]), params, host.storeInput);
  const batch = await batchFor(host, jobName, id, input);
  const known = id === null ? null : await readBatch(host.ledger, batch);
  if (!known) {
    const options = { params, chunkItems, chunkBytes };
    const made = { input: await input.forBatch(batch), createdAt: host.now(), jobFile: null };
    await host.submit(batchSpec({ batch, job, options, ...made }));
  }
  const location = batchUrl(request, batch);
  return json(known ? 200 : 202, await summaryOf(host, request, batch), { location });
}

function paramsIn(body: JsonObject): Json {
  const params = body["params"] ?? null;
  const bytes = Buffer.byteLength(JSON.stringify(params));
  if (bytes <= MAX_PARAMS_BYTES) return params;
  throw badRequest(
    `params take ${bytes} bytes, more than ${MAX_PARAMS_BYTES}: put what is large into the input`,
  );
}

/** A token that was claimed by a request which did not live to submit its batch is submitted now. */
async function batchFor(host: ApiHost, job: string, id: string | null, input: JobInput): Promise<string> {
  const fresh = host.newBatch();
  if (id === null) return fresh;
  return claimToken(host, { job, id, input: await input.fingerprint() }, fresh);
}

function inputOf(job: DescribedJob, given: GivenInput | null, params: Json, store: StoreInput): JobInput {
  if (given && "items" in given) return itemsInput(given.items, params, store);
  return jobInput({ job, sources: given?.sources ?? [], params, store });
}
