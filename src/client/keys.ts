/** Secrets in place of an AWS signature: the token of `fanjoin dev`, or an API key. */
import { usage } from "../core/errors.ts";
import type { Sign } from "./api-client.ts";

/** Throws `USAGE`. */
export function withToken(token: string): Sign {
  return withHeader("authorization", `Bearer ${token}`, "FANJOIN_TOKEN");
}

/** Throws `USAGE`. */
export function withApiKey(key: string): Sign {
  return withHeader("x-api-key", key, "FANJOIN_API_KEY");
}

function withHeader(name: string, value: string, from: string): Sign {
  if (/[^\u0020-\u00FF]|\u007F/.test(value))
    throw usage(`${from} contains characters that are not allowed in an HTTP header`);
  return async (request) => {
    request.headers[name] = value;
    return request;
  };
}
