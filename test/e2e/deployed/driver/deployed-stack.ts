/** Finds the resources of the suite's stack with CloudFormation. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from "@aws-sdk/client-cloudformation";
import { requireLoopback } from "../../../localstack/guard.ts";
import { STACK } from "../stack-name.ts";

export interface DeployedStack {
  /** The base URL of the API. */
  readonly api: string;
  readonly bucket: string;
  readonly table: string;
}

export async function deployedStack(): Promise<DeployedStack> {
  const endpoint = requireLoopback();
  const client = new CloudFormationClient({});
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
  const output = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey?.endsWith("ApiUrl"));
  const resources = await client.send(new ListStackResourcesCommand({ StackName: STACK }));
  const physicalId = (type: string): string => {
    const found = resources.StackResourceSummaries?.find(({ ResourceType }) => ResourceType === type);
    if (found?.PhysicalResourceId === undefined) throw new Error(`the stack ${STACK} has no ${type}`);
    return found.PhysicalResourceId;
  };
  return {
    api: localUrl(output?.OutputValue ?? "", endpoint),
    bucket: physicalId("AWS::S3::Bucket"),
    table: physicalId("AWS::DynamoDB::Table"),
  };
}

/** LocalStack serves `https://<id>.execute-api.…/<stage>/` below its own address. */
function localUrl(url: string, endpoint: string): string {
  const [, id, stage] = /^https?:\/\/([^.]+)\.execute-api\.[^/]*\/([^/]+)/.exec(url) ?? [];
  if (id === undefined || stage === undefined) throw new Error(`not the URL of an API: ${url}`);
  return `${endpoint}/_aws/execute-api/${id}/${stage}`;
}
