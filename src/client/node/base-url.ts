/** The base URL of an API, given as a URL or as the name of its stack. */
import { checkAwsEndpoint, checkEncrypted } from "./encrypted.ts";
import { parseUrl, regionIn } from "../base.ts";
import type { Base } from "../base.ts";
import { findStack } from "./find-stack.ts";

const REMEDY =
  "Allow execute-api:Invoke on the API for these AWS credentials, or set FANJOIN_API_KEY if it needs a key, or FANJOIN_TOKEN for `fanjoin dev`";

/** Exactly one of stack and endpoint is given. */
export interface RemoteOptions {
  /** The name of the CloudFormation stack that contains fanjoin. */
  readonly stack?: string | undefined;
  /** The base URL of a stack's API, or of `fanjoin dev`. */
  readonly endpoint?: string | undefined;
  /** Allows an endpoint without encryption on another machine. */
  readonly insecureEndpoint?: boolean | undefined;
}

/** Throws `USAGE`, and the errors of `findStack`. */
export async function baseOf(
  { stack, endpoint, insecureEndpoint }: RemoteOptions,
  env: NodeJS.ProcessEnv,
): Promise<Base> {
  const insecure = insecureEndpoint === true;
  if (stack !== undefined) {
    await checkAwsEndpoint("CLOUDFORMATION", insecure, env);
    const { api, region } = await findStack(stack, env);
    const url = parseUrl(throughLocalEndpoint(api, env), "its API");
    await checkEncrypted(url, `the API of the stack ${stack} at`, insecure);
    return { url, where: `on the stack ${stack}`, region, insecure, remedy: REMEDY };
  }
  const url = parseUrl(endpoint ?? "", "--endpoint");
  await checkEncrypted(url, "--endpoint", insecure);
  const region = regionIn(url.hostname) ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? null;
  return { url, where: `at ${url.origin}`, region, insecure, remedy: REMEDY };
}

/**
 * LocalStack serves all APIs and stages at one address:
 * https://docs.localstack.cloud/aws/services/apigateway/
 */
function throughLocalEndpoint(api: string, env: NodeJS.ProcessEnv): string {
  const local = env["AWS_ENDPOINT_URL"];
  const [, id, stage] = /^https?:\/\/([^./]+)\.execute-api\.[^/]+\/([^/]+)/.exec(api) ?? [];
  if (local === undefined || local === "" || id === undefined || stage === undefined) return api;
  return `${local.replace(/\/+$/, "")}/_aws/execute-api/${id}/${stage}`;
}
