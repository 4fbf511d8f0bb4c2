import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { NodeHttpHandler } from "@smithy/node-http-handler";
import { HttpRequest } from "@smithy/protocol-http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamoClient, lambdaClient, sqsClient } from "../../src/aws/clients.ts";
import { s3Client } from "../../src/aws/store/s3-client.ts";

const server = createServer((_, response) => void response.end());
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)));
afterAll(() => void server.close());

test.for([
  ["DynamoDB", dynamoClient],
  ["SQS", sqsClient],
  ["S3", s3Client],
  ["Lambda", lambdaClient],
] as const)("the client of %s retries adaptively and has finite timeouts", async ([, make]) => {
  const { config } = make();
  expect(await config.maxAttempts()).toBe(6);
  expect(await config.retryStrategy()).toMatchObject({ mode: "adaptive" });
  const handler = config.requestHandler as NodeHttpHandler;
  const { port } = server.address() as AddressInfo;
  // The handler resolves its settings at its first request.
  await handler.handle(new HttpRequest({ protocol: "http:", hostname: "127.0.0.1", port, path: "/" }));
  const {
    connectionTimeout = 0,
    requestTimeout = 0,
    socketTimeout = 0,
    ...rest
  } = handler.httpHandlerConfigs();
  expect(rest).toMatchObject({ throwOnRequestTimeout: true, httpsAgent: { keepAlive: true } });
  expect(Math.min(connectionTimeout, requestTimeout, socketTimeout)).toBeGreaterThan(0);
});

test("the bucket is part of the path if the endpoint is not AWS", () => {
  expect(s3Client({}).config.forcePathStyle).toBe(false);
  expect(s3Client({ AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }).config.forcePathStyle).toBe(true);
  expect(s3Client({ AWS_ENDPOINT_URL_S3: "http://127.0.0.1:4566" }).config.forcePathStyle).toBe(true);
});

test("the client of S3 follows a bucket to its region, and sends checksums only where S3 wants them", async () => {
  const { config } = s3Client({});
  expect(config.followRegionRedirects).toBe(true);
  expect(await config.requestChecksumCalculation()).toBe("WHEN_REQUIRED");
  expect(await config.responseChecksumValidation()).toBe("WHEN_REQUIRED");
});
