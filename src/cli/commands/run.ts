/** `fanjoin run`: a batch on this machine, from submitting it to telling what became of it. */
import { resolve } from "node:path";
import { existsSync } from "node:fs";
import { Command } from "commander";
import { ulid } from "ulid";
import { hasEnded } from "../../core/records/batch.ts";
import { FanjoinError } from "../../core/errors.ts";
import type { Engine, JobDescription } from "../../local/engine/engine.ts";
import { batchSpec, jobInput } from "../../batch/new-batch.ts";
import type { JobInput } from "../../batch/new-batch.ts";
import { claimToken } from "../../batch/submit.ts";
import { readBatch } from "../../batch/spec.ts";
import { summarize } from "../../batch/summary.ts";
import { checkGiven } from "../inputs/check-inputs.ts";
import { filesIn, locateIn, withDirectory } from "../local/directory-option.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { follow, takeUp, withEngine } from "../local/follow-engine.ts";
import type { FollowOptions, LogDisplay } from "../local/follow-engine.ts";
import { loadPatiently } from "../follow/slow-load.ts";
import { parseParams, positive, withConcurrency, withOutcome } from "../options.ts";
import type { ConcurrencyOption } from "../options.ts";
import { sourcesToRun } from "../inputs/run-sources.ts";
import { keepStandardInput, STANDARD_INPUT } from "../inputs/standard-input.ts";
import type { KeptInput } from "../inputs/standard-input.ts";
import { checkOutput, toldExitCode } from "../follow/report-outcome.ts";

interface RunOptions extends FollowOptions, ConcurrencyOption {
  readonly id?: string;
  readonly params?: string;
  readonly chunkItems?: number;
  readonly chunkBytes?: number;
}

const EXAMPLES = `
Without an input the job's own source is used (a range, a generator, inline items).

Examples:
  fanjoin run sales.ts sales.csv
  fanjoin run sales.ts 'data/*.csv' --output totals.json
  gzip -dc sales.csv.gz | fanjoin run sales.ts -
  fanjoin run sales.ts sales.csv --json | jq .result.value
  fanjoin run sales.ts sales.csv --id 2026-11-21   the second time reports the first`;

export function runCommand(): Command {
  const command = new Command("run")
    .description("run a batch on this machine and wait for its end")
    .argument("<job>", "a module with a job as its default export, e.g. sales.ts")
    .argument("[input...]", "files, directories, globs, s3:// URLs; - is standard input");
  withConcurrency(withDirectory(command))
    .option("--id <token>", "the same token and input is the same batch: a second run reports the first")
    .option("--params <json>", "the job's parameters: JSON, or @file")
    .option("--chunk-items <n>", "items in a chunk; learned by default", positive)
    .option("--chunk-bytes <n>", "bytes in a chunk; learned by default", positive);
  return withOutcome(command)
    .addHelpText("after", EXAMPLES)
    .action(async (job: string, inputs: string[], options: RunOptions) => {
      process.exitCode = await run(job, inputs, options);
    });
}

async function run(jobPath: string, inputs: readonly string[], options: RunOptions): Promise<ExitCode> {
  await checkOutput(options);
  const params = parseParams(options.params);
  const file = resolve(jobPath);
  if (!existsSync(file)) throw new FanjoinError("JOB_INVALID", `there is no job file ${jobPath}`);
  return withEngine(options, async (engine, log) => {
    const job = await loadPatiently(engine, file, params);
    const sources = await sourcesToRun(inputs, job.input.kind === "files");
    const { kind, own } = job.input;
    checkGiven(
      { name: job.name, kind, own: own !== undefined },
      sources.map(({ label }) => label),
    );
    const fresh = ulid();
    const kept = sources.includes(STANDARD_INPUT)
      ? await keepStandardInput({ directory: options.dir, batch: fresh, quiet: options.quiet === true })
      : null;
    if (kept === null && sources.includes(STANDARD_INPUT)) {
      console.error("interrupted while standard input was read: nothing was started");
      return EXIT.interrupted;
    }
    const given = sources.map((source) => (source === STANDARD_INPUT && kept ? kept.source : source));
    const input = jobInput(job, given, params, (...text) => engine.storeInput(...text), kept?.fingerprint);
    const batch = await batchFor(engine, job, input, options.id, fresh, kept);
    return start(engine, log, { batch, job, input }, options);
  });
}

/** `fresh`, or the id of the batch that the token was first used for: then nobody wants what was `kept`. */
async function batchFor(
  engine: Engine,
  job: JobDescription,
  input: JobInput,
  id: string | undefined,
  fresh: string,
  kept: KeptInput | null,
): Promise<string> {
  if (id === undefined) return fresh;
  let batch: string | null = null;
  try {
    batch = await claimToken(engine, { job: job.name, id, input: await input.fingerprint() }, fresh);
    return batch;
  } finally {
    // One that was claimed and never submitted, because its process died, is submitted with this input.
    const known = batch === null || (await readBatch(engine.ledger, batch)) !== null;
    if (batch !== fresh && known) await kept?.discard();
  }
}

interface Start {
  readonly batch: string;
  readonly job: JobDescription;
  readonly input: JobInput;
}

/** Submits the batch, or takes up the one that a token stands for. */
async function start(
  engine: Engine,
  log: LogDisplay,
  { batch, job, input }: Start,
  options: RunOptions,
): Promise<ExitCode> {
  const fields = await readBatch(engine.ledger, batch);
  const who = { batch, job: job.name };
  if (!fields)
    return follow(engine, log, who, options, async () => submit(engine, { batch, job, input }, options));
  if (!hasEnded(fields)) return follow(engine, log, who, options, () => takeUp(engine, batch));
  const summary = await summarize(engine.ledger, batch, fields, locateIn(options));
  await engine.stop();
  return toldExitCode(summary, options, filesIn(options));
}

async function submit(engine: Engine, { batch, job, input }: Start, options: RunOptions): Promise<void> {
  const { chunkItems = null, chunkBytes = null } = options;
  const how = { params: parseParams(options.params), chunkItems, chunkBytes };
  const made = { createdAt: Date.now(), jobFile: job.file };
  await engine.submit(batchSpec(batch, job, await input.place(batch), how, made));
}
