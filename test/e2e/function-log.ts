/**
 * What functions have logged: CloudWatch Logs, by its own protocol, because nothing else here needs its SDK.
 */
import { requireLoopback } from "../localstack/guard.ts";
import { signed } from "./api-client.ts";

/** The messages of a function that hold `phrase`. */
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
