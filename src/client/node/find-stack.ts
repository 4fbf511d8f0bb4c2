/** Finds the API of a stack in the stack's outputs. */
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import type { Stack } from "@aws-sdk/client-cloudformation";
import { explainError } from "../../aws/explain-error.ts";
import { FanjoinError, reasonOf, usage } from "../../core/errors/errors.ts";
import { credentialsError } from "./aws-credentials.ts";
import { unreachable } from "./unreachable.ts";

export interface FoundStack {
  /** The base URL of its API. */
  readonly api: string;
  readonly region: string;
}

/** The name of the output begins with the path of the construct within the stack. */
const OUTPUT = /ApiUrl$/;

const CONNECT_MS = 5000;
const ANSWER_MS = 20_000;

/** Throws `STACK_UNKNOWN`, `AWS_REFUSED`, `AWS_UNREACHABLE`, `USAGE`. */
export async function findStack(name: string, env: NodeJS.ProcessEnv): Promise<FoundStack> {
  const configured = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  const client = new CloudFormationClient({
    ...(configured === undefined ? {} : { region: configured }),
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });
  try {
    const region = await regionOf(client);
    const stack = await describe(client, name, region);
    return { api: apiOf(stack, name), region };
  } finally {
    client.destroy();
  }
}

async function regionOf(client: CloudFormationClient): Promise<string> {
  try {
    return await client.config.region();
  } catch (error) {
    throw explainError(error) ?? error;
  }
}

async function describe(
  client: CloudFormationClient,
  name: string,
  region: string,
): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    throw explained(error, name, region);
  }
}

function explained(error: unknown, name: string, region: string): FanjoinError {
  const kind = error instanceof Error ? error.name : "";
  if (kind === "ValidationError") {
    return new FanjoinError(
      "STACK_UNKNOWN",
      `there is no stack ${name} in ${region}: check the name, the region (AWS_REGION) and the account`,
      { cause: error },
    );
  }
  if (kind.startsWith("AccessDenied")) {
    return new FanjoinError(
      "AWS_REFUSED",
      `these AWS credentials cannot look up the stack ${name}: allow cloudformation:DescribeStacks, or give the URL of its API as --endpoint. ${reasonOf(error)}`,
      { cause: error },
    );
  }
  const place = `CloudFormation in ${region}`;
  return credentialsError(error) ?? explainError(error, place) ?? unreachable(error, place);
}

function apiOf(stack: Stack | undefined, name: string): string {
  const outputs = (stack?.Outputs ?? []).filter(({ OutputKey }) => OUTPUT.test(OutputKey ?? ""));
  const [only, other] = outputs;
  if (only?.OutputValue === undefined) {
    throw new FanjoinError(
      "STACK_UNKNOWN",
      `the stack ${name} does not contain fanjoin, or its deployment is not complete: it has no output ApiUrl (state: ${stack?.StackStatus ?? "unknown"})`,
    );
  }
  if (!other) return only.OutputValue;
  const urls = outputs.map(({ OutputValue }) => OutputValue).join(", ");
  throw usage(`the stack ${name} contains more than one fanjoin: give one of these as --endpoint: ${urls}`);
}
