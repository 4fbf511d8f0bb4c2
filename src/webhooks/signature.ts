/** Signs webhooks by the Standard Webhooks specification: https://www.standardwebhooks.com. */
import { createHmac } from "node:crypto";

export interface SignedWebhook {
  /** The same in every attempt, so that a receiver can tell a repeated one. */
  readonly id: string;
  /** When the attempt is made, in milliseconds since the epoch. */
  readonly at: number;
  readonly body: string;
}

/** The headers of an attempt. `secret`: as `onEnd.secret`; `null`: it is not signed. */
export function webhookHeaders(
  { id, at, body }: SignedWebhook,
  secret: string | null,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  if (secret === null) return headers;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${mac}` };
}
