/** Contestants that take part where they are installed. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runScript } from "./contestant.ts";
import type { Contestant } from "./contestant.ts";

const BULLMQ = fileURLToPath(new URL(".data/bullmq", import.meta.url));
export const INSTALL_BULLMQ = `npm install --prefix ${BULLMQ} bullmq@6.7.0 ioredis@5.11.1`;

export function isHere(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

/** `script` is given `count`, and where BullMQ is. */
export function bullmqContestant(about: string, script: string, count: number): Contestant {
  return {
    name: "BullMQ",
    about,
    missing: missingForBullmq(),
    run: () => runScript(script, [count, `${BULLMQ}/node_modules`]),
  };
}

function missingForBullmq(): string | null {
  if (!isHere("redis-server")) return "no redis-server here";
  return existsSync(`${BULLMQ}/node_modules/bullmq`) ? null : INSTALL_BULLMQ;
}
