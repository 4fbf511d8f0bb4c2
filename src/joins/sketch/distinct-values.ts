/** Different values: a set while they are few, then a sketch. */
import type { Json } from "../../core/json/json.ts";
import type { KeyPart } from "../group-key.ts";
import { Hash } from "./hash.ts";
import { HyperLogLog, STANDARD_ERROR } from "./hyper-log-log.ts";
import type { Distinct } from "./distinct.ts";

/**
 * The most values that are held, and characters in them. Both grow with the set of values alone: whether a
 * set was too large anywhere does not depend on the cut.
 */
const MOST_VALUES = 10_000;
const MOST_CHARS = 256 * 1024;
/** Another one for each type, so that `1`, `"1"` and `true` have hashes of their own. */
const SEEDS = { string: 0x5eed_0001, number: 0x5eed_0002, boolean: 0x5eed_0003 } as const;

const hash = new Hash();

export class DistinctValues {
  #values = new Set<KeyPart>();
  #chars = 0;
  #sketch: HyperLogLog | null = null;

  add(value: KeyPart): void {
    if (this.#sketch !== null) return this.#sketch.add(hashed(value));
    const { size } = this.#values;
    this.#values.add(value);
    if (this.#values.size === size) return;
    if (typeof value === "string") this.#chars += value.length;
    if (size >= MOST_VALUES || this.#chars > MOST_CHARS) this.#sketched();
  }

  merge(other: DistinctValues): void {
    if (other.#sketch !== null) this.#sketched().merge(other.#sketch);
    else for (const value of other.#values) this.add(value);
  }

  /** Gives the values up for a sketch of them. */
  #sketched(): HyperLogLog {
    if (this.#sketch !== null) return this.#sketch;
    const sketch = new HyperLogLog();
    for (const value of this.#values) sketch.add(hashed(value));
    this.#values = new Set();
    return (this.#sketch = sketch);
  }

  result(): Distinct {
    if (this.#sketch === null) return { count: this.#values.size, exact: true, error: 0 };
    return { count: this.#sketch.estimate(), exact: false, error: STANDARD_ERROR };
  }

  toJSON(): Json {
    return this.#sketch === null ? Array.from(this.#values) : this.#sketch.toText();
  }

  static from(json: Json): DistinctValues {
    const values = new DistinctValues();
    if (typeof json === "string") values.#sketch = HyperLogLog.from(json);
    else for (const value of json as readonly KeyPart[]) values.add(value);
    return values;
  }
}

function hashed(value: KeyPart): Hash {
  if (typeof value === "string") hash.ofText(value, SEEDS.string);
  else if (typeof value === "number") hash.ofNumbers(SEEDS.number, value);
  else hash.ofNumbers(SEEDS.boolean, Number(value));
  return hash;
}
