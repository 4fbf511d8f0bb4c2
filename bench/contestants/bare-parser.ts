/**
 * The bare parser: `node bare-parser.ts <file> <threads>`: uDSV on quote-safe pieces of 64 KiB and a group-by
 * by hand. It trusts the parser (short rows swallow their neighbours), stores nothing, and adds amounts with
 * plain `+`.
 */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { sizeOf } from "../csv-data.ts";
import { borderNear, groupsIn } from "./bare-parser-part.ts";
import type { Part } from "./bare-parser-part.ts";
import { addGroups, answerOf } from "./groups.ts";
import type { Groups } from "./groups.ts";
import { peakMb, report } from "./outcome.ts";

const [, , file = "", threadsText] = process.argv;
const bytes = sizeOf(file);
const script = fileURLToPath(import.meta.resolve("./bare-parser-thread.ts"));
const threads = threadsText === "2" ? [new Worker(script), new Worker(script)] : [];
await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once("message", resolve))));

function partInThread(thread: Worker, part: Part): Promise<Groups> {
  return new Promise((resolve) => {
    thread.once("message", resolve);
    thread.postMessage(part);
  });
}

async function groupsInThreads(): Promise<Groups> {
  const middle = borderNear(file, bytes / 2);
  const ends = [0, middle, bytes];
  const parts = threads.map((thread, i) =>
    partInThread(thread, { file, start: ends[i] ?? 0, end: ends[i + 1] ?? 0 }),
  );
  return (await Promise.all(parts)).reduce(addGroups);
}

const before = process.cpuUsage();
const start = performance.now();
const groups = threads.length === 0 ? groupsIn({ file, start: 0, end: bytes }) : await groupsInThreads();
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(before);
report({
  figures: { ms, cpuMs: (user + system) / 1000, mbPerSecond: bytes / 1e3 / ms, peakMb: peakMb() },
  answer: answerOf(groups),
});
await Promise.all(threads.map((thread) => thread.terminate()));
