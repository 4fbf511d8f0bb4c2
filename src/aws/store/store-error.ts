/** What failures of S3 mean for a batch: an input that is gone, is another one now, or may not be read. */
import { S3ServiceException } from "@aws-sdk/client-s3";
import { FanjoinError } from "../../core/errors.ts";

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

/** Refused because of who asks, not of what is asked for: that passes, or is for the deployer. */
const OF_CREDENTIALS: readonly string[] = [
  "ExpiredToken",
  "InvalidAccessKeyId",
  "InvalidToken",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
];

/** The verdict on the object `name` that a read came to; whatever may pass stays as it is. */
export function readError(name: string, error: unknown): unknown {
  const status = statusOf(error);
  if (status === 404) return notFound(name, error);
  if (status === 412) return changed(name, error);
  const ofUser = name.startsWith("s3:");
  if (status === 403 && ofUser && error instanceof Error && !OF_CREDENTIALS.includes(error.name)) {
    return new FanjoinError(
      "INPUT_FORBIDDEN",
      `S3 does not let this stack read ${name}: its functions need s3:GetObject there, and s3:ListBucket to be told of an object that is missing.`,
      { cause: error },
    );
  }
  return error;
}
