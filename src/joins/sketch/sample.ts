import { group, integer, invalid, show } from "../../option-check.ts";
import type { Json } from "../../core/json/json.ts";
import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { checkKept } from "../order/kept-value.ts";
import { Hash } from "./hash.ts";

/** They are in memory for every group and at every merge. */
const MOST = 10_000;

/** Which sample is drawn. */
export interface SampleOptions {
  /** A whole number. Another seed draws another sample; 0 by default. */
  readonly seed?: number | undefined;
}

/** A value as JSON text, the hash that it was drawn by in two halves, and its place. */
type Drawn = readonly [high: number, low: number, source: number, key: number, text: string];

const hash = new Hash();

/**
 * `n` values, drawn at random without replacement: each item has the same chance. They are in input order.
 * The same input and seed give the same sample, however the input is cut. Fewer values if there are fewer.
 */
export function sample<Value>(n: number, options?: SampleOptions): CallableJoin<Value, Value[]> {
  const most = integer(n, "the first argument of sample", 1, 1);
  if (n === undefined || most > MOST)
    throw invalid(`the first argument of sample has to be 1 to ${MOST}, but is ${show(n)}.`);
  const { seed: given } = group(options, "the second argument of sample", ["seed"]);
  const seed = seedOf(given);
  const put = (acc: Drawn[], drawn: Drawn): void => {
    acc.splice(placeOf(acc, drawn), 0, drawn);
    if (acc.length > most) acc.pop();
  };
  return callable<Value, Value[], Drawn[], Value>({
    init: () => [],
    prepare(value) {
      checkKept("sample", value);
      return value;
    },
    add(acc, value, { source, key }) {
      hash.ofNumbers(0, seed, source, key);
      const { high, low } = hash;
      const worst = acc[most - 1];
      const isOut = worst !== undefined && (high > worst[0] || (high === worst[0] && low > worst[1]));
      if (!isOut) put(acc, [high, low, source, key, JSON.stringify(value)]);
      return acc;
    },
    merge(left, right) {
      for (const drawn of right) put(left, drawn);
      return left;
    },
    finish: (acc) =>
      acc.toSorted((a, b) => a[2] - b[2] || a[3] - b[3]).map(([, , , , text]) => JSON.parse(text) as Value),
    encode: (acc) => acc,
    decode: (json: Json) => (json as unknown as readonly Drawn[]).slice(),
    outputs: false,
    placed: true,
  });
}

function seedOf(given: unknown): number {
  if (given === undefined) return 0;
  if (typeof given === "number" && Number.isSafeInteger(given)) return given + 0;
  throw invalid(`seed of sample has to be a whole number, but is ${show(given)}.`);
}

/** Behind all with a smaller hash. Places tell items apart whose hashes are equal. */
function placeOf(acc: readonly Drawn[], drawn: Drawn): number {
  let low = 0;
  let high = acc.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(acc[middle] as Drawn, drawn)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: Drawn, b: Drawn): boolean {
  for (let part = 0; part < 4; part++) {
    if (a[part] !== b[part]) return (a[part] as number) < (b[part] as number);
  }
  return false;
}
