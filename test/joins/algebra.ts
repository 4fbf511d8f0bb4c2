/** All ways to join values. Each has to give the result of one pass over all values. */
import * as fc from "fast-check";
import type { Json } from "../../src/core/json/json.ts";
import type { Join } from "../../src/joins/join.ts";
import type { InputPlace } from "../../src/joins/place.ts";

/** Draws the choices of a run: where to cut, how to group merges, which accumulators to write as JSON. */
type Draw = (below: number) => number;

/** A value, and the place of its item. */
interface Placed<Value> {
  readonly value: Value;
  readonly place: InputPlace;
}

/** Items of several sources, with gaps between them, as lines have. */
function placed<Value>(values: readonly Value[]): Placed<Value>[] {
  return values.map((value, at) => {
    const source = Math.floor(at / 20);
    return { value, place: { source, key: 7 * (at - 20 * source) } };
  });
}

/** The result of a batch of one chunk, as JSON text. Equal texts are equal to the last bit. */
function inOnePass<Value>(join: Join<Value, unknown>, values: readonly Value[]): string {
  return JSON.stringify(join.finish(foldChunk(join, placed(values))));
}

function foldChunk<Value>(join: Join<Value, unknown>, items: readonly Placed<Value>[]): unknown {
  let acc = join.init();
  for (const { value, place } of items) acc = join.add(acc, join.prepare(value), place);
  return acc;
}

/**
 * The result in chunks, merged by a tree of random fan-in. Some accumulators are written and read as JSON,
 * whole or in blocks.
 */
function inPieces<Value>(join: Join<Value, unknown>, values: readonly Value[], draw: Draw): string {
  const travel = (acc: unknown): unknown => {
    const way = draw(3);
    if (way === 0) return acc;
    return way === 1 || !join.large
      ? decoded(join, JSON.stringify(join.encode(acc)))
      : inBlocks(join, acc, draw);
  };
  const chunks = cut(placed(values), draw).map((chunk) => travel(foldChunk(join, chunk)));
  let layer = chunks;
  while (layer.length > 1) {
    layer = cut(layer, draw).map((group) =>
      travel(group.reduce((left, right) => merged(join, left, right, draw))),
    );
  }
  return resultText(join, travel(layer[0] ?? join.init()), draw);
}

function decoded<Value>(join: Join<Value, unknown>, text: string): unknown {
  return join.decode(JSON.parse(text) as Json);
}

/** Through blocks of a few characters, which are merged one by one. */
function inBlocks<Value>(join: Join<Value, unknown>, acc: unknown, draw: Draw): unknown {
  const [first = "", ...rest] = join.large?.blocks(acc, 1 + draw(100)) ?? [];
  let all = decoded(join, first);
  for (const text of rest) {
    all =
      draw(2) === 0
        ? join.merge(all, decoded(join, text))
        : join.large?.mergeEncoded(all, JSON.parse(text) as Json);
  }
  return all;
}

function merged<Value>(join: Join<Value, unknown>, left: unknown, right: unknown, draw: Draw): unknown {
  if (!join.large || draw(2) === 0) return join.merge(left, right);
  return join.large.mergeEncoded(left, JSON.parse(JSON.stringify(join.encode(right))) as Json);
}

function resultText<Value>(join: Join<Value, unknown>, acc: unknown, draw: Draw): string {
  const inParts = join.large && draw(2) === 0;
  return inParts ? [...join.large.resultText(acc, "")].join("") : JSON.stringify(join.finish(acc));
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
