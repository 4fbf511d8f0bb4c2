/** The batches of a deployed stack, or of `fanjoin dev`. */
import { setTimeout as sleep } from "node:timers/promises";
import { FanjoinError } from "../../core/errors.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { Batches } from "../batches.ts";
import { usage } from "../error-text.ts";
import { fanjoinCommand } from "../shell-command.ts";
import { stayWith } from "../follow/follow-batch.ts";
import { toldExitCode } from "../follow/report-outcome.ts";
import { isCode, openApi } from "./api.ts";
import type { Api } from "./api.ts";
import { baseOf } from "./base-url.ts";
import type { RemoteOptions } from "./base-url.ts";
import { signFor } from "./sign.ts";

/** What is under way is joined first. */
const CANCEL_PATIENCE_MS = 30_000;
const LOOK_MS = 500;

export async function openRemote(options: RemoteOptions, env = process.env): Promise<Api> {
  const base = await baseOf(options, env);
  return openApi(base, signFor(base, env));
}

export async function remoteBatches(options: RemoteOptions): Promise<Batches> {
  return batchesOf(await openRemote(options));
}

export function batchesOf(api: Api): Batches {
  const { where, options: place } = api.base;
  const command = (rest: string): string => fanjoinCommand(rest, place);
  const find = (given: string): Promise<BatchSummary> => findBatch(api, given, command);
  const batches: Batches = {
    where,
    find,
    list: () => listed(api, ""),
    read: (batch, file) => api.read(batch, file),
    cancel: (batch) => cancelled(api, batch),
    async redrive(summary, filter, options) {
      const begun = await api.redrive(summary.batch, filter);
      if (begun) return stayWith(batches, begun, options, true);
      console.error(`batch ${summary.batch} has nothing to redrive: no item failed`);
      return toldExitCode(summary, options, batches.read);
    },
    async resume(given, options) {
      const summary = given === undefined ? await latestUnfinished(api) : await find(given);
      return stayWith(batches, summary, options);
    },
    isWorkedOn: () => true,
    command,
    close: () => api.close(),
  };
  return batches;
}

/** As ids are made, or the beginning of one. */
const ID = /^[0-9A-Z]{1,26}$/;
const WHOLE_ID_CHARACTERS = 26;

async function findBatch(api: Api, given: string, command: (rest: string) => string): Promise<BatchSummary> {
  const id = given.toUpperCase();
  const found = ID.test(id) ? await batchNamed(api, id) : null;
  if (found) return found;
  throw new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${given} ${api.base.where}: \`${command("list")}\` shows those there are`,
  );
}

async function batchNamed(api: Api, id: string): Promise<BatchSummary | null> {
  if (id.length < WHOLE_ID_CHARACTERS) return batchBeginning(api, id);
  try {
    return await api.batch(id);
  } catch (error) {
    if (isCode(error, "BATCH_UNKNOWN")) return null;
    throw error;
  }
}

async function batchBeginning(api: Api, beginning: string): Promise<BatchSummary | null> {
  const found: BatchSummary[] = [];
  for await (const one of listed(api, beginning)) {
    if (one.batch.startsWith(beginning)) found.push(one);
    if (found.length > 1)
      throw usage(`${beginning} is the beginning of more than one batch id: give more of it`);
  }
  return found[0] ?? null;
}

async function* listed(api: Api, beginning: string): AsyncGenerator<BatchSummary> {
  let cursor: string | null = null;
  do {
    const page = await api.batches(beginning, cursor);
    yield* page.batches;
    cursor = page.cursor;
  } while (cursor !== null);
}

async function latestUnfinished(api: Api): Promise<BatchSummary> {
  for await (const one of listed(api, "")) if (one.endedAt === null) return one;
  throw new FanjoinError("BATCH_UNKNOWN", `there is no unfinished batch ${api.base.where}`);
}

async function cancelled(api: Api, batch: string): Promise<BatchSummary> {
  const giveUpAt = performance.now() + CANCEL_PATIENCE_MS;
  let summary = await api.cancel(batch);
  while (summary.endedAt === null && performance.now() < giveUpAt) {
    await sleep(LOOK_MS);
    summary = await api.batch(batch);
  }
  return summary;
}
