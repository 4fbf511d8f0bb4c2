import { expect, test } from "vitest";
import { isLoopback, localEnvironment, requireLoopback } from "./guard.ts";

const URL_HERE = "http://127.0.0.1:4566";

test.for([
  ["http://127.0.0.1:4566", true],
  ["http://127.8.8.8", true],
  ["http://localhost:4566", true],
  ["https://[::1]:4566/", true],
  ["https://sts.amazonaws.com", false],
  ["http://10.0.0.1:4566", false],
  ["http://127.0.0.1.example.com", false],
  ["http://localhost.localstack.cloud:4566", false],
  ["http://user:127.0.0.1@example.com", false],
  ["file:///127.0.0.1", false],
  ["127.0.0.1:4566", false],
  ["", false],
] as const)("%s is an address of this machine: %s", ([url, local]) => {
  expect(isLoopback(url)).toBe(local);
});

test("an environment for a LocalStack is accepted", () => {
  expect(requireLoopback(localEnvironment(URL_HERE, {}))).toBe(URL_HERE);
});

test("it contains no AWS settings of the user's environment", () => {
  const users = {
    PATH: "/bin",
    AWS_PROFILE: "production",
    AWS_SESSION_TOKEN: "secret",
    AWS_ENDPOINT_URL_SQS: "https://sqs.us-east-1.amazonaws.com",
    AWS_ACCESS_KEY_ID: "AKIAREAL",
    CDK_DEFAULT_ACCOUNT: "123456789012",
  };
  const environment = localEnvironment(URL_HERE, users);
  expect(JSON.stringify(environment)).not.toMatch(/production|secret|amazonaws|REAL|123456789012/);
  expect(environment["PATH"]).toBe("/bin");
});

test.for([
  ["AWS_ENDPOINT_URL", undefined],
  ["AWS_ENDPOINT_URL_STS", undefined],
  ["AWS_ENDPOINT_URL_S3", "https://s3.amazonaws.com"],
  ["AWS_ENDPOINT_URL_NEWEST_SERVICE", "https://example.com"],
  ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"],
  ["AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"],
  ["AWS_PROFILE", "default"],
  ["AWS_CONFIG_FILE", undefined],
  ["AWS_SHARED_CREDENTIALS_FILE", "/home/me/.aws/credentials"],
  ["AWS_WEB_IDENTITY_TOKEN_FILE", "/token"],
  ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.2/v2"],
] as const)("%s=%s is refused", ([name, value]) => {
  const environment = { ...localEnvironment(URL_HERE, {}), [name]: value };
  if (value === undefined) delete environment[name];
  expect(() => requireLoopback(environment)).toThrow(name);
});

test("no environment is made for an address elsewhere", () => {
  expect(() => localEnvironment("https://sts.amazonaws.com", {})).toThrow("refuse to run");
});
