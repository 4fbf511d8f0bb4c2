/** The webhooks of a job as channels of news. */
import { createHash } from "node:crypto";
import { checkSecret } from "../job/on-end.ts";
import type { OnEnd } from "../job/on-end.ts";
import type { Channel, News } from "../news.ts";
import { PrivateAddressError, sendWebhook } from "./send-webhook.ts";
import { webhookHeaders } from "./signature.ts";

/** The variable with the secret of jobs that name none. */
export const SECRET_VARIABLE = "FANJOIN_WEBHOOK_SECRET";

export interface WebhookOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => number;
  /** Ends attempts that are under way. */
  readonly signal?: AbortSignal | undefined;
}

/** Throws `JOB_INVALID` for a secret of another form in the environment. `null`: the job tells nobody. */
export function webhookChannels(
  onEnd: OnEnd | null,
  { env, now, signal }: WebhookOptions,
): readonly Channel[] {
  if (onEnd === null) return [];
  const secret = onEnd.secret ?? secretIn(env);
  const { privateWebhooks } = onEnd;
  return onEnd.webhooks.map((url) => ({
    id: createHash("sha256").update(url).digest("hex").slice(0, 12),
    // A path may be a secret, as those of Slack are.
    shown: `the webhook at ${new URL(url).host}`,
    async tell({ id, body }: News) {
      const headers = webhookHeaders({ id, at: now(), body }, secret);
      try {
        return outcomeOf(await sendWebhook({ url, headers, body, privateWebhooks, signal }));
      } catch (error) {
        if (error instanceof PrivateAddressError) return { refused: error.message };
        throw error;
      }
    },
  }));
}

function outcomeOf(status: number): "told" | { readonly refused: string } {
  if (status >= 200 && status < 300) return "told";
  if (status === 410) return { refused: "the receiver is gone (410)" };
  throw new Error(`the answer was ${status}`);
}

function secretIn(env: NodeJS.ProcessEnv): string | null {
  const secret = env[SECRET_VARIABLE] ?? "";
  if (secret === "") return null;
  checkSecret(secret, SECRET_VARIABLE);
  return secret;
}
