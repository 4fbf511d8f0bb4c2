/**
 * What can be wrong between here and a deployed stack: each is a sentence with its code, no stack trace, and
 * nothing is started.
 */
import { expect, onTestFinished, test } from "vitest";
import { apiClient } from "../../../src/cli/remote/api-client.ts";
import { baseOf } from "../../../src/cli/remote/base-url.ts";
import { signFor } from "../../../src/cli/remote/sign.ts";
import type { ErrorCode } from "../../../src/core/errors.ts";
import { countingJob } from "../../steps/jobs.ts";
import { workspace } from "../command.ts";
import type { Outcome } from "../command.ts";
import { deploy, errorXml, NO_AWS, remoteUrl, stackXml } from "./deployed.ts";
import type { Deployed } from "./deployed.ts";
import { freePort } from "../../localstack/free-port.ts";

/** What a command that failed said. */
function mistakeIn({ code, stdout, stderr }: Outcome): object {
  const [, error] = /\[([A-Z_]+)\]\n$/.exec(stderr) ?? [];
  return { code, stdout, error, isOneSentence: /^fanjoin: [^\n]*\n$/.test(stderr), stderr };
}

function mistake(error: ErrorCode, said: string | RegExp): object {
  const words = typeof said === "string" ? said.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`) : said;
  const stderr: unknown = expect.stringMatching(words);
  return { code: 2, stdout: "", error, isOneSentence: true, stderr };
}

type Env = (deployed: Deployed) => NodeJS.ProcessEnv;
const asDeployed: Env = ({ env }) => env;

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
    "a profile that there is not",
    ({ env }) => ({ ...env, AWS_PROFILE: "nobody", AWS_ACCESS_KEY_ID: undefined }),
    "AWS_REFUSED",
    "There are no AWS credentials here",
  ],
  [
    "a token that no header can have",
    ({ env }) => ({ ...env, FANJOIN_TOKEN: "a\nb" }),
    "USAGE",
    "FANJOIN_TOKEN holds characters that no header can have",
  ],
])("with %s", async ([, env, code, said]) => {
  const deployed = await deploy(countingJob(3));
  const at = workspace(env(deployed));
  expect(mistakeIn(await at.run("list", "--endpoint", deployed.url))).toEqual(mistake(code, said));
});

const gateway = (status: number, kind: string, message: string) => () => ({
  status,
  headers: { "x-amzn-errortype": kind, "content-type": "application/json" },
  body: JSON.stringify({ message }),
});

test.for<[string, Deployed["meddle"], ErrorCode, string | RegExp]>([
  [
    "credentials that have expired",
    gateway(403, "ExpiredTokenException", "The security token included in the request is expired"),
    "AWS_REFUSED",
    "The AWS credentials have expired: sign in again",
  ],
  [
    "credentials that AWS does not know",
    gateway(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    "AWS_REFUSED",
    "AWS does not accept the credentials (The security token",
  ],
  [
    "credentials that may not call the API",
    () => ({
      status: 403,
      headers: { "x-amzn-errortype": "AccessDeniedException" },
      body: '{"Message":"User: arn:aws:iam::1:user/me is not authorized to perform: execute-api:Invoke"}',
    }),
    "REQUEST_FORBIDDEN",
    /allow execute-api:Invoke on the API to these AWS credentials, or set FANJOIN_API_KEY .* It says: User: arn:aws:iam::1:user\/me is not authorized/,
  ],
  [
    "an API that wants a key",
    gateway(403, "ForbiddenException", "Forbidden"),
    "REQUEST_FORBIDDEN",
    "FANJOIN_API_KEY",
  ],
  [
    "a path that API Gateway does not know",
    gateway(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    "ENDPOINT_UNUSABLE",
    "is no fanjoin: it has nothing at that path. The base URL of the API is the stack's output ApiUrl, stage included",
  ],
  [
    "a web page",
    () => ({ status: 200, body: "<html>hello</html>" }),
    "ENDPOINT_UNUSABLE",
    "is no fanjoin: it answers 200 and no JSON object",
  ],
  ["other JSON", () => ({ status: 200, body: '{"hello":1}' }), "ENDPOINT_UNUSABLE", "is no fanjoin"],
  [
    "another server's 404",
    () => ({ status: 404, body: "not found" }),
    "ENDPOINT_UNUSABLE",
    "is no fanjoin: it answers 404",
  ],
  [
    "a redirect to somewhere",
    () => ({ status: 302, headers: { location: "/login" } }),
    "ENDPOINT_UNUSABLE",
    "is no fanjoin: it answers 302",
  ],
  [
    "a problem with a code of the future",
    () => ({ status: 400, body: '{"code":"FUTURE","detail":"from\\u001b[31m tomorrow"}' }),
    "REQUEST_INVALID",
    "fanjoin: from\\u001b[31m tomorrow",
  ],
])("what answers is %s", async ([, meddle, code, said]) => {
  const deployed = await deploy(countingJob(3));
  deployed.meddle = meddle;
  const at = workspace(deployed.env);
  expect(mistakeIn(await at.run("list", "--endpoint", deployed.url))).toEqual(mistake(code, said));
});

test("a job that is not there is told with those that are", async () => {
  const deployed = await deploy(countingJob(3));
  const at = workspace(deployed.env);
  for (const job of ["nope", "../counting"]) {
    const outcome = await at.run("submit", job, "--endpoint", deployed.url);
    expect(mistakeIn(outcome)).toEqual(
      mistake("JOB_UNKNOWN", `there is no job ${job} at ${deployed.origin}: the jobs there are counting`),
    );
  }
});

test("a batch that is not there is told, with the command that lists those that are", async () => {
  const deployed = await deploy(countingJob(3));
  const at = workspace(deployed.env);
  const said = `\`fanjoin list --endpoint ${deployed.url}\` shows all batches`;
  for (const [command, id] of [
    ["show", "01K"],
    ["watch", "01K00000000000000000000009"],
    ["cancel", "../jobs"],
    ["redrive", "\u0007"],
    ["resume", "x"],
  ] as const) {
    expect(mistakeIn(await at.run(command, id, "--endpoint", deployed.url))).toEqual(
      mistake("BATCH_UNKNOWN", said),
    );
  }
  const ids = deployed.seen.map(({ path }) => path);
  expect(ids.filter((path) => /\.\.|%/.test(path))).toEqual([]);
});

