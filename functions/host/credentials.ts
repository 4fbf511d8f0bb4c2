/**
 * Stands in for `@aws-sdk/credential-provider-node` in bundles (`infra/bundle.ts`): a function's credentials
 * are in its environment, and the code for profiles, single sign-on and web identities would cost every cold
 * start.
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
    throw new Error("no credentials: Lambda puts them into the environment of every function");
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
