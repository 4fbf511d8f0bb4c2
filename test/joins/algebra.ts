/**
 * Every way in which an engine may arrive at a joined value; all have to give what one pass over all values
 * gives.
 */
import * as fc from "fast-check";
import type { Json } from "../../src/core/json.ts";
import type { Join } from "../../src/joins/join.ts";

/**
 * One run: where to cut, how to group the merges, which accumulators travel as JSON. All drawn from one
 * seeded stream.
 */
type Draw = (below: number) => number;

/** What a batch of one chunk gives, as JSON text: equal text means equal to the last bit. */
function inOnePass<Value>(join: Join<Value, unknown>, values: readonly Value[]): string {
  return JSON.stringify(join.finish(foldChunk(join, values)));
}

function foldChunk<Value>(join: Join<Value, unknown>, values: readonly Value[]): unknown {
  let acc = join.init();
  for (const value of values) acc = join.add(acc, join.prepare(value));
  return acc;
}

/** The same in chunks, merged by a tree of random fan-in, with random trips through JSON. */
function inPieces<Value>(join: Join<Value, unknown>, values: readonly Value[], draw: Draw): string {
  const travel = (acc: unknown): unknown =>
    draw(2) === 0 ? acc : join.decode(JSON.parse(JSON.stringify(join.encode(acc))) as Json);
  let layer = cut(values, draw).map((chunk) => travel(foldChunk(join, chunk)));
  while (layer.length > 1) {
    layer = cut(layer, draw).map((group) => travel(group.reduce((left, right) => join.merge(left, right))));
  }
  return JSON.stringify(join.finish(travel(layer[0] ?? join.init())));
}

/** Runs of 1 to 4 neighbours. */
function cut<One>(all: readonly One[], draw: Draw): One[][] {
  const groups: One[][] = [];
  for (let start = 0; start < all.length;) {
    const size = 1 + draw(4);
    groups.push(all.slice(start, start + size));
    start += size;
  }
  return groups;
}

/**
 * A chunking, a tree and journeys that do not give the result of one pass, in words; `null` if none was
 * found.
 */
export function counterexample<Value>(join: Join<Value, unknown>, value: fc.Arbitrary<Value>): string | null {
  const runs = fc.check(
    fc.property(fc.array(value, { maxLength: 60 }), fc.infiniteStream(fc.nat(1000)), (values, stream) => {
      const draw: Draw = (below) => Number(stream.next().value) % below;
      return inPieces(join, values, draw) === inOnePass(join, values);
    }),
    { numRuns: 300 },
  );
  return runs.failed ? (fc.defaultReportMessage(runs) ?? "") : null;
}
