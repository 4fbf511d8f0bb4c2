/** Runs the job with a service on this machine. With a real one: `npx fanjoin run job.ts --params …`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startService } from "./service.ts";

const service = await startService();
const params = JSON.stringify({ url: service.url });
const fanjoin = fileURLToPath(new URL("bin/fanjoin.js", import.meta.resolve("fanjoin/package.json")));
const command = [fanjoin, "run", "job.ts", "cities.jsonl", "--params", params];
const [code] = (await once(spawn(process.execPath, command, { stdio: "inherit" }), "close")) as [number];
process.exitCode = code;
service.close();
