import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { explainError } from "../../src/aws/explain-error.ts";
import { FanjoinError } from "../../src/core/errors/errors.ts";
import { jsonEndpoint, ServiceError } from "../memory/endpoint.ts";

/** The error that the real SDK throws with `config`. */
async function thrownBy(config: DynamoDBClientConfig): Promise<unknown> {
  const client = new DynamoDBClient({ region: "us-east-1", maxAttempts: 1, ...config });
  return client.send(new ListTablesCommand({})).catch((error: unknown) => error);
}

const refusing = (name: string, message = "said the service.") =>
  thrownBy(
    jsonEndpoint(() => {
      throw new ServiceError(name, message);
    }),
  );

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(() => void vi.unstubAllEnvs());

test("missing credentials become a sentence that says what to set", async () => {
  const explained = explainError(await thrownBy({}));
  expect(explained).toMatchObject({ code: "AWS_REFUSED", retryable: false });
  expect(explained?.message).toContain("There are no AWS credentials here: set AWS_PROFILE");
});

test.for([
  ["ExpiredTokenException", "AWS_REFUSED", "have expired"],
  ["UnrecognizedClientException", "AWS_REFUSED", "does not accept the credentials (said the service)"],
  ["AccessDeniedException", "AWS_REFUSED", "said the service. Ask the administrator"],
  ["ThrottlingException", "AWS_UNREACHABLE", "The table is throttling requests"],
] as const)("%s is %s", async ([name, code, text]) => {
  const explained = explainError(await refusing(name), "The table");
  expect(explained?.code).toBe(code);
  expect(explained?.message).toContain(text);
});

test("the message names an endpoint that does not answer", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const explained = explainError(await thrownBy({ endpoint, credentials }), endpoint);
  expect(explained).toMatchObject({ code: "AWS_UNREACHABLE", retryable: true });
  expect(explained?.message).toContain(`${endpoint} does not answer`);
  const fetched = explainError(await fetch(endpoint).catch((error: unknown) => error), endpoint);
  expect(fetched?.message).toContain(`${endpoint} does not answer`);
});

test("a missing region becomes a sentence that says what to set", async () => {
  const client = new DynamoDBClient({ credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  const thrown = await client.send(new ListTablesCommand({})).catch((error: unknown) => error);
  expect(explainError(thrown)?.message).toContain("set AWS_REGION");
});

test("other errors are not explained, and a FanjoinError is returned unchanged", async () => {
  expect(explainError(new TypeError("x is undefined"))).toBeNull();
  expect(explainError("thrown")).toBeNull();
  expect(explainError(await refusing("ValidationException"))).toBeNull();
  const known = new FanjoinError("BATCH_UNKNOWN", "No such batch.");
  expect(explainError(new Error("outer", { cause: known }))).toBe(known);
});
