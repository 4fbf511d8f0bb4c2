/** `npm run explore`: explores every scenario, or those whose names contain the given words. */
import { explore } from "./explore.ts";
import { HEDGES } from "./hedging/hedge-scenarios.ts";
import { SCENARIOS } from "./scenarios.ts";
import { SPLIT_SCENARIOS } from "./splitting/split-scenarios.ts";

const words = process.argv.slice(2).join(" ");
let states = 0;
for (const { name, world } of [...SCENARIOS, ...SPLIT_SCENARIOS, ...HEDGES]) {
  if (!name.includes(words)) continue;
  const started = performance.now();
  const report = explore(world);
  states += report.states;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${report.states.toLocaleString("en").padStart(10)} states ${seconds.padStart(6)} s  ${name}`);
  if (report.violation) {
    console.error(`\n${report.violation.what}\n  ${report.violation.trace.join("\n  ")}`);
    process.exitCode = 1;
    break;
  }
}
console.log(`${states.toLocaleString("en").padStart(10)} states in all`);
