/** Errors of S3 that are verdicts on a batch's input: it is missing, has changed, or may not be read. */
import { S3ServiceException } from "@aws-sdk/client-s3";
import { FanjoinError } from "../../core/errors/errors.ts";

export function notFound(name: string, cause?: unknown): FanjoinError {
  return new FanjoinError("INPUT_NOT_FOUND", `There is no object ${name}.`, { cause });
}

export function changed(name: string, cause?: unknown): FanjoinError {
  return new FanjoinError(
    "INPUT_CHANGED",
    `${name} has changed since the batch was planned from it. Put the original back, or submit a new batch.`,
    { cause },
  );
}

export function statusOf(error: unknown): number | null {
  return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null;
}

/** Errors about the credentials, not about the object. They pass, or the deployer has to act. */
const CREDENTIALS_ERRORS: readonly string[] = [
  "ExpiredToken",
  "InvalidAccessKeyId",
  "InvalidToken",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
];

/** The verdict on the object `name`, if `error` is one; other errors may pass and are returned unchanged. */
export function readError(name: string, error: unknown): unknown {
  const status = statusOf(error);
  if (status === 404) return notFound(name, error);
  if (status === 412) return changed(name, error);
  const isUsers = name.startsWith("s3:");
  if (status === 403 && isUsers && error instanceof Error && !CREDENTIALS_ERRORS.includes(error.name)) {
    return new FanjoinError(
      "INPUT_FORBIDDEN",
      `S3 does not let this stack read ${name}: its functions need s3:GetObject there, and s3:ListBucket so that S3 can report a missing object.`,
      { cause: error },
    );
  }
  return error;
}
