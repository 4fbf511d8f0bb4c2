/**
 * Reads functions' logs from CloudWatch Logs, with plain requests, because nothing else needs that SDK.
 */
import { requireLoopback } from "../../../localstack/guard.ts";
import { signed } from "./api-client.ts";

/** The log messages of the function `name` that contain `phrase`. */
export async function messagesIn(name: string, phrase: string): Promise<string[]> {
  const { text } = await signed({
    method: "POST",
    url: `${requireLoopback()}/`,
    service: "logs",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "Logs_20140328.FilterLogEvents",
    },
    body: JSON.stringify({ logGroupName: `/aws/lambda/${name}` }),
  });
  const { events = [] } = JSON.parse(text) as { events?: { message: string }[] };
  return events.flatMap(({ message }) => (message.includes(phrase) ? [message] : []));
}
