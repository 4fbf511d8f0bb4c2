/** Authenticates requests: with an AWS signature, an API key, or the token of `fanjoin dev`. */
import { Sha256 } from "@aws-crypto/sha256-js";
import type { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { usage } from "../error-text.ts";
import { looksLocal } from "./base-url.ts";
import type { Base } from "./base-url.ts";
import { awsCredentials } from "./aws-credentials.ts";

/** Adds the credentials to a request. */
export type Sign = (request: HttpRequest) => Promise<HttpRequest>;

/** `baseOf` has checked the way there. Throws `USAGE`. Signing a request throws `AWS_REFUSED`. */
export function signFor(base: Base, env: NodeJS.ProcessEnv): Sign {
  const token = env["FANJOIN_TOKEN"];
  if (token !== undefined && token !== "")
    return withHeader("authorization", `Bearer ${token}`, "FANJOIN_TOKEN");
  const key = env["FANJOIN_API_KEY"];
  if (key !== undefined && key !== "") return withHeader("x-api-key", key, "FANJOIN_API_KEY");
  return withSignature(base);
}

function withHeader(name: string, value: string, from: string): Sign {
  if (/[^\u0020-\u00FF]|\u007F/.test(value))
    throw usage(`${from} contains characters that are not allowed in an HTTP header`);
  return async (request) => {
    request.headers[name] = value;
    return request;
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
function withSignature({ url, region }: Base): Sign {
  if (region === null) {
    if (looksLocal(url)) throw usage("set FANJOIN_TOKEN to the token that `fanjoin dev` printed");
    throw usage(`the AWS region of ${url.host} is unknown: set AWS_REGION`);
  }
  const signer = new SignatureV4({
    service: "execute-api",
    region,
    credentials: awsCredentials(),
    sha256: Sha256,
  });
  return async (request) => (await signer.sign(request)) as HttpRequest;
}
