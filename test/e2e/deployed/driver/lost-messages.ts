/** Takes messages of the deployed stack away, and lets its sweeper believe that time has passed. */
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetQueueUrlCommand, PurgeQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { resourceName } from "../../../../src/core/stack/resource-names.ts";
import { STACK } from "../stack-name.ts";

export async function purge(QueueName: string): Promise<void> {
  const sqs = new SQSClient({});
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
}

export async function sweep(): Promise<void> {
  const { FunctionError, Payload } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: resourceName(STACK, "sweeper"), Payload: "{}" }),
  );
  if (FunctionError !== undefined) throw new Error(Buffer.from(Payload ?? []).toString());
}

/** The batch stands where it does since the epoch, as the sweeper sees it. */
export async function age(table: string, batch: string): Promise<void> {
  await new DynamoDBClient({}).send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: `sweep/${batch}` } },
      ConditionExpression: "attribute_exists(pk)",
      UpdateExpression: "SET #at = :zero",
      ExpressionAttributeNames: { "#at": "at" },
      ExpressionAttributeValues: { ":zero": { N: "0" } },
    }),
  );
}
