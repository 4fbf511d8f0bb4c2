/**
 * A bare script: `node bare-start.ts <file>`: what `fanjoin run` of a small file does, without all that it is
 * for.
 */
import { readFileSync } from "node:fs";
import { inferSchema, initParser } from "udsv";
import type { Group } from "./groups.ts";

const text = readFileSync(process.argv[2] ?? "", "utf8");
const groups: { [country: string]: Group } = {};
for (const { country, amount } of initParser(inferSchema(text)).stringObjs<{
  country: string;
  amount: string;
}>(text)) {
  const group = (groups[country] ??= { total: 0, n: 0 });
  group.total += Number(amount);
  group.n++;
}
console.log(JSON.stringify(groups));
