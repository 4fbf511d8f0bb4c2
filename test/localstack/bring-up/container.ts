/**
 * Runs LocalStack in a container (`compose.yaml`). This way is untested, because no machine of this project
 * has a container engine.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const COMPOSE_FILE = fileURLToPath(new URL("../../../compose.yaml", import.meta.url));
const PATIENCE_MS = 20_000;
/** The image is more than a gigabyte. */
const START_MS = 15 * 60_000;

export async function engineAnswers(): Promise<boolean> {
  try {
    await run("docker", ["info"], { timeout: PATIENCE_MS });
    await run("docker", ["compose", "version"], { timeout: PATIENCE_MS });
    return true;
  } catch {
    return false;
  }
}

export async function start(directory: string, port: number): Promise<string> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(stateOf(directory), String(port));
  try {
    await compose(port, "up", "--detach", "--wait");
  } catch (error) {
    await stop(directory);
    throw error;
  }
  return urlOf(port);
}

/** The URL of the container that was started in `directory`, whether it still answers or not. */
export function running(directory: string): string | null {
  const port = portOf(directory);
  return port === null ? null : urlOf(port);
}

export async function stop(directory: string): Promise<boolean> {
  const port = portOf(directory);
  if (port === null) return false;
  await compose(port, "down", "--volumes");
  rmSync(stateOf(directory), { force: true });
  return true;
}

export async function logs(directory: string): Promise<string> {
  const port = portOf(directory);
  return port === null ? "" : compose(port, "logs", "--no-color");
}

/** Each port has a Compose project of its own, so that several may run at once. */
async function compose(port: number, ...args: string[]): Promise<string> {
  const project = ["--file", COMPOSE_FILE, "--project-name", `fanjoin-localstack-${port}`];
  const env = { ...process.env, LOCALSTACK_PORT: String(port) };
  const { stdout } = await run("docker", ["compose", ...project, ...args], {
    env,
    timeout: START_MS,
    maxBuffer: 1 << 28,
  });
  return stdout;
}

function portOf(directory: string): number | null {
  const file = stateOf(directory);
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : null;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function stateOf(directory: string): string {
  return join(directory, "container-port");
}
