/** Runs LocalStack as a plain process on loopback. Its state is in memory, so stopping it resets it. */
import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { health } from "./health.ts";

/** A LocalStack that was started here. */
export interface PlainProcess {
  readonly pid: number;
  readonly url: string;
  /**
   * The directory of its files and functions, outside the checkout so that no function finds our packages.
   */
  readonly files: string;
}

const FOLDERS = ["filesystem", "home", "tmp"] as const;

const NODE_MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

const START_MS = 60_000;
const STOP_MS = 20_000;
const POLL_MS = 100;

/** Starts LocalStack from the installation in `home`. `directory` receives its log and its state file. */
export async function start(home: string, directory: string, port: number): Promise<PlainProcess> {
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(directory, { recursive: true });
  const files = mkdtempSync(join(tmpdir(), "fanjoin-localstack-"));
  for (const name of FOLDERS) mkdirSync(join(files, name));
  const log = openSync(logOf(directory), "w");
  const child = spawn(join(home, "venv", "bin", "python"), ["-m", "localstack.runtime.main"], {
    env: settings(home, files, new URL(url).host),
    stdio: ["ignore", log, log],
    // A process group of its own: DynamoDB Local ends with it, and Ctrl-C does not reach it.
    detached: true,
  });
  const life = { over: false };
  child.on("error", () => (life.over = true)).on("exit", () => (life.over = true));
  child.unref();
  closeSync(log);
  const started = { pid: child.pid ?? 0, url, files };
  writeFileSync(stateOf(directory), JSON.stringify(started));
  const giveUpAt = performance.now() + START_MS;
  while ((await health(url)) === null) {
    if (life.over || performance.now() > giveUpAt) {
      await stop(directory);
      throw new Error(`LocalStack did not start; the end of its log:\n${tail(logs(directory))}`);
    }
    await sleep(POLL_MS);
  }
  return started;
}

/** The LocalStack that was started in `directory`, if it still runs. */
export function running(directory: string): PlainProcess | null {
  const started = startedIn(directory);
  return started && isOurs(started.pid) ? started : null;
}

function startedIn(directory: string): PlainProcess | null {
  const file = stateOf(directory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as PlainProcess) : null;
}

/** Stops the LocalStack that was started in `directory`, and its children. Returns false if there is none. */
export async function stop(directory: string): Promise<boolean> {
  const started = running(directory);
  if (started) {
    signal(started.pid, "SIGTERM");
    const giveUpAt = performance.now() + STOP_MS;
    while (isOurs(started.pid) && performance.now() < giveUpAt) await sleep(POLL_MS);
    // Kills the rest of its group: the JVM, and LocalStack itself if it has not ended.
    signal(-started.pid, "SIGKILL");
  }
  const files = startedIn(directory)?.files;
  if (files !== undefined) rmSync(files, { recursive: true, force: true, maxRetries: 5 });
  rmSync(stateOf(directory), { force: true });
  return started !== null;
}

/** The log of the last LocalStack that was started in `directory`. */
export function logs(directory: string): string {
  return existsSync(logOf(directory)) ? readFileSync(logOf(directory), "utf8") : "";
}

function logOf(directory: string): string {
  return join(directory, "log");
}

function tail(text: string): string {
  return text.trimEnd().split("\n").slice(-30).join("\n");
}

function stateOf(directory: string): string {
  return join(directory, "process.json");
}

/** Whether the pid is a LocalStack. The system reuses pids, so the process's command is checked. */
function isOurs(pid: number): boolean {
  if (pid === 0) return false;
  try {
    const listed = execFileSync("ps", ["-p", String(pid), "-o", "stat=,command="], { encoding: "utf8" });
    return !listed.startsWith("Z") && listed.includes("localstack.runtime.main");
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has ended.
  }
}

/**
 * The complete environment of LocalStack, because functions could see all of it.
 * `LOCALSTACK_EXTRA="NAME=value …"` adds other settings of LocalStack.
 */
function settings(home: string, files: string, host: string): NodeJS.ProcessEnv {
  const extra = (process.env["LOCALSTACK_EXTRA"] ?? "").split(" ").filter(Boolean);
  return {
    // Functions run on the Node that runs this file.
    PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    LAMBDA_NODE: process.execPath,
    // Only for `require`, which CDK's own functions use: Lambda's runtime includes the AWS SDK too.
    LAMBDA_NODE_PATH: NODE_MODULES,
    HOME: join(files, "home"),
    TMPDIR: join(files, "tmp"),
    FILESYSTEM_ROOT: join(files, "filesystem"),
    LANG: "C.UTF-8",
    GATEWAY_LISTEN: host,
    LOCALSTACK_HOST: host,
    GATEWAY_SERVER: "loopback",
    DNS_ADDRESS: "0",
    DISABLE_EVENTS: "1",
    SKIP_SSL_CERT_DOWNLOAD: "1",
    AWS_EC2_METADATA_DISABLED: "true",
    DOCKER_HOST: "unix:///nonexistent",
    LAMBDA_RUNTIME_EXECUTOR: "process",
    LAMBDA_SYNCHRONOUS_CREATE: "1",
    LAMBDA_RETRY_BASE_DELAY: "2",
    LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC: "0.001",
    LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC: "0.05",
    S3_SKIP_SIGNATURE_VALIDATION: "0",
    SQS_ENDPOINT_STRATEGY: "path",
    PROVIDER_OVERRIDE_DYNAMODB: "v2",
    DYNAMODB_LOCAL_JARS: join(home, "dynamodb-local"),
    ...Object.fromEntries(extra.map((setting) => setting.split(/=(.*)/s).slice(0, 2))),
  };
}
