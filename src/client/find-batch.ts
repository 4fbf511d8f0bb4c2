/** Finds batches of an endpoint: by id, by an unambiguous beginning of it, or all of them. */
import type { BatchSummary } from "../batch/summary/summary.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { ambiguous, LATEST } from "../door/named-batch.ts";
import type { ListBatches } from "../door/fanjoin.ts";
import { notFanjoin } from "./http/answer.ts";
import { isCode } from "./api-client.ts";
import type { ApiClient } from "./api-client.ts";
import type { Base } from "./base.ts";

/** A batch id or a prefix of one. */
const ID = /^[0-9A-Z]{1,26}$/;
const ID_CHARACTERS = 26;

/** Throws `BATCH_UNKNOWN`, and `USAGE` for a beginning that several batches have. */
export async function findBatch(api: ApiClient, named: string): Promise<BatchSummary> {
  if (named === LATEST) return latest(api);
  const id = named.toUpperCase();
  const found = ID.test(id) ? await batchNamed(api, id) : null;
  if (found) return found;
  throw new FanjoinError("BATCH_UNKNOWN", `there is no batch ${named} ${api.base.where}`);
}

async function latest(api: ApiClient): Promise<BatchSummary> {
  for await (const summary of listed(api, "")) return summary;
  throw new FanjoinError("BATCH_UNKNOWN", `there is no batch ${api.base.where}`);
}

async function batchNamed(api: ApiClient, id: string): Promise<BatchSummary | null> {
  if (id.length < ID_CHARACTERS) return batchWithPrefix(api, id);
  try {
    return await api.batch(id);
  } catch (error) {
    if (isCode(error, "BATCH_UNKNOWN")) return null;
    throw error;
  }
}

async function batchWithPrefix(api: ApiClient, prefix: string): Promise<BatchSummary | null> {
  const found: BatchSummary[] = [];
  for await (const summary of listed(api, prefix)) {
    if (summary.batch.startsWith(prefix)) found.push(summary);
    if (found.length > 1) throw ambiguous(prefix);
  }
  return found[0] ?? null;
}

/** Pages without a batch, one after the other. Each of them covers a thousand batches. */
const MAX_EMPTY_PAGES = 1000;

/** Newest first, which also shows that the pages move on. Throws `ENDPOINT_UNUSABLE`. */
export async function* listed(
  api: ApiClient,
  prefix: string,
  wanted: ListBatches = {},
): AsyncGenerator<BatchSummary> {
  let cursor: string | null = null;
  let last: string | null = null;
  let empty = 0;
  do {
    const page = await api.batches({ ...wanted, batch: prefix, cursor });
    for (const summary of page.batches) {
      if (last !== null && summary.batch >= last) throw stuck(api.base);
      last = summary.batch;
      yield summary;
    }
    empty = page.batches.length === 0 ? empty + 1 : 0;
    if ((page.cursor !== null && page.cursor === cursor) || empty > MAX_EMPTY_PAGES) throw stuck(api.base);
    cursor = page.cursor;
  } while (cursor !== null);
}

function stuck(base: Base): FanjoinError {
  return notFanjoin(base, "the pages of its list of batches do not move on");
}
