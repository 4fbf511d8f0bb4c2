/** Parses the events of schedules: rules of EventBridge send them to the coordinator's queue. */
import { isObject } from "../../src/core/json/json.ts";
import { parseMessage } from "../../src/core/records/parse-message.ts";
import type { TickMessage } from "../../src/core/records/message.ts";

const MINUTE_MS = 60_000;

/**
 * The message of a schedule in a body; `null` if it is none. A rule names the time of its event, which is
 * some seconds after the minute at most; a message that waited has the minute itself.
 */
export function parseTick(body: unknown): TickMessage | null {
  if (!isObject(body) || body["kind"] !== "tick") return null;
  const { time, ...rest } = body;
  const at = typeof time === "string" ? Date.parse(time) : body["at"];
  const minute = typeof at === "number" ? Math.floor(at / MINUTE_MS) * MINUTE_MS : at;
  const message = parseMessage({ params: null, input: null, overlap: "skip", ...rest, at: minute });
  return message?.kind === "tick" ? message : null;
}
