/** The base URL of an API. */
import { usage } from "../core/errors/errors.ts";

export interface Base {
  /** Without a trailing slash. */
  readonly url: URL;
  /** As messages name it: `on the stack sales`. */
  readonly where: string;
  /** `null` if it is unknown. */
  readonly region: string | null;
  /** The user allows http to other machines. */
  readonly insecure: boolean;
  /** What a caller does to be allowed in, as a sentence. */
  readonly remedy: string;
}

/** Without a trailing slash. Throws `USAGE`; `what` says where the text comes from. */
export function parseUrl(text: string, what: string): URL {
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

/** The region in `abc.execute-api.eu-west-1.amazonaws.com`. */
export function regionIn(hostname: string): string | null {
  return /(?:^|\.)execute-api\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(hostname)?.[1] ?? null;
}

/** Whether the URL is one of this machine by its looks: then it is probably that of `fanjoin dev`. */
export function looksLocal({ hostname }: Pick<URL, "hostname">): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
