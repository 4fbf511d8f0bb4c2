/**
 * Random walks with many faults, through trees that are too large to explore. `WALK_SEED=<seed>` repeats a
 * walk; the message of a failed walk has its seed. Several seeds are separated by commas.
 */
import { expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import { hasEnded } from "../../../src/core/records/batch/batch.ts";
import { whatIsWrong } from "./invariants.ts";
import { movesFrom } from "./world/moves.ts";
import { world } from "./world/world-of.ts";
import { batchOf } from "../batch-of.ts";
import { chance } from "../../../src/core/chance.ts";
import { firstState } from "./world/world.ts";
import type { World } from "./world/world.ts";

function worldFrom(random: () => number): World {
  const below = (limit: number): number => Math.floor(random() * limit);
  const bundle = 1 + below(2);
  return world(
    (bundle === 1 ? 25 : 10) + below(bundle === 1 ? 30 : 15),
    {
      fanIn: 3,
      protocol: createProtocol(3),
      bundle,
      keeps: random() < 0.7,
      tornReads: (["no", "forwards", "backwards"] as const)[below(3)] ?? "no",
      planners: Array.from({ length: 1 + below(2) }, () => ({ chunks: 1 + below(9), size: 1 + below(2) })),
      copies: ["plan", "chunk", "merge", "seal"],
    },
    { crash: below(20), duplicate: below(10), lostReply: below(10), deadLetter: below(3), cancel: below(2) },
  );
}

/** Walks until nothing can happen any more. Returns the first violation with its trace; `null`: none. */
function walk(seed: number): { what: string; trace: string[] } | null {
  const random = chance(seed).next;
  const walked = worldFrom(random);
  const trace: string[] = [];
  let state = firstState(walked);
  for (;;) {
    const moves = movesFrom(walked, state);
    const steps = moves.filter(({ fault }) => !fault);
    if (steps.length === 0) {
      return hasEnded(batchOf(state))
        ? null
        : { what: "nothing can happen any more, and the batch has not ended", trace };
    }
    const faults = random() < 0.05 ? moves.filter(({ fault }) => fault) : [];
    const choices = faults.length > 0 ? faults : steps;
    const move = choices[Math.floor(random() * choices.length)];
    if (!move) throw new RangeError("no move");
    state = move.to;
    trace.push(move.name());
    const what = whatIsWrong(walked, state);
    if (what !== null) return { what, trace };
  }
}

const chosen = process.env["WALK_SEED"];
const seeds =
  chosen?.split(",").map(Number) ?? Array.from({ length: 50 }, () => Math.floor(Math.random() * 2 ** 31));

// Mutation testing knows tests by their titles, so the seed is not in them.
test.for(seeds)("walk %$ with many faults keeps the invariants and ends", (seed) => {
  expect(walk(seed), `WALK_SEED=${seed}`).toBeNull();
});
