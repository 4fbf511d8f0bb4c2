/**
 * The SDK's clients, with settings made on purpose. Each function imports those it needs; the bundler leaves
 * out the others.
 *
 * Retries are adaptive: a client here works for one stack with one table, one bucket and its own queues, so
 * that what throttles one request throttles the next
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html: not for clients that many
 * tenants share). More tries than the default 3, because a function that gives up costs a whole redelivery.
 *
 * Timeouts: the SDK has none by default, and a function would wait for a lost connection until its own time
 * is up (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-configuring-timeouts.html).
 * `requestTimeout` lasts until the answer begins, `socketTimeout` from byte to byte.
 *
 * Connections are kept (the SDK's default) and there may be as many as requests are made side by side: a new
 * one costs a TLS handshake of several round trips
 * (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-reusing-connections.html). A frozen
 * Lambda loses them without noticing; the retry takes a fresh one.
 *
 * The endpoint comes from `AWS_ENDPOINT_URL`, which the SDK reads by itself
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";

export interface Environment {
  readonly [name: string]: string | undefined;
}

const RETRIES = { retryMode: "adaptive", maxAttempts: 6 };

/** Timeouts in milliseconds. */
function handler(connectionTimeout: number, requestTimeout: number, socketTimeout: number) {
  const agent = { keepAlive: true, maxSockets: 64 };
  return {
    connectionTimeout,
    requestTimeout,
    // Without it the SDK only warns.
    throwOnRequestTimeout: true,
    socketTimeout,
    httpsAgent: agent,
    httpAgent: agent,
  };
}

/**
 * Answers take a few milliseconds, and nobody waits for one in particular:
 * https://aws.amazon.com/blogs/database/tuning-aws-java-sdk-http-request-settings-for-latency-aware-amazon-dynamodb-applications/
 */
export function dynamoClient(): DynamoDBClient {
  return new DynamoDBClient({ ...RETRIES, requestHandler: handler(1000, 5000, 5000) });
}

/** A batch of 1 MiB has to get there within the time. */
export function sqsClient(): SQSClient {
  return new SQSClient({ ...RETRIES, requestHandler: handler(1000, 10_000, 10_000) });
}

/**
 * So long because an invoke that is waited for is answered when the function is done; the asynchronous ones
 * are answered at once.
 */
export function lambdaClient(): LambdaClient {
  return new LambdaClient({ ...RETRIES, requestHandler: handler(1000, 60_000, 60_000) });
}

/**
 * A part of 8 MiB has to get there within the time, from a small function. Reads that a slow consumer keeps
 * waiting are cut off by the timeout from byte to byte, and taken up again (`object-read.ts`). Ranges have no
 * checksums in S3: those are asked for where a request carries one. A signed URL would otherwise hold the
 * checksum of a body of no bytes, and S3 refuse every other.
 */
export function s3Client(env: Environment = process.env): S3Client {
  return new S3Client({
    ...RETRIES,
    requestHandler: handler(2000, 60_000, 60_000),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Readable buckets may be in other regions.
    followRegionRedirects: true,
    // Only AWS has a host name for every bucket.
    forcePathStyle: (env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"]) !== undefined,
  });
}
