/** The parts that every batch of a program shares, wherever it runs. */
import type { BatchSummary } from "../batch/summary/summary.ts";
import { redriveForecast } from "../batch/steering/redrive-forecast.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { parseFailedLine } from "../core/failures/failed-line.ts";
import type { FailedLine } from "../core/failures/failed-line.ts";
import type { Job } from "../job/job.ts";
import { linesOf } from "../lines-of.ts";
import type { Batch, EndedBatch, FollowOptions, OutputOf } from "./fanjoin.ts";
import { LineValues } from "./line-values.ts";
import { blocksOf } from "./output-pages.ts";

type Own = "ended" | "outputs" | "failed" | "redriveForecast";

/** Makes a batch of what differs between the places where it may run. */
export function batchHandle<AnyJob extends Job>(access: Omit<Batch<AnyJob>, Own>): Batch<AnyJob> {
  return {
    ...access,
    ended: (options) => endOf(access, options),
    outputs: (options) => new LineValues<OutputOf<AnyJob>>(blocksOf(access.outputPages(options))),
    async redriveForecast(filter = null) {
      const summary = await access.summary();
      if (summary.endedAt === null) throw notReady(summary);
      return redriveForecast(summary, filter);
    },
    async *failed(): AsyncGenerator<FailedLine> {
      const summary = await access.summary();
      if (summary.endedAt === null) throw notReady(summary);
      for await (const line of linesOf(access.read("failed.jsonl"))) yield parseFailedLine(line);
    },
  };
}

async function endOf<AnyJob extends Job>(
  access: Omit<Batch<AnyJob>, Own>,
  options: FollowOptions | undefined,
): Promise<EndedBatch<AnyJob>> {
  for await (const _ of access.progress(options)) continue;
  const summary = await access.summary();
  if (summary.endedAt === null) throw notReady(summary);
  return { ...summary, result: (await resultOf(summary, access)) as EndedBatch<AnyJob>["result"] };
}

/** A small result is in the summary. */
async function resultOf({ result }: BatchSummary, { read }: Pick<Batch, "read">): Promise<unknown> {
  if (result === null) return null;
  if (result.value !== undefined) return result.value;
  const decoder = new TextDecoder();
  let text = "";
  for await (const block of read("result.json")) text += decoder.decode(block, { stream: true });
  return JSON.parse(text + decoder.decode()) as unknown;
}

function notReady({ batch, state }: BatchSummary): FanjoinError {
  return new FanjoinError("BATCH_NOT_READY", `batch ${batch} has not ended yet (state: ${state})`);
}
