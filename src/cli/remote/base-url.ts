/** The base URL of an API, given as a URL or as the name of its stack. */
import type { InsecureOption } from "../common-options.ts";
import { checkAwsEndpoint, checkEncrypted } from "../encrypted.ts";
import { usage } from "../error-text.ts";
import { findStack } from "./find-stack.ts";

/** Exactly one of stack and endpoint is given. */
export interface RemoteOptions extends InsecureOption {
  readonly stack?: string;
  readonly endpoint?: string;
}

export interface Base {
  /** Without a trailing slash. */
  readonly url: URL;
  /** As messages name it: `on the stack sales`. */
  readonly where: string;
  /** The command-line options that lead to this URL. */
  readonly options: readonly string[];
  /** `null` if it is unknown. */
  readonly region: string | null;
  /** The user allows http to other machines. */
  readonly insecure: boolean;
}

/** Throws `USAGE`, and the errors of `findStack`. */
export async function baseOf(
  { stack, endpoint, insecureEndpoint }: RemoteOptions,
  env: NodeJS.ProcessEnv,
): Promise<Base> {
  const insecure = insecureEndpoint === true;
  const again = insecure ? ["--insecure-endpoint"] : [];
  if (stack !== undefined) {
    await checkAwsEndpoint("CLOUDFORMATION", insecure, env);
    const { api, region } = await findStack(stack, env);
    const url = parseUrl(throughLocalEndpoint(api, env), "its API");
    await checkEncrypted(url, `the API of the stack ${stack} at`, insecure);
    return { url, where: `on the stack ${stack}`, options: ["--stack", stack, ...again], region, insecure };
  }
  const url = parseUrl(endpoint ?? "", "--endpoint");
  await checkEncrypted(url, "--endpoint", insecure);
  const region = regionIn(url.hostname) ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? null;
  const options = ["--endpoint", endpoint ?? "", ...again];
  return { url, where: `at ${url.origin}`, options, region, insecure };
}

function parseUrl(text: string, what: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usage(
      `${what} ${text} is not a URL: give the base URL of the API, such as https://abc.execute-api.eu-west-1.amazonaws.com/prod`,
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw usage(
      `${what} ${url.origin}… has a user name, a password, a query or a fragment: give the base URL alone`,
    );
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
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

/** The region in `abc.execute-api.eu-west-1.amazonaws.com`. */
function regionIn(hostname: string): string | null {
  return /(?:^|\.)execute-api\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(hostname)?.[1] ?? null;
}

/** Whether the URL is one of this machine by its looks: then it is probably that of `fanjoin dev`. */
export function looksLocal({ hostname }: Pick<URL, "hostname">): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