test.for<[string, Deployed["stacks"], ErrorCode, string | RegExp]>([
  [
    "that does not exist",
    () => ({ status: 400, xml: errorXml("ValidationError", "Stack with id prod does not exist") }),
    "STACK_UNKNOWN",
    "there is no stack prod in eu-west-1: look at the name, the region (AWS_REGION) and the account",
  ],
  [
    "that is no fanjoin",
    () => ({ status: 200, xml: stackXml({ Url: "https://x.example" }) }),
    "STACK_UNKNOWN",
    "the stack prod is no fanjoin, or is not deployed completely: it has no output ApiUrl (its state: CREATE_COMPLETE)",
  ],
  [
    "of two fanjoins",
    () => ({ status: 200, xml: stackXml({ OneApiUrl: remoteUrl(), OtherApiUrl: "https://x.example" }) }),
    "USAGE",
    `holds more than one fanjoin: name one of them as --endpoint, ${remoteUrl()}, https://x.example`,
  ],
  [
    "that may not be looked up",
    () => ({ status: 403, xml: errorXml("AccessDenied", "User: me is not authorized") }),
    "AWS_REFUSED",
    "allow cloudformation:DescribeStacks, or give the URL of its API as --endpoint. User: me is not authorized",
  ],
  [
    "of credentials that have expired",
    () => ({
      status: 403,
      xml: errorXml("ExpiredToken", "The security token included in the request is expired"),
    }),
    "AWS_REFUSED",
    "The AWS credentials have expired",
  ],
  [
    "of a key that AWS does not know",
    () => ({ status: 403, xml: errorXml("InvalidClientTokenId", "The security token is invalid") }),
    "AWS_REFUSED",
    "AWS does not accept the credentials (The security token",
  ],
])("a stack %s", async ([, stacks, code, said]) => {
  const deployed = await deploy(countingJob(3));
  deployed.stacks = stacks;
  const at = workspace(deployed.env);
  expect(mistakeIn(await at.run("submit", "counting", "--stack", "prod"))).toEqual(mistake(code, said));
});

