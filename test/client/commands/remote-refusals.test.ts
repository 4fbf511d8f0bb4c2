/** Refusals by AWS, by a stack and by the API. Each is one sentence with its code, and nothing is started. */
import { expect, test } from "vitest";
import type { ErrorCode } from "../../../src/core/errors/errors.ts";
import { countingJob } from "../../steps/jobs.ts";
import { workspace } from "../../cli/command.ts";
import { freePort } from "../../localstack/bring-up/free-port.ts";
import { deploy, errorXml, NO_AWS, remoteUrl, stackXml } from "../deployed.ts";
import type { Deployed } from "../deployed.ts";
import { gateway, mistake, mistakeIn } from "./mistake.ts";

type Env = (deployed: Deployed) => NodeJS.ProcessEnv;

test.for<[string, Env, ErrorCode, string | RegExp]>([
  [
    "no credentials",
    ({ env }) => ({ ...env, AWS_ACCESS_KEY_ID: undefined }),
    "AWS_REFUSED",
    "There are no AWS credentials here: set AWS_PROFILE",
  ],
  [
    "a wrong secret",
    ({ env }) => ({ ...env, AWS_SECRET_ACCESS_KEY: "wrong" }),
    "AWS_REFUSED",
    "AWS does not accept the credentials (The request signature we calculated does not match)",
  ],
  [
    "a wrong region",
    ({ env }) => ({ ...env, AWS_REGION: "eu-north-1" }),
    "AWS_REFUSED",
    "AWS does not accept the credentials",
  ],
  [
    "neither a region nor a token",
    ({ env }) => ({ ...env, AWS_REGION: undefined }),
    "USAGE",
    "set FANJOIN_TOKEN to the token that `fanjoin dev` printed",
  ],
  [
    "an unknown profile",
    ({ env }) => ({ ...env, AWS_PROFILE: "nobody", AWS_ACCESS_KEY_ID: undefined }),
    "AWS_REFUSED",
    "There are no AWS credentials here",
  ],
  [
    "a token with a newline",
    ({ env }) => ({ ...env, FANJOIN_TOKEN: "a\nb" }),
    "USAGE",
    "FANJOIN_TOKEN contains characters that are not allowed in an HTTP header",
  ],
])("a command with %s is refused", async ([, env, code, said]) => {
  const deployed = await deploy(countingJob(3));
  const at = workspace(env(deployed));
  expect(mistakeIn(await at.run("list", "--endpoint", deployed.url))).toEqual(mistake(code, said));
});

