/**
 * A script: runs a batch in this process, and prints what came of it.
 *
 *     node examples/programs/report.ts events/inputs/birdstrikes.csv
 */
import { open } from "fanjoin/local";
import type strikes from "../bird-strikes.ts";

await using fanjoin = await open({ threads: 2 });
const job = new URL("../bird-strikes.ts", import.meta.url);
const batch = await fanjoin.submit<typeof strikes>(job, { input: process.argv.slice(2) });

for await (const { totals } of batch.progress())
  process.stderr.write(`\r${totals.succeeded + totals.failed} strikes`);
process.stderr.write("\n");

const { state, items, result } = await batch.ended();
console.log(`${state}: ${items.succeeded} strikes, ${items.failed} rows are not usable`);
for (const [name, { strikes: count }] of Object.entries(result ?? {})) console.log(`${name}: ${count}`);
for await (const { source, line, error } of batch.failed())
  console.error(`${source}:${line}: ${error.message}`);
