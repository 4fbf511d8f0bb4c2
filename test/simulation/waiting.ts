import type { Message, QueueName } from "../../src/core/records/message.ts";
import { MAX_RECEIVES } from "../../src/core/records/message.ts";
import { attemptOf } from "../../src/steps/bundle/delivery.ts";
import { MOST_ATTEMPTS } from "../../src/steps/dead-letter.ts";

/** A message in a queue. */
export interface Waiting {
  readonly queue: QueueName;
  readonly message: Message;
  readonly receives: number;
}

/** A dead letter that gives a join up. */
export function isLastOfJoin({ message }: Waiting): boolean {
  return "node" in message && attemptOf({ message, receives: MAX_RECEIVES }) >= MOST_ATTEMPTS;
}
