import { S3ServiceException } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { changed, notFound, readError, statusOf } from "../../../src/aws/store/store-error.ts";

const refusal = (httpStatusCode: number | undefined, name = "AccessDenied"): S3ServiceException =>
  new S3ServiceException({
    name,
    $fault: "client",
    $metadata: httpStatusCode === undefined ? {} : { httpStatusCode },
    message: "why",
  });
const USERS = "s3://users/in.csv";

describe("an error of S3 while an object is read", () => {
  test("is a verdict on the input if the object is missing or has changed", () => {
    for (const [status, verdict] of [
      [404, notFound(USERS)],
      [412, changed(USERS)],
    ] as const) {
      const error = refusal(status, "Any");
      const { code, message } = verdict;
      expect(readError(USERS, error)).toMatchObject({ code, message, cause: error });
      expect(message).toContain(USERS);
    }
  });

  test("is INPUT_FORBIDDEN for a user's object that may not be read", () => {
    const error = refusal(403);
    expect(readError(USERS, error)).toMatchObject({
      code: "INPUT_FORBIDDEN",
      message: expect.stringMatching(/read s3:\/\/users\/in\.csv: .*s3:GetObject.*s3:ListBucket/u) as string,
      cause: error,
    });
  });

  test("stays what it is for one of fanjoin's own objects", () => {
    const error = refusal(403);
    expect(readError("attempts/x", error)).toBe(error);
  });

  test.for([
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
  ])("stays what it is where the credentials are to blame: %s", (name) => {
    const error = refusal(403, name);
    expect(readError(USERS, error)).toBe(error);
  });

  test("stays what it is where it may pass", () => {
    for (const error of [refusal(500), refusal(undefined), new Error("ECONNRESET"), "thrown"]) {
      expect(readError(USERS, error)).toBe(error);
    }
  });
});

test("only an answer of S3 has a status", () => {
  expect(statusOf(refusal(416))).toBe(416);
  expect(statusOf(refusal(undefined))).toBeNull();
  expect(statusOf(Object.assign(new Error("x"), { $metadata: { httpStatusCode: 404 } }))).toBeNull();
});
