/** Loads job files, and tells the user when that takes long. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { BatchSpec } from "../../batch/spec.ts";
import { FanjoinError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { useJobFile } from "../../core/records/batch.ts";
import type { Engine, JobDescription } from "../../local/engine/engine.ts";
import { shortPath } from "../display/summary-text.ts";
import { say } from "../display/standard-error.ts";
import { usage } from "../error-text.ts";
import { isWithin } from "../real-path.ts";
import { quoted } from "../shell-command.ts";

/** Code at the top level of a job file can take forever. After this time the user is told. */
const QUIET_MS = 3000;

/** The absolute path of a job file. Throws `JOB_INVALID` if it does not exist. */
export function jobFileAt(path: string): string {
  const file = resolve(path);
  if (existsSync(file)) return file;
  throw new FanjoinError("JOB_INVALID", `there is no job file ${path}`);
}

/** Throws the same errors as `Engine.load`. */
export async function loadWithNotice(
  engine: Pick<Engine, "load">,
  file: string,
  params: Json,
): Promise<JobDescription> {
  const notice = setTimeout(() => {
    say(
      `still loading ${file}: an import, an await or a computation at its top level has not finished. Press Ctrl-C to give up.`,
    );
  }, QUIET_MS);
  try {
    return await engine.load(file, params);
  } finally {
    clearTimeout(notice);
  }
}

/** A batch that was submitted before, and the file that its job is loaded from now. */
export interface ReloadedJob {
  readonly engine: Engine;
  readonly spec: BatchSpec;
  readonly file: string;
}

/**
 * Loads the job of a batch that was submitted before, and records the file if it is another one. Throws
 * `JOB_INVALID`, also for another job.
 */
export async function loadAgain({ engine, spec, file }: ReloadedJob): Promise<void> {
  const { name } = await loadWithNotice(engine, file, spec.params);
  if (file === spec.jobFile) return;
  if (name !== spec.job) {
    throw new FanjoinError(
      "JOB_INVALID",
      `the job file ${file} has the job ${name}, but batch ${spec.batch} is one of the job ${spec.job}: name that job's file`,
    );
  }
  await engine.ledger.update(useJobFile(spec.batch, file));
}

/**
 * The job file that a batch is to be run with: `chosen` by the user, or the recorded one. Throws `USAGE` if
 * that is outside of the working directory: whoever made the state directory may have chosen it.
 */
export function jobFileFor({ batch, jobFile }: BatchSpec, chosen: string | undefined): string | null {
  if (chosen !== undefined) return jobFileAt(chosen);
  if (jobFile === null || isWithin(jobFile, process.cwd())) return jobFile;
  throw usage(
    `the job file of batch ${batch} is outside of the working directory: ${jobFile}. If you trust it, add --job ${quoted(jobFile)}`,
  );
}

/** Loads the job of a batch as `jobFileFor` finds it, and tells the user which file that is. */
export async function loadRecordedJob(
  engine: Engine,
  spec: BatchSpec,
  chosen: string | undefined,
): Promise<void> {
  const file = jobFileFor(spec, chosen);
  if (file === null) return;
  if (!existsSync(file)) {
    throw new FanjoinError(
      "JOB_INVALID",
      `the job file ${file} does not exist any more: put it back, or name the job's file with --job`,
    );
  }
  say(`loading the job file ${shortPath(file, process.cwd())}`);
  await loadAgain({ engine, spec, file });
}
