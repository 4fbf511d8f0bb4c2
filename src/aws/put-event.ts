/** Puts the events of a stack on the default event bus of its account. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { JsonObject } from "../core/json/json.ts";
import { RETRIES, handler } from "./client-options.ts";

export const EVENT_SOURCE = "fanjoin";
export const BATCH_ENDED = "Batch ended";

/** Throws what the SDK throws, and an `Error` if EventBridge refuses the event. */
export function eventBus(): (detail: JsonObject) => Promise<void> {
  const client = new EventBridgeClient({ ...RETRIES, requestHandler: handler(1000, 5000, 5000) });
  return async (detail) => {
    const entry = { Source: EVENT_SOURCE, DetailType: BATCH_ENDED, Detail: JSON.stringify(detail) };
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    const [{ ErrorCode: code, ErrorMessage: message } = {}] = Entries;
    // The request as a whole succeeds even so.
    if (code !== undefined) throw new Error(`EventBridge refused the event: ${message ?? code}`);
  };
}
