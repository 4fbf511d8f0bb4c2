/** Runs one input in every way, and says where a job gives another answer. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { isSame } from "../answer.ts";
import type { BatchAnswer } from "../answer.ts";
import type { CheckedInput } from "../test-input.ts";
import { inNewCopy } from "./cut-job.ts";
import type { CutJob, DifferentAnswers } from "./cut-job.ts";
import { differenceText } from "./difference-text.ts";
import type { JobCopy, NumberedInput } from "./job-copy.ts";
import { shrink } from "./shrink.ts";
import { freshVariantsOf, uncut, variantsOf } from "./variant.ts";

/**
 * Throws `RESULT_DIFFERS` for the smallest input and cut that were found to give another answer. Throws the
 * batch's error if the job fails without any cut.
 */
export async function everyCut(job: CutJob, given: CheckedInput, seed: number): Promise<void> {
  const input = { number: 0, given };
  const first = await job.open();
  try {
    const items = await first.count(input);
    const expected = await first.answer(input, uncut(items));
    const { error } = expected;
    if (error !== null) throw new FanjoinError(error.code, error.message);
    const different = await firstDifferent(job, { first, input, items, expected, seed });
    if (different === null) return;
    const smallest = await shrink(job, first, input, different);
    throw new FanjoinError("RESULT_DIFFERS", differenceText(job, smallest, seed));
  } finally {
    await first.close();
  }
}

interface Search {
  readonly first: JobCopy;
  readonly input: NumberedInput;
  readonly items: number;
  readonly expected: BatchAnswer;
  readonly seed: number;
}

async function firstDifferent(job: CutJob, search: Search): Promise<DifferentAnswers | null> {
  const { first, input, items, expected, seed } = search;
  for (const variant of variantsOf(items, seed)) {
    const found = await first.answer(input, variant);
    if (!isSame(expected, found)) return { variant, expected, found };
  }
  if (!job.isolated) return null;
  // Threads need a while to begin, so they begin together.
  const fresh = freshVariantsOf(items, seed).map(async (variant) => {
    return { variant, expected, found: await inNewCopy(job, (copy) => copy.answer(input, variant)) };
  });
  const answers = await Promise.all(fresh);
  return answers.find(({ found }) => !isSame(expected, found)) ?? null;
}
