/** AWS credentials as the AWS CLI finds them, and what is said when there are none that hold. */
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import type { AwsCredentialIdentity } from "@smithy/types";
import { FanjoinError, reasonOf } from "../../core/errors.ts";

export type Credentials = () => Promise<AwsCredentialIdentity>;

/** Throws `CREDENTIALS_INVALID`. */
export function awsCredentials(): Credentials {
  const provider = defaultProvider();
  return async () => {
    try {
      return await provider();
    } catch (error) {
      throw credentialsError(error) ?? error;
    }
  };
}

const RENEW =
  "renew them: `aws sso login`, or new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN";

/** By the names that services and the SDK give their errors. */
const SAID: { readonly [name: string]: string } = {
  ExpiredToken: `the AWS credentials have expired: ${RENEW}`,
  ExpiredTokenException: `the AWS credentials have expired: ${RENEW}`,
  TokenProviderError: `the AWS credentials have expired: ${RENEW}`,
  InvalidClientTokenId: "AWS does not know the access key: look at AWS_ACCESS_KEY_ID and AWS_PROFILE",
  UnrecognizedClientException:
    "AWS does not know the access key or its session token: look at AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN and AWS_PROFILE",
  SignatureDoesNotMatch:
    "AWS does not accept the signature: look at AWS_SECRET_ACCESS_KEY and at the clock of this machine",
  InvalidSignatureException:
    "AWS does not accept the signature: look at AWS_SECRET_ACCESS_KEY and at the clock of this machine",
  IncompleteSignatureException:
    "AWS does not accept the signature: look at AWS_SECRET_ACCESS_KEY and at the clock of this machine",
};

/** `null` if something else is wrong. */
export function credentialsError(error: unknown): FanjoinError | null {
  if (!(error instanceof Error)) return null;
  const said = SAID[error.name] ?? (error.name === "CredentialsProviderError" ? missing(error) : null);
  return said === null ? null : new FanjoinError("CREDENTIALS_INVALID", said, { cause: error });
}

function missing(error: Error): string {
  if (/expired/i.test(error.message)) return `the AWS credentials have expired: ${RENEW}`;
  return `there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in (\`aws sso login\`). ${reasonOf(error)}`;
}
