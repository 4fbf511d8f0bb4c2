/**
 * What lies among the dead letters: messages that exhausted their receives, and what Lambda says of
 * asynchronous invocations that failed.
 */
import { isObject } from "../../src/core/json.ts";
import { parseMessage } from "../../src/core/records/message.ts";
import type { Message } from "../../src/core/records/message.ts";
import { MAX_RECEIVES } from "../../src/core/records/message.ts";
import type { Delivery } from "../../src/steps/delivery.ts";

/**
 * The messages in a dead letter's body; none if it is of somebody else's. A message says no longer how often
 * it was received, but that is what made it one. A failed invocation was one attempt at each of its messages:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html.
 */
export function parseDeadLetter(body: unknown): readonly Delivery<Message>[] {
  const message = parseMessage(body);
  if (message) return [{ message, receives: MAX_RECEIVES }];
  return messagesIn(body).flatMap((one) => {
    const invoked = parseMessage(one);
    return invoked ? [{ message: invoked, receives: 1 }] : [];
  });
}

function messagesIn(envelope: unknown): readonly unknown[] {
  const payload =
    isObject(envelope) && isObject(envelope["requestContext"]) ? envelope["requestPayload"] : null;
  const messages = isObject(payload) ? payload["messages"] : null;
  return Array.isArray(messages) ? messages : [];
}
