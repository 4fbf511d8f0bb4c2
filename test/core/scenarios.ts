/** Small worlds that are explored in full. */
import { createProtocol } from "../../src/core/protocol.ts";
import { applyUpdate } from "../../src/core/record.ts";
import { NO_FAULTS } from "./world.ts";
import type { World } from "./world.ts";

/** A world in which `chunks` chunks of one unit are planned in one entry each, and nothing goes wrong. */
export function world(chunks: number, changes: Partial<Omit<World, "budget">> = {}, faults: Partial<World["budget"]> = {}): World {
  return {
    protocol: createProtocol(2),
    apply: applyUpdate,
    fanIn: 2,
    units: chunks,
    planners: [{ chunks: 1, size: 1 }],
    keeps: true,
    bundle: 1,
    tornReads: "no",
    copies: ["chunk", "merge", "seal"],
    acknowledges: "last",
    ...changes,
    budget: { ...NO_FAULTS, ...faults },
  };
}
