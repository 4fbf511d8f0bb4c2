/** Authenticates requests: with an AWS signature, an API key, or the token of `fanjoin dev`. */
import { usage } from "../../core/errors/errors.ts";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Sign } from "../api-client.ts";
import { looksLocal } from "../base.ts";
import type { Base } from "../base.ts";
import { withApiKey, withToken } from "../http/keys.ts";
import type { KeyOptions } from "../http/key-options.ts";
import { awsCredentials } from "./aws-credentials.ts";
import { smithyRequest } from "./smithy-request.ts";

/** `baseOf` has checked the way there. Throws `USAGE`. Signing a request throws `AWS_REFUSED`. */
export function signFor(base: Base, { token, apiKey }: KeyOptions, env: NodeJS.ProcessEnv): Sign {
  const given = token ?? env["FANJOIN_TOKEN"] ?? "";
  if (given !== "") return withToken(given);
  const key = apiKey ?? env["FANJOIN_API_KEY"] ?? "";
  return key === "" ? withSignature(base) : withApiKey(key);
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
  return async (request) => {
    const { pathname, searchParams } = request.url;
    const unsigned = smithyRequest(request);
    unsigned.path = pathname;
    unsigned.query = Object.fromEntries(
      [...new Set(searchParams.keys())].map((name) => {
        const [first = "", ...others] = searchParams.getAll(name);
        return [name, others.length === 0 ? first : [first, ...others]];
      }),
    );
    const { headers } = await signer.sign(unsigned);
    return { ...request, headers };
  };
}
