/**
 * Replaces `@aws-sdk/credential-provider-node` in bundles (`infra/resources/bundle.ts`). A function's
 * credentials are in its environment; the code for profiles, single sign-on and web identities would slow
 * down every cold start.
 */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export function defaultProvider(): () => Promise<Credentials> {
  return () => Promise.resolve(read(process.env));
}

function read(env: NodeJS.ProcessEnv): Credentials {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error(
      "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing; Lambda sets both in every function's environment",
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
