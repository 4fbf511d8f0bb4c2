/** The option `onEnd` of a job: who is told of the end of its batches. */
import { group, invalid, show } from "../option-check.ts";

/** Who is told when a batch ends. */
export interface OnEndSettings {
  /**
   * URLs that get the news as a POST, by the Standard Webhooks specification. They have to begin with
   * `https://`. They are not stored: a batch is told of with those that its job has by then.
   */
  readonly webhooks?: readonly string[] | undefined;
  /**
   * Signs the requests: `whsec_` and 24 to 64 bytes in base64. By default it is in the environment variable
   * `FANJOIN_WEBHOOK_SECRET`; without either, requests are not signed. It is never stored.
   */
  readonly secret?: string | undefined;
  /** `true` allows addresses of private networks and of this machine, and `http://`. */
  readonly privateWebhooks?: boolean | undefined;
}

/** The option with its defaults. */
export interface OnEnd {
  readonly webhooks: readonly string[];
  readonly secret: string | null;
  readonly privateWebhooks: boolean;
}

const MOST_WEBHOOKS = 10;
const SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/** Throws `JOB_INVALID`, without showing a secret. `null`: nobody is told. */
export function parseOnEnd(onEnd: unknown): OnEnd | null {
  if (onEnd === undefined) return null;
  const { webhooks, secret, privateWebhooks } = group(onEnd, "onEnd", [
    "webhooks",
    "secret",
    "privateWebhooks",
  ]);
  if (privateWebhooks !== undefined && typeof privateWebhooks !== "boolean")
    throw invalid(`onEnd.privateWebhooks has to be true or false, but is ${show(privateWebhooks)}.`);
  if (secret !== undefined) checkSecret(secret, "onEnd.secret");
  const urls = parseWebhooks(webhooks, privateWebhooks === true);
  if (urls.length === 0) return null;
  return Object.freeze({
    webhooks: urls,
    secret: secret === undefined ? null : (secret as string),
    privateWebhooks: privateWebhooks === true,
  });
}

/** Throws `JOB_INVALID`. `where` has the secret. */
export function checkSecret(secret: unknown, where: string): void {
  if (typeof secret === "string" && SECRET.test(secret)) return;
  const kind = typeof secret === "string" ? "another text" : show(typeof secret);
  throw invalid(`${where} has to be whsec_ and 24 to 64 bytes in base64, but is ${kind}.`);
}

function parseWebhooks(webhooks: unknown, mayBePrivate: boolean): readonly string[] {
  if (webhooks === undefined) return [];
  if (!Array.isArray(webhooks) || webhooks.length > MOST_WEBHOOKS)
    throw invalid(`onEnd.webhooks has to be a list of at most ${MOST_WEBHOOKS} URLs.`);
  return Object.freeze([...new Set(webhooks.map((url, place) => parseUrl(url, place, mayBePrivate)))]);
}

function parseUrl(given: unknown, place: number, mayBePrivate: boolean): string {
  const where = `onEnd.webhooks[${place}]`;
  const url = typeof given === "string" ? URL.parse(given) : null;
  if (!url) throw invalid(`${where} has to be a URL, but is ${show(given)}.`);
  if (url.username !== "" || url.password !== "")
    throw invalid(`${where} has a user name or password: give a secret, which signs the requests.`);
  if (url.protocol === "https:" || (mayBePrivate && url.protocol === "http:")) return url.href;
  throw invalid(
    `${where} has to begin with https://, but is of ${url.protocol}. In a private network, privateWebhooks: true allows http://.`,
  );
}
