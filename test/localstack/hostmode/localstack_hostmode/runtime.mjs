// Runs one Lambda function: loads its handler, then serves one request per line of stdin.
import { existsSync, writeSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const env = process.env;
const responseFd = Number(env.LAMBDA_RESPONSE_FD);
delete env.LAMBDA_RESPONSE_FD;
let requestId = "";

function send(message) {
  const line = Buffer.from(JSON.stringify(message) + "\n");
  for (let offset = 0; offset < line.length;) offset += writeSync(responseFd, line, offset);
}

function describe(error) {
  if (!(error instanceof Error))
    return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });
  return JSON.stringify({
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? "").split("\n"),
  });
}

function fail(error, fatal = false) {
  console.error("Invoke Error", error);
  send({ error: describe(error), fatal });
}

class RuntimeError extends Error {
  constructor(type, message) {
    super(message);
    this.name = `Runtime.${type}`;
  }
}

async function loadHandler() {
  const [, directory, file, exportPath] = /^(.*\/)?([^/.]+)\.(.+)$/.exec(env._HANDLER) ?? [];
  if (!file) throw new RuntimeError("MalformedHandlerName", `Bad handler '${env._HANDLER}'`);
  const base = join(env.LAMBDA_TASK_ROOT, directory ?? "", file);
  const path = [".js", ".mjs", ".cjs"].map((extension) => base + extension).find(existsSync);
  if (!path) throw new RuntimeError("ImportModuleError", `Error: Cannot find module '${base}'`);
  const module = await import(pathToFileURL(path).href);
  const find = (root) => exportPath.split(".").reduce((value, name) => value?.[name], root);
  const handler = find(module) ?? find(module.default);
  if (typeof handler !== "function")
    throw new RuntimeError("HandlerNotFound", `${env._HANDLER} is undefined or not exported`);
  if (handler.length < 3) return handler;
  if (env.AWS_EXECUTION_ENV === "AWS_Lambda_nodejs24.x")
    throw new RuntimeError(
      "CallbackHandlerDeprecated",
      "nodejs24.x does not support callback-based handlers",
    );
  return (event, context) =>
    new Promise((resolve, reject) => {
      const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
      if (typeof returned?.then === "function") returned.then(resolve, reject);
    });
}

function makeContext(request) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: request.functionArn,
    awsRequestId: request.requestId,
    getRemainingTimeInMillis: () => Math.max(0, request.deadlineMs - Date.now()),
  };
}

// Log lines as the managed runtime writes them; a carriage return keeps a multi-line message one log event.
for (const [method, level] of Object.entries({
  log: "INFO",
  info: "INFO",
  debug: "DEBUG",
  warn: "WARN",
  error: "ERROR",
  trace: "TRACE",
}))
  console[method] = (...values) =>
    process.stdout.write(
      `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values).replaceAll("\n", "\r")}\n`,
    );

process.on("uncaughtException", (error) => {
  fail(error, true);
  process.exit(129);
});
process.on("unhandledRejection", (reason) => {
  fail(
    new RuntimeError("UnhandledPromiseRejection", reason instanceof Error ? String(reason) : format(reason)),
    true,
  );
  process.exit(128);
});

// CDK's custom resource handlers answer to port 443 of the response URL's host, whatever the URL says.
const httpsRequest = https.request;
https.request = (options, ...rest) =>
  options?.hostname === "127.0.0.1" && !options.port
    ? http.request({ ...options, port: env.EDGE_PORT }, ...rest)
    : httpsRequest(options, ...rest);

let handler;
try {
  handler = await loadHandler();
} catch (error) {
  fail(error, true);
  process.exit(1);
}
send({ ready: true });

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const request = JSON.parse(line);
  requestId = request.requestId;
  env._X_AMZN_TRACE_ID = request.traceId;
  try {
    const result = await handler(JSON.parse(request.event || "null"), makeContext(request));
    send({ result: JSON.stringify(result) ?? "null" });
  } catch (error) {
    fail(error);
  }
}
process.exit(0);
