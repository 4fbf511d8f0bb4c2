/** Which names and codes of errors are explained, and how. Services and Node are known to use these names. */
import { describe, expect, test } from "vitest";
import { codeOf, explainError } from "../../src/aws/explain-error.ts";

const NO_CREDENTIALS = "There are no AWS credentials here: set AWS_PROFILE";
const EXPIRED = "The AWS credentials have expired: sign in again";
const NOT_ACCEPTED = "AWS does not accept the credentials (why): set AWS_PROFILE";
const DENIED = "AWS denied access: why. Ask the administrator of the account for the permission.";
const NO_ANSWER = "S3 does not answer (why): is it up, and is AWS_ENDPOINT_URL or the endpoint right?";
const NOT_FOUND = "S3 cannot be found (why): check the endpoint, the region and the network.";
const THROTTLED = "S3 is throttling requests (why): try again later.";

const NAMES: Readonly<Record<string, readonly [sentence: string, ...names: string[]]>> = {
  "missing credentials": [
    NO_CREDENTIALS,
    "CredentialsProviderError",
    "NoCredentials",
    "MissingAuthenticationTokenException",
  ],
  "expired credentials": [
    EXPIRED,
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
  ],
  "wrong credentials": [
    NOT_ACCEPTED,
    "AuthFailure",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
  ],
  "a wrong clock": [
    "AWS refuses requests from this machine because its clock is wrong: set the clock.",
    "RequestTimeTooSkewed",
  ],
  "a missing permission": [
    DENIED,
    "AccessDenied",
    "AccessDeniedException",
    "Forbidden",
    "UnauthorizedOperation",
  ],
  "an endpoint that does not answer": [
    NO_ANSWER,
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
  "an endpoint that is not there": [NOT_FOUND, "ENOTFOUND", "EAI_AGAIN", "UnknownEndpoint"],
  "a service that is too busy": [
    THROTTLED,
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
};

const CASES = Object.entries(NAMES).flatMap(([kind, [sentence, ...names]]) =>
  names.map((name) => [name, kind, sentence] as const),
);

/** An error with a name, and whatever else the SDK gives it. */
const errorOf = (more: object, message = "why."): Error => Object.assign(new Error(message), more);

test.for(CASES)("%s is %s", ([name, , sentence]) => {
  expect(explainError(errorOf({ name }), "S3")?.message).toContain(sentence);
  // Node's errors have a code, and a name that says nothing.
  expect(explainError(errorOf({ code: name }), "S3")?.message).toContain(sentence);
});

describe("an error without a known name", () => {
  const status = (httpStatusCode: number): object => ({ $metadata: { httpStatusCode } });

  test("is a refusal if the status is 403: the answer to a HEAD request has no name", () => {
    expect(explainError(errorOf(status(403)), "The bucket")).toMatchObject({
      code: "AWS_REFUSED",
      message: "The bucket denied access: the credentials have expired, or lack the permission.",
    });
  });

  test.for([500, 503])("is an internal error of the service if the status is %i", (code) => {
    expect(explainError(errorOf(status(code)), "The bucket")).toMatchObject({
      code: "AWS_UNREACHABLE",
      message: "The bucket had an internal error (why): try again later.",
    });
  });

  test.for([200, 404, 499])("is not explained if the status is %i", (code) => {
    expect(explainError(errorOf(status(code)))).toBeNull();
    expect(explainError(errorOf({ $metadata: {} }))).toBeNull();
  });

  test("is a missing region if that is what it says", () => {
    expect(explainError(errorOf({}, "Region is missing"))).toMatchObject({
      code: "AWS_REFUSED",
      message: "No AWS region is set: set AWS_REGION, or a region in your profile.",
    });
  });
});

test("an error is explained by its cause, and keeps what was thrown as its own cause", () => {
  const thrown = new Error("fetch failed", { cause: errorOf({ code: "ECONNREFUSED" }) });
  const explained = explainError(thrown, "S3");
  expect(explained?.message).toBe(NO_ANSWER);
  expect(explained?.cause).toBe(thrown);
  for (const other of [errorOf({}, "Region is missing"), errorOf({ $metadata: { httpStatusCode: 403 } })]) {
    expect(explainError(other)?.cause).toBe(other);
  }
});

test("where several addresses were tried, the first failure is named; without a message, the error's name", () => {
  const several = (errors: readonly unknown[]): Error =>
    Object.assign(new AggregateError(errors, "all"), { code: "ECONNREFUSED" });
  expect(explainError(several([new Error("why."), new Error("also")]), "S3")?.message).toBe(NO_ANSWER);
  expect(explainError(several(["text"]), "S3")?.message).toContain("(all)");
  expect(explainError(errorOf({ name: "SlowDown" }, ""), "S3")?.message).toContain("(SlowDown)");
});

test("only a code that is text counts as one", () => {
  expect(codeOf(errorOf({ code: "ENOENT" }))).toBe("ENOENT");
  expect(codeOf(errorOf({ code: 5 }))).toBe("");
  expect(codeOf(new Error("none"))).toBe("");
  expect(codeOf({ code: "ENOENT" })).toBe("");
});
