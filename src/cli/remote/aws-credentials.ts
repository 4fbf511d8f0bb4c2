/** AWS credentials as the AWS CLI finds them, and what is said when there are none that hold. */
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import type { AwsCredentialIdentity } from "@smithy/types";
import { explainError } from "../../aws/explain-error.ts";
import type { FanjoinError } from "../../core/errors.ts";

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

/** What a service or the SDK says of credentials; `null` if something else is wrong. */
export function credentialsError(error: unknown): FanjoinError | null {
  const said = explainError(isExpired(error) ? named("ExpiredToken", error) : error);
  return said?.code === "AWS_REFUSED" ? said : null;
}

/** A session of `aws sso login` ends so: it is the provider that fails. */
function isExpired(error: unknown): error is Error {
  return error instanceof Error && /Provider/.test(error.name) && /expired/i.test(error.message);
}

function named(name: string, cause: Error): Error {
  return Object.assign(new Error(cause.message, { cause }), { name });
}
