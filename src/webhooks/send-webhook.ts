/** Sends a webhook: one POST, which follows no redirect and reaches no private address. */
import { lookup } from "node:dns";
import type { RequestOptions, request } from "node:http";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { isPrivateAddress } from "./private-address.ts";

export interface Webhook {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly privateWebhooks: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The time that the specification gives a receiver. */
const ANSWER_MS = 15_000;

/**
 * Resolves with the status of the answer, whatever it is. Throws an `Error` that names no URL where no answer
 * came, and `PrivateAddressError`.
 */
export async function sendWebhook({ url, headers, body, privateWebhooks, signal }: Webhook): Promise<number> {
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  // A name is checked where it is resolved, an address is never resolved.
  if (!privateWebhooks && isIP(host) !== 0 && isPrivateAddress(host)) throw new PrivateAddressError(host);
  const over = AbortSignal.timeout(ANSWER_MS);
  const options: RequestOptions = {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "user-agent": "fanjoin",
      ...headers,
    },
    signal: signal ? AbortSignal.any([signal, over]) : over,
    // No connection that a receiver may have closed is used again.
    agent: false,
    ...(privateWebhooks ? {} : { lookup: publicLookup }),
  };
  try {
    // Loaded here: most batches tell nobody, and Node's HTTP takes a tenth of the time in which they start.
    const http = await (protocol === "https:" ? import("node:https") : import("node:http"));
    return await post(http.request, url, options, body);
  } catch (error) {
    if (over.aborted) throw new Error(`no answer within ${ANSWER_MS / 1000} s`, { cause: error });
    throw error;
  }
}

function post(send: typeof request, url: string, options: RequestOptions, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = send(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      // The answer has no meaning, and may be endless.
      response.destroy();
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

/** It says nothing about whether the receiver works: another attempt does not help. */
export class PrivateAddressError extends Error {
  constructor(host: string) {
    super(`${host} is a private address: onEnd.privateWebhooks allows such`);
  }
}

/** The address that is connected to is the one that was checked, whatever the name resolves to later. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const found = addresses.find(({ address }) => isPrivateAddress(address));
    const [first] = addresses;
    if (found) return callback(new PrivateAddressError(hostname), "", 0);
    if (!first) return callback(new Error(`${hostname} has no address`), "", 0);
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};
