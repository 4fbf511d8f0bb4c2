/** The machine in words, and the server that some contestants need. */
import { spawnSync } from "node:child_process";
import { cpus, loadavg, platform, totalmem } from "node:os";

const PLATFORMS: { readonly [platform: string]: string } = {
  linux: "Linux",
  darwin: "macOS",
  win32: "Windows",
};

/** The load at this moment is a part of it: figures of a busy machine are not to be trusted. */
export function machineWords(): string {
  const processors = cpus();
  const gb = Math.round(totalmem() / 1024 ** 3);
  const model = processors[0]?.model.trim() ?? "unknown processor";
  return `${processors.length} cores (${model}), ${gb} GB of memory, ${PLATFORMS[platform()] ?? platform()}; its load at the start was ${(loadavg()[0] ?? 0).toFixed(1)}`;
}

/** `null`: not installed. */
export function redisVersion(): string | null {
  const { stdout } = spawnSync("redis-server", ["--version"], { encoding: "utf8" });
  return /v=([\d.]+)/.exec(stdout ?? "")?.[1] ?? null;
}