test("a stack needs a region and credentials, and AWS an address", async () => {
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

test("an endpoint where nothing listens, or that has no address", async () => {
  const at = workspace({ ...NO_AWS, FANJOIN_TOKEN: "t" });
  const nobody = `http://127.0.0.1:${await freePort()}/prod`;
  expect(mistakeIn(await at.run("list", "--endpoint", nobody))).toEqual(
    mistake("ENDPOINT_UNUSABLE", `${nobody} does not answer: nothing listens there`),
  );
  const unknown = "https://no-such-host.invalid";
  expect(mistakeIn(await at.run("list", "--endpoint", unknown))).toEqual(
    mistake("ENDPOINT_UNUSABLE", /has no address|does not answer/),
  );
});

test.for([
  [
    ["list", "--stack", "a", "--endpoint", "http://x"],
    "'--stack <name>' cannot be used with option '--endpoint <url>'",
  ],
  [["list", "--stack", "a", "--dir", "b"], "'--stack <name>' cannot be used with option '--dir <dir>'"],
  [["show", "01K", "--endpoint", "http://x", "--dir", "b"], "cannot be used with option '--dir <dir>'"],
  [
    ["redrive", "01K", "--stack", "x", "--concurrency", "2"],
    "cannot be used with option '--concurrency <n>'",
  ],
  [
    ["submit", "sales"],
    "where is sales deployed? Give --stack NAME or --endpoint URL; a batch on this machine is `fanjoin run` [USAGE]",
  ],
  [["submit"], "missing required argument 'job-name'"],
  [["submit", "sales", "--stack", "x", "--output", "y"], "add --wait [USAGE]"],
  [["submit", "sales", "--stack", "x", "--params", "{"], "--params { is not JSON"],
  [
    ["list", "--endpoint", "sales"],
    "--endpoint sales is no URL: give the base URL of the API, such as https://",
  ],
  [["list", "--endpoint", "ftp://x/y"], "is no URL"],
  [["list", "--endpoint", "https://u:p@x.example/prod"], "has more in it than the base URL of an API"],
  [
    ["list", "--endpoint", "http://x.example"],
    "FANJOIN_TOKEN is not sent to http://x.example in the clear: use https",
  ],
  [["run", "sales.ts", "--stack", "x"], "unknown option '--stack'"],
] as const)("%j is refused: %s", async ([args, said]) => {
  const at = workspace({ ...NO_AWS, FANJOIN_TOKEN: "t" });
  const { code, stdout, stderr } = await at.run(...args);
  expect(stderr).toContain(said);
  expect(stderr).toMatch(/^fanjoin: /);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("an answer that passes is asked for again; one that stays is told", async () => {
  const deployed = await deploy(countingJob(3));
  let left = 3;
  deployed.meddle = ({ path }) => {
    if (path.includes("/jobs/counting/batches") && left-- > 0)
      return left === 1 ? "hang up" : { status: 502 };
    return null;
  };
  const at = workspace(deployed.env);
  const { code, summary } = await at.json("submit", "counting", "--endpoint", deployed.url, "--wait");
  expect(summary).toMatchObject({ state: "succeeded" });
  expect(code).toBe(0);
  const ids = deployed.seen.filter(({ path }) => path.endsWith("/batches")).map(({ body }) => body);
  expect(ids.length).toBe(4);
  expect(new Set(ids).size).toBe(1);
});

/** The API in this process, with less patience. */
async function impatient(deployed: Deployed) {
  const env = { FANJOIN_TOKEN: "t" };
  const base = await baseOf({ endpoint: deployed.url }, env);
  const limits = {
    connectMs: 1000,
    answerMs: 150,
    idleMs: 1000,
    attempts: 2,
    backoff: { baseMs: 1, maxMs: 1 },
  };
  const api = apiClient(base, signFor(base, env), limits);
  onTestFinished(() => api.close());
  return api;
}

test.for<[string, Deployed["meddle"], ErrorCode, string | RegExp]>([
  ["never answers", () => "be silent", "ENDPOINT_UNUSABLE", "does not answer: it was waited for in vain"],
  [
    "breaks every connection off",
    () => "hang up",
    "ENDPOINT_UNUSABLE",
    "breaks connections off: try again in a moment",
  ],
  [
    "takes no more requests",
    () => ({ status: 429, body: '{"message":"Too Many Requests"}' }),
    "TOO_MANY_REQUESTS",
    "try again in a moment",
  ],
  [
    "has no working function",
    () => ({ status: 502, body: '{"message":"Internal server error"}' }),
    "ENDPOINT_UNUSABLE",
    "answers 502, Internal server error",
  ],
])("an endpoint that %s is asked again, and told", async ([, meddle, code, said]) => {
  const deployed = await deploy(countingJob(3));
  deployed.meddle = meddle;
  const api = await impatient(deployed);
  await expect(api.batch("01K")).rejects.toMatchObject({ code, message: expect.stringMatching(said) });
  expect(deployed.seen.length).toBe(2);
});

test("a redrive is not sent twice: nobody knows whether the first one was begun", async () => {
  const deployed = await deploy(countingJob(3));
  deployed.meddle = () => ({ status: 502 });
  const api = await impatient(deployed);
  await expect(api.redrive("01K", null)).rejects.toMatchObject({ code: "ENDPOINT_UNUSABLE" });
  expect(deployed.seen.length).toBe(1);
});

test("the region is in the host name, or else in the environment", async () => {
  const regionOf = async (endpoint: string, env = {}) => (await baseOf({ endpoint }, env)).region;
  expect(await regionOf(remoteUrl(), { AWS_REGION: "us-east-1" })).toBe("eu-west-1");
  expect(await regionOf("https://a.execute-api.us-gov-west-1.amazonaws.com/x")).toBe("us-gov-west-1");
  expect(await regionOf("https://batches.example", { AWS_DEFAULT_REGION: "eu-north-1" })).toBe("eu-north-1");
  expect(await regionOf("https://batches.example")).toBeNull();
});

test("a batch that is lost sight of while it is followed is told with the command that follows it", async () => {
  const deployed = await deploy(countingJob(100));
  deployed.held = true;
  const at = workspace(deployed.env);
  const running = at.start("submit", "counting", "--endpoint", deployed.url, "--wait");
  const [, batch = ""] = await running.said(/batch (\w+) runs/);
  deployed.meddle = gateway(403, "ExpiredTokenException", "expired");
  const { code, stderr } = await running.ended;
  expect(stderr).toContain("The AWS credentials have expired");
  expect(stderr).toContain(`follow it with:\n  fanjoin watch ${batch} --endpoint ${deployed.url}\n`);
  expect(code).toBe(130);
});

test("an error of the API is a sentence of its own: an input of somebody else's bucket", async () => {
  const deployed = await deploy(countingJob(3));
  deployed.meddle = ({ method }) =>
    method === "POST"
      ? {
          status: 403,
          body: '{"code":"INPUT_FORBIDDEN","detail":"s3://theirs/x is in a bucket that is not ours","status":403}',
        }
      : { body: '{"job":"counting","reader":{"kind":"csv","options":{}},"input":"given"}' };
  const at = workspace(asDeployed(deployed));
  const outcome = await at.run("submit", "counting", "s3://theirs/x", "--endpoint", deployed.url);
  expect(mistakeIn(outcome)).toEqual(
    mistake("INPUT_FORBIDDEN", "s3://theirs/x is in a bucket that is not ours"),
  );
});
