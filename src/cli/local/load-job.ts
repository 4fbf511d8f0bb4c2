/** Loads job files, and tells the user when that takes long. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { readSpec } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import { FanjoinError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Engine, JobDescription } from "../../local/engine/engine.ts";

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
    console.error(
      `still loading ${file}: an import, an await or a computation at its top level has not finished. Press Ctrl-C to give up.`,
    );
  }, QUIET_MS);
  try {
    return await engine.load(file, params);
  } finally {
    clearTimeout(notice);
  }
}

/** Loads the job of a batch that was submitted before. Throws `JOB_INVALID`. */
export async function loadJobOf(
  engine: Pick<Engine, "load">,
  { jobFile, params }: Pick<BatchSpec, "jobFile" | "params">,
): Promise<void> {
  if (jobFile === null) return;
  if (!existsSync(jobFile)) {
    throw new FanjoinError(
      "JOB_INVALID",
      `the job file ${jobFile} does not exist any more: put it back, then try again`,
    );
  }
  await loadWithNotice(engine, jobFile, params);
}

/**
 * Continues an unfinished batch of this directory. Throws `JOB_INVALID` if its job file is missing or cannot
 * be loaded, and `BATCH_UNKNOWN`.
 */
export async function continueBatch(engine: Engine, batch: string): Promise<void> {
  await loadJobOf(engine, await readSpec(engine.ledger, batch));
  await engine.resume(batch);
}
