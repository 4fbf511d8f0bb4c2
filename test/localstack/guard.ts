/**
 * Keeps the tests away from real AWS accounts. Every service needs a loopback endpoint, and the credentials
 * have to be invented ones. Suites, clients and deployments check this before anything else.
 */

/**
 * The services that the suites and CDK use, with the SDKs' names. Each gets an endpoint variable of its own;
 * other services follow `AWS_ENDPOINT_URL`.
 */
const SERVICES = [
  "API_GATEWAY",
  "CLOUDFORMATION",
  "CLOUDWATCH",
  "CLOUDWATCH_LOGS",
  "DYNAMODB",
  "ECR",
  "EVENTBRIDGE",
  "IAM",
  "KMS",
  "LAMBDA",
  "S3",
  "SQS",
  "SSM",
  "STS",
] as const;

/** LocalStack derives the account from the access key; without digits it is twelve zeros. */
const ACCESS_KEY = "test";
const REGION = "us-east-1";

/**
 * The AWS settings of SDKs and CDK: worthless credentials, and none of the user's files.
 */
const SETTINGS = {
  AWS_ACCESS_KEY_ID: ACCESS_KEY,
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  CDK_DEFAULT_ACCOUNT: "000000000000",
  CDK_DEFAULT_REGION: REGION,
  CDK_DISABLE_CLI_TELEMETRY: "true",
  NO_PROXY: "127.0.0.1,localhost,::1",
  no_proxy: "127.0.0.1,localhost,::1",
} as const;

/** `base` without its AWS settings, with `url` as the endpoint of all services. */
export function localEnvironment(url: string, base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const others = Object.entries(base).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  const endpoints = SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, url]);
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(others),
    ...SETTINGS,
    AWS_ENDPOINT_URL: url,
    ...Object.fromEntries(endpoints),
  };
  requireLoopback(environment);
  return environment;
}

/** The endpoint in `environment`. Throws if any setting in it could lead to a real account. */
export function requireLoopback(environment: NodeJS.ProcessEnv = process.env): string {
  const url = environment["AWS_ENDPOINT_URL"] ?? "";
  const wrong = [...wrongEndpoints(environment), ...wrongCredentials(environment)];
  if (wrong.length === 0) return url;
  throw new Error(
    `these tests only use a LocalStack on this machine, and refuse to run: ${wrong.join("; ")}`,
  );
}

export function isLoopback(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: "", hostname: "" };
  const local = /^127(\.\d{1,3}){3}$/.test(hostname) || hostname === "[::1]" || hostname === "localhost";
  return local && (protocol === "http:" || protocol === "https:");
}

function wrongEndpoints(environment: NodeJS.ProcessEnv): string[] {
  const needed = ["AWS_ENDPOINT_URL", ...SERVICES.map((service) => `AWS_ENDPOINT_URL_${service}`)];
  const named = Object.keys(environment).filter((name) => name.startsWith("AWS_ENDPOINT_URL"));
  const wrong = [...new Set([...needed, ...named])].flatMap((name) => {
    const value = environment[name];
    if (value === undefined) return [`${name} is not set`];
    return isLoopback(value) ? [] : [`${name} is ${value}, not an address of this machine`];
  });
  const ignored = environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"];
  return ignored === undefined ? wrong : [...wrong, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set"];
}

/** Variables with which the SDKs might find other credentials or settings. */
const ELSEWHERE =
  /^AWS_(PROFILE|DEFAULT_PROFILE|SESSION_TOKEN|ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|CONTAINER_CREDENTIALS_.*|USE_FIPS_ENDPOINT|USE_DUALSTACK_ENDPOINT)$/;
const FILES = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] as const;

function wrongCredentials(environment: NodeJS.ProcessEnv): string[] {
  const key = environment["AWS_ACCESS_KEY_ID"];
  return [
    ...(key === ACCESS_KEY ? [] : [`AWS_ACCESS_KEY_ID is not "${ACCESS_KEY}"`]),
    ...Object.keys(environment).flatMap((name) => (ELSEWHERE.test(name) ? [`${name} is set`] : [])),
    ...FILES.flatMap((name) =>
      environment[name] === SETTINGS[name] ? [] : [`${name} is not ${SETTINGS[name]}`],
    ),
  ];
}
