/**
 * `npm run explore`: explores every scenario, or those whose names contain the given words. One that is too
 * large is reported, and the others go on: the exit code is 1 then. `EXPLORE_STATES` is the most states of
 * one scenario.
 */
import { explore, TooManyStates } from "./explore.ts";
import { HEDGES } from "./hedging/hedge-scenarios.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Scenario } from "./scenarios.ts";
import { SPLIT_SCENARIOS } from "./splitting/split-scenarios.ts";

/** Some three minutes of an idle core. */
const { EXPLORE_STATES = "1000000" } = process.env;
const words = process.argv.slice(2).join(" ");
const begun = performance.now();
let states = 0;

function print(found: number, more: string, started: number, name: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${found.toLocaleString("en").padStart(10)}${more} states ${seconds.padStart(6)} s  ${name}`);
}

/** False if the rest need not be explored. */
function explored({ name, world }: Scenario): boolean {
  const started = performance.now();
  try {
    const report = explore(world, Number(EXPLORE_STATES));
    states += report.states;
    print(report.states, " ", started, name);
    if (!report.violation) return true;
    console.error(`\n${report.violation.what}\n  ${report.violation.trace.join("\n  ")}`);
  } catch (error) {
    if (!(error instanceof TooManyStates)) throw error;
    states += error.states;
    print(error.states, "+", started, `${name}: not explored to its end`);
    process.exitCode = 1;
    return true;
  }
  process.exitCode = 1;
  return false;
}

[...SCENARIOS, ...SPLIT_SCENARIOS, ...HEDGES].filter(({ name }) => name.includes(words)).every(explored);
print(states, " ", begun, "in all");
