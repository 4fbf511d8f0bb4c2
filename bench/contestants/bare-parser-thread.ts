import { parentPort } from "node:worker_threads";
import { groupsIn } from "./bare-parser-part.ts";
import type { Part } from "./bare-parser-part.ts";

parentPort?.on("message", (part: Part) => parentPort?.postMessage(groupsIn(part)));
parentPort?.postMessage("ready");
