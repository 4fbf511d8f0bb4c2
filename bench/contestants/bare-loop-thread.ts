import { parentPort } from "node:worker_threads";

const noop = (n: number): number => n;

parentPort?.on("message", (numbers: number[]) => parentPort?.postMessage(numbers.map((n) => noop(n))));
