/**
 * `npm run localstack -- up | down | status | logs | install`: a LocalStack for development. Its state is in
 * memory, so `down` and `up` reset it.
 */
import {
  alreadyRunning,
  bringUp,
  logs,
  prepare,
  RUN_DIRECTORY,
  startedIn,
  takeDown,
} from "./bring-up/bring-up.ts";
import { localEnvironment } from "./guard.ts";
import { health } from "./bring-up/health.ts";

const USAGE = `Usage: npm run localstack -- up | down | status | logs | install

install starts nothing: it brings what "up" and the tests would have to bring first.

LOCALSTACK_PORT   the port it listens on, on loopback (4566)
LOCALSTACK_HOME   where it is installed (.localstack in this checkout): half a gigabyte
LOCALSTACK_WAY    container or process: excludes the other way
LOCALSTACK_EXTRA  "NAME=value NAME=value": further settings of LocalStack as a process
PYTHON            the Python to install with`;

const PORT = 4566;

const commands: { readonly [name: string]: () => Promise<number> } = {
  async up() {
    const before = await alreadyRunning();
    if (before !== null) return printEnvironment(before, "is already up");
    const up = await bringUp(RUN_DIRECTORY, Number(process.env["LOCALSTACK_PORT"] ?? PORT));
    if (up.kind !== "missing") return printEnvironment(up.url, `is up, as a ${up.kind}`);
    console.error(`localstack: cannot be started here. Missing: ${up.missing.join("; ")}`);
    return 1;
  },
  async down() {
    console.log((await takeDown(RUN_DIRECTORY)) ? "localstack: down" : "localstack: was not running");
    return 0;
  },
  async status() {
    const url = startedIn(RUN_DIRECTORY);
    const report = url === null ? null : await health(url);
    console.log(report === null ? "localstack: is not running" : `${url} ${report}`);
    return report === null ? 1 : 0;
  },
  async install() {
    await prepare();
    return 0;
  },
  async logs() {
    process.stdout.write(await logs(RUN_DIRECTORY));
    return 0;
  },
};

/** Prints the environment variables for a shell, ready to paste. Returns the exit code. */
function printEnvironment(url: string, state: string): number {
  console.error(`localstack: ${url} ${state}`);
  const environment = localEnvironment(url, {});
  const names = Object.keys(environment).filter((name) => name.startsWith("AWS_"));
  console.log(`export ${names.map((name) => `${name}=${environment[name]}`).join(" ")}`);
  return 0;
}

const command = commands[process.argv[2] ?? ""];
if (command) {
  process.exitCode = await command();
} else {
  console.error(USAGE);
  process.exitCode = 2;
}
