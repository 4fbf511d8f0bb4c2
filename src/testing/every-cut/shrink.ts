/** Makes a difference small: fewer items, fewer cuts, and nothing else that it does not need. */
import { FAN_IN } from "../../core/records/tree.ts";
import { isSame } from "../answer.ts";
import type { BatchAnswer } from "../answer.ts";
import type { CheckedInput } from "../test-input.ts";
import { inNewCopy } from "./cut-job.ts";
import type { CutJob, DifferentAnswers } from "./cut-job.ts";
import type { JobCopy, NumberedInput } from "./job-copy.ts";
import { uncut } from "./variant.ts";
import type { Variant } from "./variant.ts";

/** A difference, and its input as parts of one item each. `null`: the input could not be divided. */
export interface SmallestDifference extends DifferentAnswers {
  readonly parts: readonly CheckedInput[] | null;
}

/** How long it looks for something smaller in one copy. Test runners give a test some seconds. */
const MAX_SHARED_MS = 2500;
/** How many candidates run in new threads. Each takes two, and a thread takes a tenth of a second. */
const MAX_ISOLATED = 30;

/** `input` is that of `different`, and `first` the copy in which it was found. */
export async function shrink(
  job: CutJob,
  first: JobCopy,
  input: NumberedInput,
  different: DifferentAnswers,
): Promise<SmallestDifference> {
  const parts = await first.divide(input);
  if (parts === null) return { ...different, parts };
  const whole = { places: [...parts.keys()], variant: different.variant };
  for (const isolated of job.isolated ? [false, true] : [false]) {
    if (different.variant.fresh && !isolated) continue;
    const smallest = await new Shrinking(job, isolated ? null : first, parts).smallest(whole);
    if (smallest !== null) return smallest;
  }
  return { ...different, parts };
}

interface Candidate {
  /** The places of its parts among all of them. */
  readonly places: readonly number[];
  readonly variant: Variant;
}

class Shrinking {
  readonly #job: CutJob;
  /** All candidates run in this copy; `null`: each runs in copies of its own. */
  readonly #copy: JobCopy | null;
  readonly #parts: readonly CheckedInput[];
  readonly #endsAt = performance.now() + MAX_SHARED_MS;
  /** Candidates that do not have to be tried again. */
  readonly #tried = new Set<string>();
  #best: SmallestDifference | null = null;

  constructor(job: CutJob, copy: JobCopy | null, parts: readonly CheckedInput[]) {
    this.#job = job;
    this.#copy = copy;
    this.#parts = parts;
  }

  /** `null` if the whole input does not give two answers here. */
  async smallest(whole: Candidate): Promise<SmallestDifference | null> {
    if (!(await this.#accepts(whole))) return null;
    for (let current = whole; ;) {
      const smaller = await this.#simpler(await this.#fewerParts(current));
      if (smaller === current) return this.#best;
      current = smaller;
    }
  }

  /** Whether the candidate gives two answers. The last accepted one is the best so far. */
  async #accepts(candidate: Candidate): Promise<boolean> {
    const key = JSON.stringify(candidate);
    if (this.#tried.has(key) || (this.#best !== null && this.#isLate())) return false;
    this.#tried.add(key);
    const found = await this.#answers(candidate);
    if (found === null) return false;
    this.#best = found;
    return true;
  }

  #isLate(): boolean {
    return this.#copy === null ? this.#tried.size >= MAX_ISOLATED : performance.now() > this.#endsAt;
  }

  async #answers({ places, variant }: Candidate): Promise<SmallestDifference | null> {
    const parts = places.flatMap((place) => this.#parts[place] ?? []);
    const input = { number: this.#tried.size, given: together(parts) };
    const [expected, found] = await this.#both(input, uncut(parts.length), variant);
    return isSame(expected, found) ? null : { parts, variant, expected, found };
  }

  /** Both answers from one copy; those of a fresh variant from two, which begin together. */
  async #both(
    input: NumberedInput,
    reference: Variant,
    variant: Variant,
  ): Promise<[BatchAnswer, BatchAnswer]> {
    const inOne = async (copy: JobCopy): Promise<[BatchAnswer, BatchAnswer]> => [
      await copy.answer(input, reference),
      await copy.answer(input, variant),
    ];
    const inNew = async (one: Variant): Promise<BatchAnswer> =>
      inNewCopy(this.#job, (copy) => copy.answer(input, one));
    if (variant.fresh) return Promise.all([inNew(reference), inNew(variant)]);
    return this.#copy ? inOne(this.#copy) : inNewCopy(this.#job, inOne);
  }

  /** Leaves out of the variant what is not needed. */
  async #simpler(given: Candidate): Promise<Candidate> {
    const { places, variant } = given;
    for (const simpler of simplerThan(variant, places.length)) {
      const candidate = { places, variant: simpler };
      if (await this.#accepts(candidate)) return this.#simpler(candidate);
    }
    return given;
  }

  /** Leaves out items: half of them, then a quarter, in the end single ones. */
  async #fewerParts(candidate: Candidate): Promise<Candidate> {
    let current = candidate;
    let count = current.places.length;
    do {
      count = Math.ceil(count / 2);
      for (let from = 0; from < current.places.length;) {
        const without = leftOut(current, from, count);
        if (await this.#accepts(without)) current = without;
        else from += count;
      }
    } while (count > 1);
    return current;
  }
}

function together(parts: readonly CheckedInput[]): CheckedInput {
  const sources = parts.flatMap((part) => ("sources" in part ? part.sources : []));
  if (sources.length > 0) return { sources };
  return { items: parts.flatMap((part) => ("items" in part ? part.items : [])) };
}

/** Unites two neighbours. */
function united(sizes: readonly number[], place: number): number[] {
  const both = (sizes[place] ?? 0) + (sizes[place + 1] ?? 0);
  return sizes.toSpliced(place, 2, both);
}

/** Chunks that lose all their items go with them. */
function leftOut({ places, variant }: Candidate, from: number, count: number): Candidate {
  let at = 0;
  const sizes = variant.sizes.flatMap((size) => {
    const lost = Math.max(0, Math.min(at + size, from + count) - Math.max(at, from));
    at += size;
    return size > 0 && lost === size ? [] : [size - lost];
  });
  return { places: places.toSpliced(from, count), variant: { ...variant, sizes } };
}

/** Variants that need less, the simplest first. A fresh one was found after those that are not. */
function simplerThan(variant: Variant, items: number): Variant[] {
  const { sizes, fresh } = variant;
  const cutOnly = { ...uncut(items), sizes: sizes.filter((size) => size > 0), fresh };
  return [
    fresh ? { ...cutOnly, order: "reversed" } : uncut(items),
    cutOnly,
    { ...variant, twice: false },
    { ...variant, order: "input" },
    { ...variant, fanIn: FAN_IN },
    { ...variant, sizes: sizes.filter((size) => size > 0) },
    ...sizes.slice(1).map((_, place) => ({ ...variant, sizes: united(sizes, place) })),
  ];
}
