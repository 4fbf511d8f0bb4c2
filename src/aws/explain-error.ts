/**
 * Turns errors of the SDK and the network into sentences for people. Used only where a person reads them (the
 * command line, a deploy, the API's answer). Adapters throw the SDK's errors unchanged: except for verdicts
 * on an input, every error there is retried.
 */
import { FanjoinError } from "../core/errors/errors.ts";
import type { ErrorCode } from "../core/errors/errors.ts";

interface Explanation {
  readonly code: ErrorCode;
  /** Names of errors, or codes of the operating system. */
  readonly names: readonly string[];
  readonly sentence: (message: string, subject: string) => string;
}

const SIGN_IN =
  "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in (`aws sso login`, `aws configure`)";

const EXPLANATIONS: readonly Explanation[] = [
  {
    code: "AWS_REFUSED",
    names: ["CredentialsProviderError", "NoCredentials", "MissingAuthenticationTokenException"],
    sentence: () => `There are no AWS credentials here: ${SIGN_IN}.`,
  },
  {
    code: "AWS_REFUSED",
    names: ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"],
    sentence: () => `The AWS credentials have expired: sign in again, or ${SIGN_IN}.`,
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
    sentence: (message) => `AWS does not accept the credentials (${message}): ${SIGN_IN}.`,
  },
  {
    code: "AWS_REFUSED",
    names: ["RequestTimeTooSkewed"],
    sentence: () => "AWS refuses requests from this machine because its clock is wrong: set the clock.",
  },
  {
    code: "AWS_REFUSED",
    names: ["AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedOperation"],
    sentence: (message) =>
      `AWS denied access: ${message}. Ask the administrator of the account for the permission.`,
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
    sentence: (message, subject) =>
      `${subject} does not answer (${message}): is it up, and is AWS_ENDPOINT_URL or the endpoint right?`,
  },
  {
    code: "AWS_UNREACHABLE",
    names: ["ENOTFOUND", "EAI_AGAIN", "UnknownEndpoint"],
    sentence: (message, subject) =>
      `${subject} cannot be found (${message}): check the endpoint, the region and the network.`,
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
    sentence: (message, subject) => `${subject} is throttling requests (${message}): try again later.`,
  },
];

/**
 * `null` if the error is not a failure of AWS or of the network. `subject` is the service or endpoint that
 * was asked, as the beginning of a sentence.
 */
export function explainError(thrown: unknown, subject = "AWS"): FanjoinError | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof FanjoinError) return error;
    const found = EXPLANATIONS.find(
      ({ names }) => names.includes(error.name) || names.includes(codeOf(error)),
    );
    if (found)
      return new FanjoinError(found.code, found.sentence(messageOf(error), subject), { cause: thrown });
    if (error.message === "Region is missing") {
      return new FanjoinError(
        "AWS_REFUSED",
        "No AWS region is set: set AWS_REGION, or a region in your profile.",
        { cause: thrown },
      );
    }
    // The response to a HEAD request has no body, so a refusal has no error name.
    if (statusOf(error) === 403) {
      return new FanjoinError(
        "AWS_REFUSED",
        `${subject} denied access: the credentials have expired, or lack the permission.`,
        { cause: thrown },
      );
    }
    if (statusOf(error) >= 500) {
      return new FanjoinError(
        "AWS_UNREACHABLE",
        `${subject} had an internal error (${messageOf(error)}): try again later.`,
        { cause: thrown },
      );
    }
  }
  return null;
}

/** The `code` of a Node error (`ECONNREFUSED`, …); '' if it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function statusOf(error: Error): number {
  const { $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

/** The message without its full stop. If several addresses were tried, the message of the first. */
function messageOf(error: Error): string {
  const message =
    error instanceof AggregateError && error.errors[0] instanceof Error
      ? error.errors[0].message
      : error.message;
  return (message || error.name).replace(/\.$/, "");
}
