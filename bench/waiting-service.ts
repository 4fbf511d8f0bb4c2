/** The server that tasks wait for, in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Service } from "./contestants/answers.ts";

/** Starts it. The process ends when its standard input does. */
export async function startServer(service: Service = "even"): Promise<{ url: string; stop: () => void }> {
  const script = fileURLToPath(import.meta.resolve("./contestants/waiting-server.ts"));
  const child = spawn(process.execPath, [script, service], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}/`, stop: () => child.stdin.end() };
}
