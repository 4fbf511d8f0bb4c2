/** Explains why an endpoint did not answer. */
import { codeOf } from "../../aws/explain-error.ts";
import { reasonOf } from "../../core/errors/errors.ts";
import type { FanjoinError } from "../../core/errors/errors.ts";
import { isTimeout, unanswered } from "../http/http.ts";

/** `where` did not answer. */
export function unreachable(error: unknown, where: string): FanjoinError {
  return unanswered(error, where, reason);
}

function reason(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "cannot be found: check its name and the network";
  if (code === "ECONNREFUSED") return "does not answer: the connection was refused";
  if (code === "ECONNRESET" || code === "EPIPE") return "broke the connection: try again in a moment";
  if (isTimeout(error)) return "does not answer: the request timed out";
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/.test(code))
    return `has a certificate that this machine does not trust (${code})`;
  return `does not answer correctly: ${reasonOf(error)}`;
}
