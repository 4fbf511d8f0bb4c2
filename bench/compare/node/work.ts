/** The work of the comparison; `../python/work.py` does the same. */
import { open, readFile } from "node:fs/promises";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { ask } from "../../contestants/waiting.ts";

const {
  COMPARE_DIR: DIRECTORY = ".",
  COMPARE_URL: SERVER = "",
  COMPARE_FAULT: FAULT,
  COMPARE_TRIAL_MS,
} = process.env;
const FAULTY = 7;
const EXPONENT = 1279;
const BLOCK = Buffer.from(Uint8Array.from({ length: 256 * 1024 }, (_, at) => at % 256));

export function noop(n: number): number {
  return n;
}

/** The test of Lucas and Lehmer: is 2 ** 1279 - 1 a prime? It is. */
export function cpu(n: number): number {
  const modulus = (1n << BigInt(EXPONENT)) - 1n;
  let state = 4n;
  for (let step = 0; step < EXPONENT - 2; step++) state = (state * state - 2n) % modulus;
  return state === 0n ? n : -1;
}

/** Writes 256 KiB, waits until they are on disk, reads them back. */
export async function file(n: number): Promise<number> {
  const path = join(DIRECTORY, `file-${n}`);
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(n));
  const handle = await open(path, "w");
  try {
    await handle.writev([number, BLOCK]);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return crc32(await readFile(path)) === crc32(BLOCK, crc32(number)) ? n : -1;
}

/** A request on one of the connections that this thread keeps. */
export function network(n: number): Promise<number> {
  return ask(SERVER, n);
}

/** A task of the failure table: one of them is broken, in the way that is tried. */
export async function trial(n: number): Promise<number> {
  mark("begun", n);
  if (n === FAULTY) await fault();
  await sleep(Number(COMPARE_TRIAL_MS ?? 100));
  mark("done", n);
  return n;
}

/** Leaves a trace that survives this process: a line for each time. */
function mark(kind: string, n: number): void {
  appendFileSync(join(DIRECTORY, `${kind}-${n}`), "x\n");
}

async function fault(): Promise<void> {
  if (FAULT === "throws") throw new RangeError("this task is broken");
  // A timer, so that a process with nothing else to do does not end.
  if (FAULT === "waits") await new Promise(() => setInterval(() => undefined, 1000));
  if (FAULT === "spins") for (;;);
  if (FAULT === "exits") process.exit(1);
  if (FAULT === "kills") process.kill(process.pid, "SIGKILL");
}

export type TaskName = "noop" | "cpu" | "file" | "network" | "trial";
export const TASKS: { readonly [name in TaskName]: (n: number) => number | Promise<number> } = {
  noop,
  cpu,
  file,
  network,
  trial,
};
