/** The CSV files that `bench joins` reads: the same bytes every time, made once. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DIRECTORY = fileURLToPath(new URL(".data/", import.meta.url));
const BLOCK_ROWS = 50_000;

/** `rows` rows of `user,amount`, of up to `users` different users in no order. */
export function usersFile(rows: number, users: number): string {
  const path = `${DIRECTORY}users-${rows}-of-${users}.csv`;
  if (existsSync(path)) return path;
  mkdirSync(DIRECTORY, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  const file = openSync(unfinished, "w");
  writeSync(file, "user,amount\n");
  for (let row = 0; row < rows; row += BLOCK_ROWS)
    writeSync(file, textOf(row, Math.min(rows, row + BLOCK_ROWS), users));
  closeSync(file);
  renameSync(unfinished, path);
  return path;
}

function textOf(from: number, to: number, users: number): string {
  let text = "";
  for (let row = from; row < to; row++) {
    const random = scrambled(row);
    // Quarters are sums without rounding errors in every contestant, so their results are comparable.
    text += `user-${String(random % users).padStart(8, "0")},${(scrambled(random) % 40_000) / 4}\n`;
  }
  return text;
}

/** A pseudo-random number of 32 bits, always the same for a number. */
function scrambled(number: number): number {
  let hash = Math.imul(number ^ 0x9e37_79b9, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
