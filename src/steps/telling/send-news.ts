/** Messages that have the end of a batch told, on platforms whose queues can delay. */
import { pendingNews } from "../../core/records/batch/news.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ports } from "../../ports.ts";
import type { Untold } from "./tell.ts";

/** The longest delay of SQS. A sweeper sends what is due later. */
const MAX_DELAY_MS = 15 * 60_000;
/** The message of a round that is overdue by so much was lost, or was never sent. */
const OVERDUE_MS = 30_000;

/** Asks for a first round. */
export async function sendNews({ queue }: Pick<Ports, "queue">, batch: string): Promise<void> {
  await queue.send("join", [{ kind: "news", batch }]);
}

/** Asks for the next round, if the queue can wait for it. */
export async function sendNextRound(
  { queue, clock }: Pick<Ports, "queue" | "clock">,
  batch: string,
  { at }: Untold,
): Promise<void> {
  const delayMs = Math.max(0, at - clock.now());
  if (delayMs <= MAX_DELAY_MS) await queue.send("join", [{ kind: "news", batch }], { delayMs });
}

/** Asks for a round that is overdue. */
export async function sweepNews(
  { queue, clock }: Pick<Ports, "queue" | "clock">,
  batch: string,
  fields: Fields,
): Promise<void> {
  const pending = pendingNews(fields);
  if (pending && clock.now() - pending.at >= OVERDUE_MS) await sendNews({ queue }, batch);
}
