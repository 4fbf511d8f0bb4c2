/**
 * Provides the tests with a LocalStack: a running one, a container, or a plain process, whichever the machine
 * can have first.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as container from "./container.ts";
import { freePort } from "./free-port.ts";
import { isLoopback } from "../guard.ts";
import { health } from "./health.ts";
import { install, installHome, isInstalled } from "./install.ts";
import * as plain from "./plain-process.ts";
import { checkRequirements } from "./requirements.ts";

/** The directory of `npm run localstack`: pid, log and temporary files. */
export const RUN_DIRECTORY = join(fileURLToPath(new URL("../../../.localstack/run", import.meta.url)));

export type BroughtUp =
  | { readonly kind: "running" | "container" | "process"; readonly url: string }
  /** LocalStack cannot be started, because these requirements are missing. */
  | { readonly kind: "missing"; readonly missing: readonly string[] };

/**
 * The URL of the LocalStack that `AWS_ENDPOINT_URL` names or that `npm run localstack -- up` has started; the
 * tests do not stop it. Throws if the address is not a LocalStack on this machine.
 */
export async function alreadyRunning(environment: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const named = environment["AWS_ENDPOINT_URL"];
  if (named === undefined || named === "") return startedIn(RUN_DIRECTORY);
  if (!isLoopback(named)) {
    throw new Error(
      `AWS_ENDPOINT_URL is ${named}, not an address of this machine: the tests refuse to talk to it`,
    );
  }
  const url = named.replace(/\/$/, "");
  if ((await health(url)) !== null) return url;
  throw new Error(
    `AWS_ENDPOINT_URL is ${named}, and no LocalStack answers there: start it, or unset the variable`,
  );
}

/** The URL of the LocalStack that was started with `directory` as its run directory. */
export function startedIn(directory: string): string | null {
  return plain.running(directory)?.url ?? container.running(directory);
}

/**
 * Starts a LocalStack with its files in `directory`. `LOCALSTACK_WAY` (`container`, `process`) excludes the
 * other way.
 */
export async function bringUp(directory: string, wanted?: number): Promise<BroughtUp> {
  const way = process.env["LOCALSTACK_WAY"];
  const missing: string[] = [];
  if (way !== "process") {
    if (await container.engineAnswers()) {
      const port = wanted ?? (await freePort());
      return { kind: "container", url: await container.start(directory, port) };
    }
    missing.push("a container engine (docker info does not answer)");
  }
  if (way === "container") return { kind: "missing", missing };
  const needed = await installProcess();
  if (needed.length > 0) return { kind: "missing", missing: [...missing, ...needed] };
  const { url } = await plain.start(installHome(), directory, wanted ?? (await freePort()));
  return { kind: "process", url };
}

/** Brings what LocalStack needs as a plain process, if that is not there. Returns what is missing for it. */
async function installProcess(): Promise<readonly string[]> {
  const home = installHome();
  const found = await checkRequirements();
  const needed = isInstalled(home) ? found.missingToRun : found.missing;
  if (needed.length === 0) await install(home, found.python);
  return needed;
}

/**
 * Brings all that takes time before the first start, and starts nothing. A container engine brings its image
 * at the start.
 */
export async function prepare(): Promise<void> {
  if (process.env["LOCALSTACK_WAY"] !== "process" && (await container.engineAnswers())) return;
  await installProcess();
}

/** Stops only the LocalStack that was started in `directory`. Returns false if there is none. */
export async function takeDown(directory: string): Promise<boolean> {
  return (await plain.stop(directory)) || container.stop(directory);
}

export async function logs(directory: string): Promise<string> {
  return container.running(directory) === null ? plain.logs(directory) : container.logs(directory);
}
