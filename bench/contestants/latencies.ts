/** The small batches of `bench latency`, measured one after the other. */
import type { Run } from "../contestant.ts";
import { answerOf } from "./tasks.ts";

const SIZES = [1, 100];

interface Batch {
  readonly ms: number;
  readonly sum: number;
}

/** `batches` of each size, after as many that are not measured. */
export async function latencyRun(batches: number, run: (chunks: number) => Promise<Batch>): Promise<Run> {
  const figures: { [figure: string]: number } = {};
  const answers = new Set<string>();
  for (const measured of [false, true]) {
    for (const chunks of SIZES) {
      const took: number[] = [];
      for (let batch = 0; batch < batches; batch++) {
        const { ms, sum } = await run(chunks);
        took.push(ms);
        answers.add(answerOf(sum, chunks));
      }
      if (!measured) continue;
      figures[`p50of${chunks}`] = percentile(took, 0.5);
      figures[`p95of${chunks}`] = percentile(took, 0.95);
    }
  }
  return { figures, answer: [...answers].join(", ") };
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
}