test.for<[string, Deployed["meddle"], ErrorCode, string | RegExp]>([
  [
    "expired credentials",
    gateway(403, "ExpiredTokenException", "The security token included in the request is expired"),
    "AWS_REFUSED",
    "The AWS credentials have expired: sign in again",
  ],
  [
    "unknown credentials",
    gateway(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    "AWS_REFUSED",
    "AWS does not accept the credentials (The security token",
  ],
  [
    "credentials without permission",
    () => ({
      status: 403,
      headers: { "x-amzn-errortype": "AccessDeniedException" },
      body: '{"Message":"User: arn:aws:iam::1:user/me is not authorized to perform: execute-api:Invoke"}',
    }),
    "REQUEST_FORBIDDEN",
    /refuses this request \(User: arn:aws:iam::1:user\/me is not authorized.*\)\. Allow execute-api:Invoke on the API for these AWS credentials, or set FANJOIN_API_KEY/,
  ],
  [
    "a missing API key",
    gateway(403, "ForbiddenException", "Forbidden"),
    "REQUEST_FORBIDDEN",
    "FANJOIN_API_KEY",
  ],
  [
    "an unknown path",
    gateway(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    "ENDPOINT_UNUSABLE",
    "is not a fanjoin API: it has nothing at this path. The base URL of the API is the stack's output ApiUrl, including the stage",
  ],
  [
    "a web page",
    () => ({ status: 200, body: "<html>hello</html>" }),
    "ENDPOINT_UNUSABLE",
    "is not a fanjoin API: it answers 200 without a JSON object",
  ],
  ["other JSON", () => ({ status: 200, body: '{"hello":1}' }), "ENDPOINT_UNUSABLE", "is not a fanjoin API"],
  [
    "another server's 404",
    () => ({ status: 404, body: "not found" }),
    "ENDPOINT_UNUSABLE",
    "is not a fanjoin API: it answers 404",
  ],
  [
    "a redirect",
    () => ({ status: 302, headers: { location: "/login" } }),
    "ENDPOINT_UNUSABLE",
    "is not a fanjoin API: it answers 302",
  ],
  [
    "a code of a newer version",
    () => ({ status: 400, body: '{"code":"FUTURE","detail":"from\\u001b[31m tomorrow"}' }),
    "REQUEST_INVALID",
    "fanjoin: from\\u001b[31m tomorrow",
  ],
])("an answer is explained: %s", async ([, meddle, code, said]) => {
  const deployed = await deploy(countingJob(3));
  deployed.meddle = meddle;
  const at = workspace(deployed.env);
  expect(mistakeIn(await at.run("list", "--endpoint", deployed.url))).toEqual(mistake(code, said));
});

test.for<[string, Deployed["stacks"], ErrorCode, string | RegExp]>([
  [
    "that does not exist",
    () => ({ status: 400, xml: errorXml("ValidationError", "Stack with id prod does not exist") }),
    "STACK_UNKNOWN",
    "there is no stack prod in eu-west-1: check the name, the region (AWS_REGION) and the account",
  ],
  [
    "without fanjoin",
    () => ({ status: 200, xml: stackXml({ Url: "https://x.example" }) }),
    "STACK_UNKNOWN",
    "the stack prod does not contain fanjoin, or its deployment is not complete: it has no output ApiUrl (state: CREATE_COMPLETE)",
  ],
  [
    "with two fanjoins",
    () => ({ status: 200, xml: stackXml({ OneApiUrl: remoteUrl(), OtherApiUrl: "https://x.example" }) }),
    "USAGE",
    `contains more than one fanjoin: give one of these as --endpoint: ${remoteUrl()}, https://x.example`,
  ],
  [
    "that the credentials may not look up",
    () => ({ status: 403, xml: errorXml("AccessDenied", "User: me is not authorized") }),
    "AWS_REFUSED",
    "allow cloudformation:DescribeStacks, or give the URL of its API as --endpoint. User: me is not authorized",
  ],
  [
    "with expired credentials",
    () => ({
      status: 403,
      xml: errorXml("ExpiredToken", "The security token included in the request is expired"),
    }),
    "AWS_REFUSED",
    "The AWS credentials have expired",
  ],
  [
    "with a key that AWS does not know",
    () => ({ status: 403, xml: errorXml("InvalidClientTokenId", "The security token is invalid") }),
    "AWS_REFUSED",
    "AWS does not accept the credentials (The security token",
  ],
])("a stack %s is an error", async ([, stacks, code, said]) => {
  const deployed = await deploy(countingJob(3));
  deployed.stacks = stacks;
  const at = workspace(deployed.env);
  expect(mistakeIn(await at.run("submit", "counting", "--stack", "prod"))).toEqual(mistake(code, said));
});

test("--stack needs a region, credentials and an AWS that answers", async () => {
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const list = (env: NodeJS.ProcessEnv) => workspace({ ...NO_AWS, ...env }).run("list", "--stack", "prod");
  expect(mistakeIn(await list(keys))).toEqual(mistake("AWS_REFUSED", "No AWS region is set: set AWS_REGION"));
  expect(mistakeIn(await list({ AWS_REGION: "eu-west-1" }))).toEqual(
    mistake("AWS_REFUSED", "There are no AWS credentials here"),
  );
  const nowhere = {
    ...keys,
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}`,
  };
  expect(mistakeIn(await list(nowhere))).toEqual(
    mistake("AWS_UNREACHABLE", "CloudFormation in eu-west-1 does not answer ("),
  );
});
