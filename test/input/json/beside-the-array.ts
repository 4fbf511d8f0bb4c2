/** In a thread of little memory: reads a document with one very long value beside the array. */
import { parentPort, workerData } from "node:worker_threads";
import { elementLines } from "../../../src/input/json/json-array.ts";

const BLOCKS = 960;
const { before, byte, after } = workerData as { before: string; byte: string; after: string };

async function* document(): AsyncGenerator<Buffer> {
  yield Buffer.from(before);
  for (let block = 0; block < BLOCKS; block++) yield Buffer.alloc(65_536, byte);
  yield Buffer.from(after);
}

const parts: Buffer[] = [];
for await (const lines of elementLines(document(), ["rows"])) parts.push(lines);
parentPort?.postMessage(Buffer.concat(parts).toString());
