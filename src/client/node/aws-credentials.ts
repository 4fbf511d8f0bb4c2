/** Finds AWS credentials in the same places as the AWS CLI, and explains missing or invalid ones. */
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import type { AwsCredentialIdentity } from "@smithy/types";
import { explainError } from "../../aws/explain-error.ts";
import type { FanjoinError } from "../../core/errors/errors.ts";

/** Throws `AWS_REFUSED`. */
export function awsCredentials(): () => Promise<AwsCredentialIdentity> {
  const provider = defaultProvider();
  return async () => {
    try {
      return await provider();
    } catch (error) {
      throw credentialsError(error) ?? error;
    }
  };
}

/**
 * Explains an error of a service or the SDK that is about credentials; `null` if it is about something else.
 */
export function credentialsError(error: unknown): FanjoinError | null {
  const explained = explainError(isExpired(error) ? named("ExpiredToken", error) : error);
  return explained?.code === "AWS_REFUSED" ? explained : null;
}

/** When a session of `aws sso login` expires, the provider fails. */
function isExpired(error: unknown): error is Error {
  return error instanceof Error && /Provider/.test(error.name) && /expired/i.test(error.message);
}

function named(name: string, cause: Error): Error {
  return Object.assign(new Error(cause.message, { cause }), { name });
}
