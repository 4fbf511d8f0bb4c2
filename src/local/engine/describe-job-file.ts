/** Describes a job without the lock of a directory: nothing is written, and no item runs. */
import type { Json } from "../../core/json/json.ts";
import type { EngineOptions, JobDescription } from "./engine.ts";
import { codeHash } from "../../code-hash.ts";
import { JobThreads } from "./running/job-threads.ts";

/** Checks `params`, too. Throws `JOB_INVALID`. */
export async function describeJobFile(
  { directory, onLog }: Pick<EngineOptions, "directory" | "onLog">,
  file: string,
  params: Json,
): Promise<JobDescription> {
  const threads = new JobThreads({
    directory,
    count: 1,
    started: `${Date.now().toString(36)}-describe`,
    onLog: ({ level, message, fields }) => onLog?.({ level, message, fields }),
  });
  try {
    return { file, code: codeHash(file), ...(await threads.describe(file, params)) };
  } finally {
    await threads.close();
  }
}
