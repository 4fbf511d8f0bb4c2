/**
 * The SDK's clients with explicit retries, timeouts and connections. Each function imports only the clients
 * it needs; the bundler leaves out the others.
 *
 * Retries are adaptive. A client works for one stack with one table, one bucket and its own queues, so a
 * throttled request predicts that the next one is throttled too
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html warns against this mode for
 * clients that many tenants share). There are more tries than the default 3, because a function that gives up
 * costs a whole redelivery.
 *
 * Timeouts: the SDK has none by default, so a function would wait for a lost connection until its own timeout
 * (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-configuring-timeouts.html).
 * `requestTimeout` lasts until the response begins, `socketTimeout` from byte to byte.
 *
 * Connections are kept alive (the SDK's default), as many as there are concurrent requests: a new connection
 * costs a TLS handshake of several round trips
 * (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-reusing-connections.html). A frozen
 * Lambda loses its connections without noticing; the retry opens a new one.
 *
 * The endpoint comes from `AWS_ENDPOINT_URL`, which the SDK reads by itself
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";

const RETRIES = { retryMode: "adaptive", maxAttempts: 6 };

/** Timeouts in milliseconds. */
function handler(connectionTimeout: number, requestTimeout: number, socketTimeout: number) {
  const agent = { keepAlive: true, maxSockets: 64 };
  return {
    connectionTimeout,
    requestTimeout,
    // By default the SDK only warns.
    throwOnRequestTimeout: true,
    socketTimeout,
    httpsAgent: agent,
    httpAgent: agent,
  };
}

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

/**
 * The timeouts leave a small function time to upload a part of 8 MiB. When a slow consumer stops reading, the
 * socket timeout cuts the connection, and `object-read.ts` resumes the read.
 *
 * Checksums are used only where S3 requires them. S3 has none for ranges. A signed URL would otherwise carry
 * the checksum of an empty body, and S3 would refuse any other body.
 */
export function s3Client(env: NodeJS.ProcessEnv = process.env): S3Client {
  return new S3Client({
    ...RETRIES,
    requestHandler: handler(2000, 60_000, 60_000),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Readable buckets may be in other regions.
    followRegionRedirects: true,
    // Only on AWS does every bucket have a host name.
    forcePathStyle: (env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"]) !== undefined,
  });
}
