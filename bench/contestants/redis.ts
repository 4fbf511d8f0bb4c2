/** A redis-server of one's own, that keeps nothing on disk. It is reached by a socket. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export function socketIn(directory: string): string {
  return join(directory, "redis.sock");
}

/** Resolves once the socket is there. */
export async function startRedis(directory: string): Promise<ChildProcess> {
  const socket = socketIn(directory);
  const settings = ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"];
  const redis = spawn("redis-server", [...settings, "--dir", directory], { stdio: "ignore" });
  while (!existsSync(socket)) await sleep(10);
  return redis;
}
