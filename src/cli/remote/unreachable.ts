/** Why there was no answer, in a sentence. */
import { codeOf } from "../../aws/explain-error.ts";
import { FanjoinError, reasonOf } from "../../core/errors.ts";

/** `where`: who did not answer. */
export function unreachable(error: unknown, where: string): FanjoinError {
  if (error instanceof FanjoinError) return error;
  return new FanjoinError("ENDPOINT_UNUSABLE", `${where} ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return "has no address: look at its name, and at the network";
  if (code === "ECONNREFUSED") return "does not answer: nothing listens there";
  if (code === "ECONNRESET" || code === "EPIPE") return "breaks connections off: try again in a moment";
  if (isTimeout(error)) return "does not answer: it was waited for in vain";
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/.test(code))
    return `has a certificate that is not trusted here (${code})`;
  return `does not answer as it should: ${reasonOf(error)}`;
}

export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
