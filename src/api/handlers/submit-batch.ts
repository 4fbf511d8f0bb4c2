/** `POST /jobs/{job}/batches`: starts a batch, or returns the batch of an idempotency token. */
import type { Json } from "../../core/json/json.ts";
import { TRACEPARENT } from "../../core/traceparent.ts";
import { readBatch } from "../../batch/spec.ts";
import { itemsInput, jobInput } from "../../batch/job-input.ts";
import type { InputParts, JobInput } from "../../batch/job-input.ts";
import { batchSpec } from "../../batch/new-batch.ts";
import { claimToken, isUnplanned } from "../../batch/submit.ts";
import { bodyOf, countIn, fieldsOf, textIn, shown } from "../request-body.ts";
import type { JsonObject } from "../../core/json/json.ts";
import type { ApiHost } from "../host.ts";
import { json } from "../http.ts";
import type { ApiRequest, ApiResponse } from "../http.ts";
import { parseInput } from "../input/parse-input.ts";
import type { ParsedInput } from "../input/parse-input.ts";
import { checkId, jobIn } from "../checked-names.ts";
import { badRequest } from "../problem.ts";
import { batchUrl, summaryOf } from "./batch-summary.ts";

const FIELDS = ["input", "params", "id", "maxItems", "maxCostUsd", "chunk"];

/** Params and sources share the batch's record, and every worker gets the params. */
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
  const maxItems = countIn(body, "maxItems", "maxItems");
  const maxCostUsd = maxCostIn(host, body);
  const job = await host.describe(jobName, params);
  const parsed = await parseInput(host, job, body["input"]);
  const input = inputOf(parsed, { job, params, store: host.storeInput, maxItems });
  const batch = await batchFor(host, jobName, id, input);
  const known = id === null ? null : await readBatch(host.ledger, batch);
  if (!known || (await isUnplanned(host.ledger, batch, known))) {
    const options = { params, chunkItems, chunkBytes, maxCostUsd };
    const origin = { createdAt: host.now(), jobFile: null };
    const spec = batchSpec({ batch, job, input: await input.forBatch(batch), options, ...origin });
    const { traceparent: trace = "" } = request.headers;
    await host.submit(TRACEPARENT.test(trace) ? { ...spec, trace } : spec);
  }
  const location = batchUrl(request, batch);
  return json(known ? 200 : 202, await summaryOf(host, request, batch), { location });
}

function maxCostIn({ refusesMaxCost }: ApiHost, body: JsonObject): number | null {
  const { maxCostUsd = null } = body;
  if (maxCostUsd === null) return null;
  if (refusesMaxCost !== undefined) throw badRequest(`maxCostUsd: ${refusesMaxCost}`);
  if (typeof maxCostUsd === "number" && maxCostUsd > 0) return maxCostUsd;
  throw badRequest(`maxCostUsd must be a number of dollars above 0, but is ${shown(maxCostUsd)}`);
}

function paramsIn(body: JsonObject): Json {
  const params = body["params"] ?? null;
  const bytes = Buffer.byteLength(JSON.stringify(params));
  if (bytes <= MAX_PARAMS_BYTES) return params;
  throw badRequest(
    `params have ${bytes} bytes, more than ${MAX_PARAMS_BYTES}: put large data into the input`,
  );
}

/**
 * The id for a token. If an earlier request claimed the token and died before it submitted, or before it woke
 * the coordinator, this one submits.
 */
async function batchFor(host: ApiHost, job: string, id: string | null, input: JobInput): Promise<string> {
  const fresh = host.newBatch();
  if (id === null) return fresh;
  return claimToken(host, { job, id, input: await input.fingerprint() }, fresh);
}

function inputOf(parsed: ParsedInput | null, parts: Omit<InputParts, "sources">): JobInput {
  const { params, store, maxItems } = parts;
  if (parsed && "items" in parsed) return itemsInput(parsed.items, params, store, maxItems);
  if (parsed && "from" in parsed) return jobInput({ ...parts, sources: [], from: parsed.from });
  return jobInput({ ...parts, sources: parsed?.sources ?? [] });
}
