/** Contestants that only take part if they are installed. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runScript } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";

const BULLMQ = fileURLToPath(new URL(".data/bullmq", import.meta.url));
export const BULLMQ_MODULES = `${BULLMQ}/node_modules`;
const PACKAGES = "bullmq@6.7.0 ioredis@5.11.1";
/** From wherever the repository is. */
export const INSTALL_BULLMQ = `npm install --prefix ${BULLMQ} ${PACKAGES}`;
/** From the root of the repository. */
export const INSTALL_BULLMQ_LINE = `npm install --prefix bench/.data/bullmq ${PACKAGES}`;

/** Whether `command` can be run. */
export function isInstalled(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

/** A contestant whose `script` receives `count` and the path of BullMQ's `node_modules`. */
export function bullmqContestant(about: string, script: string, count: number): Contestant {
  return {
    name: "BullMQ",
    about,
    missing: missingForBullmq(),
    run: () => runScript(script, [count, BULLMQ_MODULES]),
  };
}

/** Why BullMQ cannot be used here, or `null`. */
export function missingForBullmq(): string | null {
  if (!isInstalled("redis-server")) return "redis-server is not installed";
  return existsSync(`${BULLMQ_MODULES}/bullmq`) ? null : INSTALL_BULLMQ;
}

const DUCKDB = fileURLToPath(new URL(".data/duckdb", import.meta.url));
export const DUCKDB_MODULES = `${DUCKDB}/node_modules`;

/** Why DuckDB cannot be used here, or `null`. */
export function missingForDuckDb(): string | null {
  if (existsSync(`${DUCKDB_MODULES}/@duckdb/node-api`)) return null;
  return `npm install --prefix ${DUCKDB} @duckdb/node-api@1.5.6-r.1`;
}

/** Why a package cannot be imported by `python`, or `null`. */
export function missingForPython(python: string, name: string): string | null {
  if (!isInstalled(python)) return `${python} is not installed`;
  const { status } = spawnSync(python, ["-c", `import ${name}`], { stdio: "ignore" });
  return status === 0 ? null : `${name} is not installed for ${python} (--python)`;
}
