/** Where the API of a deployed fanjoin is: given as a URL, or as the name of its stack. */
import { usage } from "../error-text.ts";
import type { Env } from "../../core/env.ts";
import { findStack } from "./find-stack.ts";

/** One of them is given. */
export interface RemoteOptions {
  readonly stack?: string;
  readonly endpoint?: string;
}

export interface Base {
  /** Without a slash at its end. */
  readonly url: URL;
  /** As it is called in messages. */
  readonly where: string;
  /** The options that lead here. */
  readonly options: readonly string[];
  /** `null` where nothing says it. */
  readonly region: string | null;
}

/** Throws `USAGE`, and what `findStack` throws. */
export async function baseOf({ stack, endpoint }: RemoteOptions, env: Env): Promise<Base> {
  if (stack !== undefined) {
    const { api, region } = await findStack(stack, env);
    const url = parseUrl(throughLocalEndpoint(api, env), "its API");
    return { url, where: `on the stack ${stack}`, options: ["--stack", stack], region };
  }
  const url = parseUrl(endpoint ?? "", "--endpoint");
  const region = regionIn(url.hostname) ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? null;
  return { url, where: `at ${url.origin}`, options: ["--endpoint", endpoint ?? ""], region };
}

function parseUrl(text: string, what: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usage(
      `${what} ${text} is no URL: give the base URL of the API, such as https://abc.execute-api.eu-west-1.amazonaws.com/prod`,
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw usage(`${what} ${url.origin}… has more in it than the base URL of an API`);
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

/**
 * LocalStack answers for every stage at one address: https://docs.localstack.cloud/aws/services/apigateway/
 */
function throughLocalEndpoint(api: string, env: Env): string {
  const local = env["AWS_ENDPOINT_URL"];
  const [, id, stage] = /^https?:\/\/([^./]+)\.execute-api\.[^/]+\/([^/]+)/.exec(api) ?? [];
  if (local === undefined || local === "" || id === undefined || stage === undefined) return api;
  return `${local.replace(/\/+$/, "")}/_aws/execute-api/${id}/${stage}`;
}

/** `abc.execute-api.eu-west-1.amazonaws.com` says its region. */
function regionIn(hostname: string): string | null {
  return /(?:^|\.)execute-api\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(hostname)?.[1] ?? null;
}

/** Nobody listens between this machine and itself. */
export function isLoopback({ hostname }: Pick<URL, "hostname">): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
