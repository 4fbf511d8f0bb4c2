/** The CSV file that `bench csv` reads: the same bytes every time, made once. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DIRECTORY = fileURLToPath(new URL(".data/", import.meta.url));
const COUNTRIES = 200;
/** One in so many rows has a note with newlines, quotes and commas. */
const QUOTED_EVERY = 100;
const HEADER = "id,date,country,city,product,quantity,amount,note\n";
const BLOCK_ROWS = 10_000;

const CITIES = ["Lisboa", "São Paulo", "Zürich", "Springfield", "Kuala Lumpur", "Aix-en-Provence"];
const PRODUCTS = ["espresso machine", "bicycle lamp", "garden chair", "notebook", "desk"];
const NOTES = ["", "delivered at the back door", "gift wrapping asked for", "paid on account"];
const QUOTED = '"left with the neighbour:\n""please ring twice"", he said, then\nwent home"';

/** A file of about `mb` megabytes (of a million bytes). */
export function csvFile(mb: number): string {
  const path = `${DIRECTORY}sales-${mb}mb.csv`;
  if (existsSync(path)) return path;
  mkdirSync(DIRECTORY, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  const file = openSync(unfinished, "w");
  let bytes = writeSync(file, HEADER);
  for (let row = 0; bytes < mb * 1e6; row += BLOCK_ROWS) bytes += writeSync(file, rowsFrom(row));
  closeSync(file);
  renameSync(unfinished, path);
  return path;
}

export function sizeOf(path: string): number {
  return statSync(path).size;
}

function rowsFrom(first: number): string {
  let text = "";
  for (let row = first; row < first + BLOCK_ROWS; row++) text += rowText(row);
  return text;
}

function rowText(row: number): string {
  const random = scrambled(row);
  const date = `2025-${two(1 + (random % 12))}-${two(1 + ((random >>> 4) % 28))}`;
  const country = `C${String((random >>> 8) % COUNTRIES).padStart(3, "0")}`;
  const city = CITIES[(random >>> 3) % CITIES.length];
  const product = PRODUCTS[(random >>> 6) % PRODUCTS.length];
  const amount = ((random >>> 5) % 1_000_000) / 100;
  const note = row % QUOTED_EVERY === 0 ? QUOTED : NOTES[(random >>> 9) % NOTES.length];
  return `order-${String(row).padStart(10, "0")},${date}T12:00:00Z,${country},${city},${product},${1 + (random % 9)},${amount.toFixed(2)},${note}\n`;
}

/** A pseudo-random number, always the same for a row. */
function scrambled(row: number): number {
  let hash = Math.imul(row ^ 0x9e37_79b9, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
