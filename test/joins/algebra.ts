/** All ways to join values. Each has to give the result of one pass over all values. */
import * as fc from "fast-check";
import type { Json } from "../../src/core/json/json.ts";
import type { Join } from "../../src/joins/join.ts";

/** Draws the choices of a run: where to cut, how to group merges, which accumulators to write as JSON. */
type Draw = (below: number) => number;

/** The result of a batch of one chunk, as JSON text. Equal texts are equal to the last bit. */
function inOnePass<Value>(join: Join<Value, unknown>, values: readonly Value[]): string {
  return JSON.stringify(join.finish(foldChunk(join, values)));
}

function foldChunk<Value>(join: Join<Value, unknown>, values: readonly Value[]): unknown {
  let acc = join.init();
  for (const value of values) acc = join.add(acc, join.prepare(value));
  return acc;
}

/**
 * The result in chunks, merged by a tree of random fan-in. Some accumulators are written and read as JSON.
 */
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

/** A run whose result differs from that of one pass, in words. `null`: none was found. */
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
