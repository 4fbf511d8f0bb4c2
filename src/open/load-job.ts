/** Loads job files, and tells the caller when that takes long. */
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BatchSpec } from "../batch/spec.ts";
import { FanjoinError, usage } from "../core/errors/errors.ts";
import type { Json } from "../core/json/json.ts";
import { useJobFile } from "../core/records/batch/batch.ts";
import type { OnNotice } from "../door/fanjoin.ts";
import { isWithin } from "../find-inputs/real-path.ts";
import type { Engine, JobDescription } from "../local/engine/engine.ts";
import { quoted } from "../core/quoted.ts";

/** Code at the top level of a job file can take forever. After this time the caller is told. */
const QUIET_MS = 3000;

/** The absolute path of a job file. Throws `JOB_INVALID` if it does not exist. */
export function jobFileAt(job: string | URL): string {
  const path = pathOf(job);
  const file = resolve(path);
  if (existsSync(file)) return file;
  throw new FanjoinError("JOB_INVALID", `there is no job file ${path}`);
}

function pathOf(job: string | URL): string {
  if (typeof job === "string" && !job.startsWith("file:")) return job;
  const url = typeof job === "string" ? new URL(job) : job;
  if (url.protocol === "file:") return fileURLToPath(url);
  throw new FanjoinError("JOB_INVALID", `the job has to be a file here, but is ${url.href}`);
}

/** A job file to load, and what for. */
export interface JobToLoad {
  readonly engine: Pick<Engine, "load">;
  readonly file: string;
  readonly params: Json;
  readonly onNotice: OnNotice;
  /** As in `Engine.load`. */
  readonly onDemand?: boolean;
}

/** Throws the same errors as `Engine.load`. */
export async function loadWithNotice({
  engine,
  file,
  params,
  onNotice,
  onDemand = false,
}: JobToLoad): Promise<JobDescription> {
  const notice = setTimeout(() => {
    onNotice(
      `still loading ${file}: an import, an await or a computation at its top level has not finished. Press Ctrl-C to give up.`,
      "loading",
    );
  }, QUIET_MS);
  try {
    return await engine.load(file, params, { onDemand });
  } finally {
    clearTimeout(notice);
  }
}

/** A batch that was submitted before, and the file that its job is loaded from now. */
export interface ReloadedJob {
  readonly engine: Engine;
  readonly spec: BatchSpec;
  readonly file: string;
  readonly onNotice: OnNotice;
}

/**
 * Loads the job of a batch that was submitted before, and records the file if it is another one. Throws
 * `JOB_INVALID`, also for another job.
 */
export async function loadAgain({ engine, spec, file, onNotice }: ReloadedJob): Promise<void> {
  const { name } = await loadWithNotice({ engine, file, params: spec.params, onNotice });
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
 * The job file that a batch is to be run with: `chosen` by the caller, or the recorded one. Throws `USAGE` if
 * that is outside of the working directory: whoever made the state directory may have chosen it.
 */
function jobFileFor({ batch, jobFile }: BatchSpec, chosen: string | URL | undefined): string | null {
  if (chosen !== undefined) return jobFileAt(chosen);
  if (jobFile === null || isWithin(jobFile, process.cwd())) return jobFile;
  throw usage(
    `the job file of batch ${batch} is outside of the working directory: ${jobFile}. If you trust it, add --job ${quoted(jobFile)}`,
  );
}

/** Loads the job of a batch as `jobFileFor` finds it, and tells the caller which file that is. */
export async function loadRecordedJob(
  { engine, spec, onNotice }: Omit<ReloadedJob, "file">,
  chosen: string | URL | undefined,
): Promise<void> {
  const file = jobFileFor(spec, chosen);
  if (file === null) return;
  if (!existsSync(file)) {
    throw new FanjoinError(
      "JOB_INVALID",
      `the job file ${file} does not exist any more: put it back, or name the job's file with --job`,
    );
  }
  onNotice(`loading the job file ${shortPath(file)}`, "loading");
  await loadAgain({ engine, spec, file, onNotice });
}

function shortPath(file: string): string {
  const short = relative("", file);
  return short.startsWith("..") ? file : short;
}
