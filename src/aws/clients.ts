/**
 * The clients of the services that only functions use. A function imports those that it needs; the bundler
 * leaves out the others.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { RETRIES, handler } from "./client-options.ts";

/**
 * A response takes a few milliseconds, so a slow one is cut off early and retried:
 * https://aws.amazon.com/blogs/database/tuning-aws-java-sdk-http-request-settings-for-latency-aware-amazon-dynamodb-applications/
 */
export function dynamoClient(): DynamoDBClient {
  return new DynamoDBClient({ ...RETRIES, requestHandler: handler(1000, 5000, 5000) });
}

/** The timeouts leave time to upload a batch of 1 MiB. */
export function sqsClient(): SQSClient {
  return new SQSClient({ ...RETRIES, requestHandler: handler(1000, 10_000, 10_000) });
}

/**
 * A synchronous invoke is answered when the function is done, hence the long timeouts; asynchronous invokes
 * are answered at once.
 */
export function lambdaClient(): LambdaClient {
  return new LambdaClient({ ...RETRIES, requestHandler: handler(1000, 60_000, 60_000) });
}
