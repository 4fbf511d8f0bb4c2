/** Mistakes in commands for a stack. Each is one sentence with its code, and nothing is started. */
import { expect, test } from "vitest";
import { baseOf } from "../../../src/client/node/base-url.ts";
import { freePort } from "../../localstack/bring-up/free-port.ts";
import { countingJob } from "../../steps/jobs.ts";
import { workspace } from "../../cli/command.ts";
import { deploy, NO_AWS, remoteUrl } from "../deployed.ts";
import { gateway, mistake, mistakeIn } from "./mistake.ts";

test("an unknown job is an error that lists the known jobs", async () => {
  const deployed = await deploy(countingJob(3));
  const at = workspace(deployed.env);
  for (const job of ["nope", "../counting"]) {
    const outcome = await at.run("submit", job, "--endpoint", deployed.url);
    expect(mistakeIn(outcome)).toEqual(
      mistake("JOB_UNKNOWN", `there is no job ${job} at ${deployed.origin}: the jobs there are counting`),
    );
  }
});

test("an unknown batch is an error that names the command which lists all batches", async () => {
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

test("an endpoint that refuses connections or does not exist is an error", async () => {
  const at = workspace({ ...NO_AWS, FANJOIN_TOKEN: "t" });
  const nobody = `http://127.0.0.1:${await freePort()}/prod`;
  expect(mistakeIn(await at.run("list", "--endpoint", nobody))).toEqual(
    mistake("ENDPOINT_UNUSABLE", `${nobody} does not answer: the connection was refused`),
  );
  const unknown = "https://no-such-host.invalid";
  expect(mistakeIn(await at.run("list", "--endpoint", unknown))).toEqual(
    mistake("ENDPOINT_UNUSABLE", /cannot be found|does not answer/),
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
    "where is sales deployed? Give --stack NAME or --endpoint URL. To run a batch on this machine, use `fanjoin run` [USAGE]",
  ],
  [["submit"], "missing required argument 'job-name'"],
  [["submit", "sales", "--stack", "x", "--output", "y"], "add --wait [USAGE]"],
  [["submit", "sales", "--stack", "x", "--params", "{"], "--params { is not JSON"],
  [
    ["list", "--endpoint", "sales"],
    "--endpoint sales is not a URL: give the base URL of the API, such as https://",
  ],
  [["list", "--endpoint", "ftp://x/y"], "is not a URL"],
  [
    ["list", "--endpoint", "https://u:p@x.example/prod"],
    "has a user name, a password, a query or a fragment: give the base URL alone",
  ],
  [
    ["list", "--endpoint", "http://x.example"],
    "--endpoint http://x.example is neither https nor an address of this machine: secrets would be sent without encryption. Use https, or allow it with --insecure-endpoint [USAGE]",
  ],
  [["list", "--insecure-endpoint"], "--insecure-endpoint needs --stack or --endpoint: there is none [USAGE]"],
  [["run", "sales.ts", "--stack", "x"], "unknown option '--stack'"],
] as const)("%j is refused: %s", async ([args, said]) => {
  const at = workspace({ ...NO_AWS, FANJOIN_TOKEN: "t" });
  const { code, stdout, stderr } = await at.run(...args);
  expect(stderr).toContain(said);
  expect(stderr).toMatch(/^fanjoin: /);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("the region comes from the host name, or else from the environment", async () => {
  const regionOf = async (endpoint: string, env = {}) => (await baseOf({ endpoint }, env)).region;
  expect(await regionOf(remoteUrl(), { AWS_REGION: "us-east-1" })).toBe("eu-west-1");
  expect(await regionOf("https://a.execute-api.us-gov-west-1.amazonaws.com/x")).toBe("us-gov-west-1");
  expect(await regionOf("https://batches.example", { AWS_DEFAULT_REGION: "eu-north-1" })).toBe("eu-north-1");
  expect(await regionOf("https://batches.example")).toBeNull();
});

test("when following fails, the error names the command that follows the batch again", async () => {
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

test("an error of the API is shown as one sentence", async () => {
  const deployed = await deploy(countingJob(3));
  deployed.meddle = ({ method }) =>
    method === "POST"
      ? {
          status: 403,
          body: '{"code":"INPUT_FORBIDDEN","detail":"s3://theirs/x is in a bucket that is not ours","status":403}',
        }
      : { body: '{"job":"counting","reader":{"kind":"csv","options":{}},"input":"given"}' };
  const at = workspace(deployed.env);
  const outcome = await at.run("submit", "counting", "s3://theirs/x", "--endpoint", deployed.url);
  expect(mistakeIn(outcome)).toEqual(
    mistake("INPUT_FORBIDDEN", "s3://theirs/x is in a bucket that is not ours"),
  );
});
