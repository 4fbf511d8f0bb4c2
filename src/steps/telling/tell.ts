/**
 * Tells of the end of a batch: one round over the channels that have not been told. The ledger knows which
 * those are, so a crash repeats at most the rounds that it had not noted.
 */
import { reasonOf } from "../../core/errors/errors.ts";
import type { JsonObject } from "../../core/json/json.ts";
import type { Logger } from "../../job/job.ts";
import { nextRoundAt, noteTold, pendingNews } from "../../core/records/batch/news.ts";
import type { PendingNews } from "../../core/records/batch/news.ts";
import { readBatch } from "../../batch/spec.ts";
import type { Channel, News } from "../../news.ts";
import type { Ports } from "../../ports.ts";
import { newsOf } from "./news-of.ts";

export interface Telling {
  readonly batch: string;
  readonly channels: readonly Channel[];
  /** Is added to what is told. */
  readonly more?: JsonObject;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** A round that is due later, and whom it is for. */
export interface Untold {
  readonly at: number;
  readonly channels: readonly string[];
}

/** Returns what is left to tell; `null`: nothing. */
export async function tell(
  { ledger, clock }: Pick<Ports, "ledger" | "clock">,
  { batch, channels, more = {}, log }: Telling,
): Promise<Untold | null> {
  const fields = await readBatch(ledger, batch);
  const pending = fields && pendingNews(fields);
  if (!fields || !pending) return null;
  const news = await newsOf(ledger, batch, fields, more);
  const waiting = channels.filter(({ id }) => !pending.told.includes(id));
  const failed = await round(waiting, news, (line) => log.warn(line, { batch }));
  const tries = pending.tries + 1;
  const at = failed.length === 0 ? null : nextRoundAt(tries, Number(fields["endedAt"]), clock.now());
  const told = channels.filter((channel) => !failed.includes(channel)).map(({ id }) => id);
  const left: PendingNews | null = at === null ? null : { tries, at, told };
  await ledger.update(noteTold(batch, fields, left));
  const names = failed.map(({ shown }) => shown);
  if (left !== null) return { at: left.at, channels: names };
  for (const name of names) log.warn(`${name} was not told of the end of the batch: given up`, { batch });
  if (waiting.length > 0 && failed.length === 0) log.info("told of the end of the batch", { batch });
  return null;
}

/** The channels for which another round may help. */
async function round(
  channels: readonly Channel[],
  news: News,
  warn: (line: string) => void,
): Promise<readonly Channel[]> {
  const outcomes = await Promise.allSettled(channels.map((channel) => channel.tell(news)));
  return channels.filter(({ shown }, place) => {
    const outcome = outcomes[place];
    if (outcome?.status === "rejected") warn(`${shown} could not be told: ${reasonOf(outcome.reason)}`);
    else if (outcome && outcome.value !== "told") warn(`${shown} is not told: ${outcome.value.refused}`);
    return outcome?.status === "rejected";
  });
}
