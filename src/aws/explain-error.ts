/**
 * What AWS or the way to it had to say, for people. For the border where somebody reads it (the command line,
 * a deploy, the API's answer): adapters throw what the SDK threw, because there everything that is no verdict
 * on an input is tried again.
 */
import { FanjoinError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";

interface Explanation {
  readonly code: ErrorCode;
  /** By the error's name, or the code of the operating system. */
  readonly names: readonly string[];
  readonly says: (message: string, what: string) => string;
}

const SIGN_IN =
  "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in (`aws sso login`, `aws configure`)";

const EXPLANATIONS: readonly Explanation[] = [
  {
    code: "AWS_REFUSED",
    names: ["CredentialsProviderError", "NoCredentials", "MissingAuthenticationTokenException"],
    says: () => `There are no AWS credentials here: ${SIGN_IN}.`,
  },
  {
    code: "AWS_REFUSED",
    names: ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"],
    says: () => `The AWS credentials have expired: sign in again, or ${SIGN_IN}.`,
  },
  {
    code: "AWS_REFUSED",
    names: [
      "AuthFailure",
      "IncompleteSignature",
      "InvalidAccessKeyId",
      "InvalidClientTokenId",
      "InvalidSignatureException",
      "InvalidToken",
      "SignatureDoesNotMatch",
      "UnrecognizedClientException",
    ],
    says: (message) => `AWS does not accept the credentials (${message}): ${SIGN_IN}.`,
  },
  {
    code: "AWS_REFUSED",
    names: ["RequestTimeTooSkewed"],
    says: () => "AWS refuses requests from this machine because its clock is wrong: set it.",
  },
  {
    code: "AWS_REFUSED",
    names: ["AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedOperation"],
    says: (message) => `AWS refuses it: ${message}. Ask whoever manages the account for the permission.`,
  },
  {
    code: "AWS_UNREACHABLE",
    names: [
      "ECONNREFUSED",
      "ECONNRESET",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "EPIPE",
      "ETIMEDOUT",
      "TimeoutError",
      "UND_ERR_CONNECT_TIMEOUT",
      "UND_ERR_HEADERS_TIMEOUT",
      "UND_ERR_SOCKET",
    ],
    says: (message, what) =>
      `${what} does not answer (${message}): is it up, and is AWS_ENDPOINT_URL or the endpoint right?`,
  },
  {
    code: "AWS_UNREACHABLE",
    names: ["ENOTFOUND", "EAI_AGAIN", "UnknownEndpoint"],
    says: (message, what) =>
      `${what} cannot be found (${message}): check the endpoint, the region and the network.`,
  },
  {
    code: "AWS_UNREACHABLE",
    names: [
      "BandwidthLimitExceeded",
      "LimitExceededException",
      "ProvisionedThroughputExceededException",
      "RequestLimitExceeded",
      "RequestThrottled",
      "RequestThrottledException",
      "SlowDown",
      "Throttling",
      "ThrottlingException",
      "TooManyRequestsException",
    ],
    says: (message, what) => `${what} is asked for too much at once (${message}): try again later.`,
  },
];

/**
 * `null` for what is no failure of AWS or of the way to it. `what`: who was asked, at the beginning of a
 * sentence.
 */
export function explain(thrown: unknown, what = "AWS"): FanjoinError | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof FanjoinError) return error;
    const found = EXPLANATIONS.find(
      ({ names }) => names.includes(error.name) || names.includes(codeOf(error)),
    );
    if (found) return new FanjoinError(found.code, found.says(messageOf(error), what), { cause: thrown });
    if (error.message === "Region is missing") {
      return new FanjoinError(
        "AWS_REFUSED",
        "No AWS region is set: set AWS_REGION, or a region in your profile.",
        { cause: thrown },
      );
    }
    // A HEAD request is refused without a word.
    if (statusOf(error) === 403) {
      return new FanjoinError(
        "AWS_REFUSED",
        `${what} refuses it: the credentials have expired, or lack the permission.`,
        { cause: thrown },
      );
    }
    if (statusOf(error) >= 500) {
      return new FanjoinError(
        "AWS_UNREACHABLE",
        `${what} has trouble of its own (${messageOf(error)}): try again later.`,
        { cause: thrown },
      );
    }
  }
  return null;
}

/** Of errors of Node; '' where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function statusOf(error: Error): number {
  const { $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

/**
 * Without the full stop that some services end with. Where several addresses were tried, that of the first.
 */
function messageOf(error: Error): string {
  const message =
    error instanceof AggregateError && error.errors[0] instanceof Error
      ? error.errors[0].message
      : error.message;
  return (message || error.name).replace(/\.$/, "");
}
