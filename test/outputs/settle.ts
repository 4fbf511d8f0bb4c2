/** Runs chosen chunks of a batch that is planned. */
import type { Message } from "../../src/core/records/message.ts";
import type { Stage } from "../steps/stage.ts";

/** Delivers all messages of the coordinator. */
export async function plan(one: Stage): Promise<void> {
  while ((await one.step("coordinator")) > 0);
}

/** Runs the chunks with these numbers. The others stay in the queue. */
export async function settle(one: Stage, chunks: readonly number[]): Promise<void> {
  const messages = one.queue.take("worker");
  const now = new Set(chunks);
  const isNow = (message: Message): boolean => message.kind === "chunk" && now.has(message.chunk);
  for (const message of messages.filter(isNow)) await one.deliver("worker", [message]);
  await one.queue.send(
    "worker",
    messages.filter((message) => !isNow(message)),
  );
}
