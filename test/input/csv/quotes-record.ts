/**
 * `node quotes-record.ts <bytes>`: reads a CSV source whose one record is made of quotes, and prints how far
 * the process grew. It runs in a process of its own, so that the peak is that of the reader.
 */
import { csv, csvKind } from "../../../src/input/csv.ts";
import { peakMb } from "../../../bench/contestants/outcome.ts";
import { bytesStore } from "../bytes-store.ts";

const BLOCK = Buffer.alloc(64 * 1024, '"');
const size = Number(process.argv[2]);

async function* blocks(start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += BLOCK.length) yield Buffer.from(BLOCK.subarray(0, end - at));
}

const store = { ...bytesStore({}), read: (_: string, from: number, to: number) => blocks(from, to) };
const source = { name: "f", label: "f", size, version: "1" };
const options = csv({ columns: ["a"] }).options;

const before = process.memoryUsage.rss();
let characters = 0;
for await (const { values } of csvKind.read({
  source,
  range: { source: 0, start: 0, end: size },
  options,
  store,
})) {
  for (const value of values) characters += (value as { readonly a: string }).a.length;
}
const grownBytes = peakMb() * 1024 ** 2 - before;
console.log(JSON.stringify({ characters, grownBytes }));
