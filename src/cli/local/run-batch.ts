/** Runs a batch in this process: load the job, find the inputs, submit, follow. */
import { ulid } from "ulid";
import { jobInput } from "../../batch/job-input.ts";
import type { JobInput } from "../../batch/job-input.ts";
import { batchSpec } from "../../batch/new-batch.ts";
import { readBatch, readSpec } from "../../batch/spec.ts";
import { claimToken } from "../../batch/submit.ts";
import { summarize } from "../../batch/summary.ts";
import type { Json } from "../../core/json.ts";
import { hasEnded } from "../../core/records/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Source } from "../../input/reader.ts";
import type { Engine, JobDescription } from "../../local/engine/engine.ts";
import { isOnS3 } from "../../local/store/s3-inputs.ts";
import { parseParams } from "../common-options.ts";
import type {
  ConcurrencyOption,
  InsecureOption,
  NewBatchOptions,
  OutcomeOptions,
} from "../common-options.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { reportOutcome } from "../follow/report-outcome.ts";
import { checkOutput, checkOutputIsNotInput } from "../follow/check-output.ts";
import { checkInputs } from "../inputs/check-inputs.ts";
import { sayLeftOut } from "../inputs/local-files.ts";
import { sourcesToRun } from "../inputs/run-sources.ts";
import { STANDARD_INPUT, keepStandardInput } from "../inputs/standard-input.ts";
import type { KeptInput } from "../inputs/standard-input.ts";
import { filesIn, locateIn } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { engineSource } from "./follow-engine.ts";
import { jobFileAt, loadAgain, loadWithNotice } from "./load-job.ts";
import { withEngine } from "./with-engine.ts";
import { say } from "../display/standard-error.ts";

export type RunOptions = NewBatchOptions &
  DirectoryOption &
  OutcomeOptions &
  ConcurrencyOption &
  InsecureOption;

export async function runBatch(
  jobPath: string,
  inputs: readonly string[],
  options: RunOptions,
): Promise<ExitCode> {
  await checkOutput(options);
  if (inputs.some(isOnS3)) {
    // Loaded here: other inputs do without the modules of a network.
    const { checkAwsEndpoint } = await import("../encrypted.ts");
    await checkAwsEndpoint("S3", options.insecureEndpoint === true, process.env);
  }
  const params = parseParams(options.params);
  const file = jobFileAt(jobPath);
  return withEngine(options, async (engine, log) => {
    const job = await loadWithNotice(engine, file, params);
    const sources = await sourcesFor(job, inputs, options);
    checkOutputIsNotInput(options.output, sources, file);
    const wanted = await prepare({ engine, job, params, sources, options });
    if (wanted === null) {
      say("interrupted while reading standard input: no batch was started");
      return EXIT.interrupted;
    }
    const { batch, previous } = wanted;
    if (previous && hasEnded(previous)) return reportEnded(engine, batch, previous, options);
    const begun = previous ? goOn(engine, batch, file) : submit(engine, job, wanted, options);
    return followBatch(engineSource({ engine, log, batch, job: job.name }, options), options, begun);
  });
}

async function sourcesFor(
  job: JobDescription,
  inputs: readonly string[],
  { quiet }: RunOptions,
): Promise<Source[]> {
  const { kind, own } = job.input;
  const deep = kind === "files";
  const sources = await sourcesToRun(inputs, { deep, problems: deep, say: sayLeftOut(quiet === true) });
  checkInputs(
    { name: job.name, kind, own: own !== undefined },
    sources.map(({ label }) => label),
  );
  return sources;
}

interface Preparation {
  readonly engine: Engine;
  readonly job: JobDescription;
  readonly params: Json;
  readonly sources: readonly Source[];
  readonly options: RunOptions;
}

interface WantedBatch {
  readonly batch: string;
  readonly params: Json;
  readonly input: JobInput;
  /** The batch's record if an earlier run with the same `--id` submitted it. */
  readonly previous: Fields | null;
}

/** `null` if the user pressed Ctrl-C while standard input was read. */
async function prepare(preparation: Preparation): Promise<WantedBatch | null> {
  const { engine, job, params, sources, options } = preparation;
  const fresh = ulid();
  let kept: KeptInput | null = null;
  if (sources.includes(STANDARD_INPUT)) {
    kept = await keepStandardInput({ directory: options.dir, batch: fresh, quiet: options.quiet === true });
    if (kept === null) return null;
  }
  const read = sources.map((source) => (source === STANDARD_INPUT && kept ? kept.source : source));
  const input = jobInput({
    job,
    sources: read,
    params,
    store: (...text) => engine.storeInput(...text),
    standardInput: kept?.fingerprint,
  });
  const token = options.id === undefined ? null : { job: job.name, id: options.id };
  const found = token === null ? null : await claimed(engine, { token, input, fresh, kept });
  return { batch: found?.batch ?? fresh, params, input, previous: found?.previous ?? null };
}

interface Claim {
  readonly token: { readonly job: string; readonly id: string };
  readonly input: JobInput;
  /** The id of the batch if the token is new. */
  readonly fresh: string;
  readonly kept: KeptInput | null;
}

/** The batch of an idempotency token. Kept standard input is discarded if that batch does not need it. */
async function claimed(
  { ledger }: Engine,
  { token, input, fresh, kept }: Claim,
): Promise<Pick<WantedBatch, "batch" | "previous">> {
  let isNeeded = false;
  try {
    const batch = await claimToken({ ledger }, { ...token, input: await input.fingerprint() }, fresh);
    const previous = await readBatch(ledger, batch);
    // A process may have died after it claimed the token: then this run submits the batch, with this input.
    isNeeded = previous === null;
    return { batch, previous };
  } finally {
    if (!isNeeded) await kept?.discard();
  }
}

/** Continues the batch of an earlier run with the job file of this one. */
async function goOn(engine: Engine, batch: string, file: string): Promise<void> {
  await loadAgain({ engine, spec: await readSpec(engine.ledger, batch), file });
  await engine.resume(batch);
}

async function submit(
  engine: Engine,
  job: JobDescription,
  { batch, params, input }: WantedBatch,
  options: RunOptions,
): Promise<void> {
  const { chunkItems = null, chunkBytes = null } = options;
  const chosen = { params, chunkItems, chunkBytes };
  const origin = { input: await input.forBatch(batch), createdAt: Date.now(), jobFile: job.file };
  await engine.submit(batchSpec({ batch, job, options: chosen, ...origin }));
}

async function reportEnded(
  engine: Engine,
  batch: string,
  fields: Fields,
  options: RunOptions,
): Promise<ExitCode> {
  const summary = await summarize(engine.ledger, batch, fields, locateIn(options));
  await engine.stop();
  return reportOutcome(summary, options, filesIn(options));
}
