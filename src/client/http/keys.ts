/** Secrets in place of an AWS signature: the token of `fanjoin dev`, or an API key. */
import { usage } from "../../core/errors/errors.ts";
import type { Sign } from "../api-client.ts";

/** Throws `USAGE`, which names `from`. */
export function withToken(token: string, from = "FANJOIN_TOKEN"): Sign {
  return withHeader("authorization", `Bearer ${token}`, from);
}

/** Throws `USAGE`, which names `from`. */
export function withApiKey(key: string, from = "FANJOIN_API_KEY"): Sign {
  return withHeader("x-api-key", key, from);
}

function withHeader(name: string, value: string, from: string): Sign {
  if (/[^\u0020-\u00FF]|\u007F/.test(value))
    throw usage(`${from} contains characters that are not allowed in an HTTP header`);
  return async (request) => ({ ...request, headers: { ...request.headers, [name]: value } });
}
