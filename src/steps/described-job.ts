/** A job as it is known where its code is not: to the engine, whose threads load it, and to the functions of a stack that hold no job's code. */
import type { Reader } from "../input/reader.ts";
import type { Job, JobOptions } from "../job.ts";

export interface DescribedJob {
  readonly name: string;
  readonly input: Reader;
  /** Without the functions of the retry policy: others need the numbers only. */
  readonly options: JobOptions;
  readonly joins: boolean;
  readonly outputs: boolean;
}

/** As JSON, because inline items may hold what a message cannot carry. */
export function describeJob({ name, input, options, join }: Job): DescribedJob {
  const described: DescribedJob = {
    name,
    input,
    options: { ...options, retries: { ...options.retries, on: null, except: [] } },
    joins: join !== null,
    outputs: join?.outputs ?? false,
  };
  return JSON.parse(JSON.stringify(described)) as DescribedJob;
}
