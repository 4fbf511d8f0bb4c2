/** Makes small worlds to explore. */
import { createProtocol } from "../../../../src/core/protocol/protocol.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import { NO_FAULTS } from "./world.ts";
import type { Budget, World } from "./world.ts";

/** A world of `chunks` chunks of one unit, planned one by one. Without `faults` there are none. */
export function world(
  chunks: number,
  changes: Partial<Omit<World, "budget">> = {},
  faults: Partial<Budget> = {},
): World {
  return {
    protocol: createProtocol(2),
    apply: applyUpdate,
    fanIn: 2,
    units: chunks,
    planners: [{ chunks: 1, size: 1 }],
    keeps: true,
    plansOn: true,
    sweeps: false,
    fails: {},
    bundle: 1,
    mergesAtOnce: Infinity,
    tornReads: "no",
    copies: ["chunk", "part", "hedge", "merge", "seal"],
    givesUp: "first",
    acknowledges: "last",
    ends: "cancel",
    ...changes,
    budget: { ...NO_FAULTS, ...faults },
  };
}
