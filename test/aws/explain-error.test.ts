import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { explain } from "../../src/aws/explain-error.ts";
import { FanjoinError } from "../../src/core/errors.ts";
import { jsonEndpoint, ServiceError } from "../memory/endpoint.ts";

/** What the real SDK throws. */
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

const environment = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, {
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
    AWS_EC2_METADATA_DISABLED: "true",
  });
});
afterEach(() => {
  process.env = { ...environment };
});

test("missing credentials are a sentence that says what to set", async () => {
  const explained = explain(await thrownBy({}));
  expect(explained).toMatchObject({ code: "AWS_REFUSED", retryable: false });
  expect(explained?.message).toContain("There are no AWS credentials here: set AWS_PROFILE");
});

test.for([
  ["ExpiredTokenException", "AWS_REFUSED", "have expired"],
  ["UnrecognizedClientException", "AWS_REFUSED", "does not accept the credentials (said the service)"],
  ["AccessDeniedException", "AWS_REFUSED", "said the service. Ask whoever"],
  ["ThrottlingException", "AWS_UNREACHABLE", "The table is asked for too much at once"],
] as const)("%s is %s", async ([name, code, says]) => {
  const explained = explain(await refusing(name), "The table");
  expect(explained?.code).toBe(code);
  expect(explained?.message).toContain(says);
});

test("an endpoint that does not answer is named", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const explained = explain(await thrownBy({ endpoint, credentials }), endpoint);
  expect(explained).toMatchObject({ code: "AWS_UNREACHABLE", retryable: true });
  expect(explained?.message).toContain(`${endpoint} does not answer`);
  const fetched = explain(await fetch(endpoint).catch((error: unknown) => error), endpoint);
  expect(fetched?.message).toContain(`${endpoint} does not answer`);
});

test("a missing region is said", async () => {
  const client = new DynamoDBClient({ credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  const thrown = await client.send(new ListTablesCommand({})).catch((error: unknown) => error);
  expect(explain(thrown)?.message).toContain("set AWS_REGION");
});

test("what is no failure of AWS is left to others, and what is explained already stays", async () => {
  expect(explain(new TypeError("x is undefined"))).toBeNull();
  expect(explain("thrown")).toBeNull();
  expect(explain(await refusing("ValidationException"))).toBeNull();
  const known = new FanjoinError("BATCH_UNKNOWN", "there is none");
  expect(explain(new Error("outer", { cause: known }))).toBe(known);
});
