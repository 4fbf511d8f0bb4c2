/** The batches of a stack or of `fanjoin dev`, through the HTTP API. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchSummary } from "../../batch/summary.ts";
import { FanjoinError } from "../../core/errors.ts";
import type { Batches } from "../batches.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { pollingSource } from "../follow/poll-batch.ts";
import { nothingToResume, reportOutcome } from "../follow/report-outcome.ts";
import { ambiguous } from "../local/pick-batch.ts";
import { fanjoinCommand } from "../shell-command.ts";
import { apiClient, isCode } from "./api-client.ts";
import type { ApiClient } from "./api-client.ts";
import { notFanjoin } from "./answer.ts";
import { baseOf } from "./base-url.ts";
import type { Base, RemoteOptions } from "./base-url.ts";
import { checkedFailedLines } from "./failed-lines.ts";
import { signFor } from "./sign.ts";
import { say } from "../display/standard-error.ts";

/** A cancelled batch joins the results so far before it ends. */
const CANCEL_PATIENCE_MS = 30_000;
const POLL_MS = 500;

export async function openRemote(options: RemoteOptions, env = process.env): Promise<ApiClient> {
  const base = await baseOf(options, env);
  return apiClient(base, signFor(base, env));
}

export async function remoteBatches(options: RemoteOptions): Promise<Batches> {
  return batchesOf(await openRemote(options));
}

export function batchesOf(api: ApiClient): Batches {
  const { where, options: place } = api.base;
  const command = (rest: string): string => fanjoinCommand(rest, place);
  const find = (prefix: string): Promise<BatchSummary> => findBatch(api, prefix, command);
  const batches: Batches = {
    where,
    find,
    list: () => listed(api, ""),
    read(batch, file) {
      const content = api.read(batch, file);
      return file === "failed.jsonl" ? checkedFailedLines(content, api.base) : content;
    },
    cancel: (batch) => cancel(api, batch),
    async redrive(summary, filter, options) {
      const begun = await api.redrive(summary.batch, filter);
      if (begun) return followBatch(pollingSource(batches, begun, { announce: true }), options);
      say(`batch ${summary.batch} has nothing to redrive: no item failed`);
      return reportOutcome(summary, options, batches.read);
    },
    async resume(prefix, options) {
      const summary = prefix === undefined ? await latestToFollow(api) : await find(prefix);
      if (prefix === undefined && summary.endedAt !== null) say(nothingToResume(summary.batch));
      return followBatch(pollingSource(batches, summary), options);
    },
    isWorkedOn: () => true,
    command,
    resumeCommand: async (batch) => command(`resume ${batch}`),
    close: () => api.close(),
  };
  return batches;
}

/** A batch id or a prefix of one. */
const ID = /^[0-9A-Z]{1,26}$/;
const ID_CHARACTERS = 26;

async function findBatch(
  api: ApiClient,
  prefix: string,
  command: (rest: string) => string,
): Promise<BatchSummary> {
  const id = prefix.toUpperCase();
  const found = ID.test(id) ? await batchNamed(api, id) : null;
  if (found) return found;
  throw new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${prefix} ${api.base.where}: \`${command("list")}\` shows all batches`,
  );
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
async function* listed(api: ApiClient, prefix: string): AsyncGenerator<BatchSummary> {
  let cursor: string | null = null;
  let last: string | null = null;
  let empty = 0;
  do {
    const page = await api.batches(prefix, cursor);
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

/** The latest unfinished batch; the latest one, if all have ended. */
async function latestToFollow(api: ApiClient): Promise<BatchSummary> {
  let latest: BatchSummary | null = null;
  for await (const summary of listed(api, "")) {
    if (summary.endedAt === null) return summary;
    latest ??= summary;
  }
  if (latest !== null) return latest;
  throw new FanjoinError("BATCH_UNKNOWN", `there is no batch ${api.base.where}`);
}

async function cancel(api: ApiClient, batch: string): Promise<BatchSummary> {
  const giveUpAt = performance.now() + CANCEL_PATIENCE_MS;
  let summary = await api.cancel(batch);
  while (summary.endedAt === null && performance.now() < giveUpAt) {
    await sleep(POLL_MS);
    summary = await api.batch(batch);
  }
  return summary;
}
