import { usage } from "../core/errors/errors.ts";

/** Checks the option of a submission. `isHere`: to this machine, where nothing is charged. Throws `USAGE`. */
export function checkMaxCost(maxCostUsd: number | undefined, isHere: boolean): void {
  if (maxCostUsd === undefined) return;
  if (isHere) throw usage("maxCostUsd limits what a stack on AWS costs; nothing is charged on this machine");
  if (Number.isFinite(maxCostUsd) && maxCostUsd > 0) return;
  throw usage(`maxCostUsd has to be a number of dollars above 0, but is ${String(maxCostUsd)}`);
}
