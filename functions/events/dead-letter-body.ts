/**
 * Parses dead letters: messages that exhausted their receives, and Lambda's records of failed asynchronous
 * invocations.
 */
import { isObject } from "../../src/core/json/json.ts";
import { parseMessage } from "../../src/core/records/parse-message.ts";
import type { Message } from "../../src/core/records/message.ts";
import { MAX_RECEIVES } from "../../src/core/records/message.ts";
import type { Delivery } from "../../src/steps/bundle/delivery.ts";

/**
 * The messages in the body of a dead letter; none if the body is not fanjoin's. Messages of a failed
 * invocation that are not fanjoin's are left to `onUnknown`. A message has lost its
 * receive count, but it became a dead letter by exhausting its receives. A failed invocation was one attempt
 * at each of its messages: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html.
 */
export function parseDeadLetter(
  body: unknown,
  onUnknown: (message: unknown) => void = () => undefined,
): readonly Delivery<Message>[] {
  const message = parseMessage(body);
  if (message) return [{ message, receives: MAX_RECEIVES }];
  return messagesIn(body).flatMap((entry) => {
    const invoked = parseMessage(entry);
    if (invoked) return [{ message: invoked, receives: 1 }];
    onUnknown(entry);
    return [];
  });
}

function messagesIn(envelope: unknown): readonly unknown[] {
  const payload =
    isObject(envelope) && isObject(envelope["requestContext"]) ? envelope["requestPayload"] : null;
  const messages = isObject(payload) ? payload["messages"] : null;
  return Array.isArray(messages) ? messages : [];
}
