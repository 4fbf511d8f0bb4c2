/** Loads a user's job file in this thread. */
import { pathToFileURL } from "node:url";
import { errorText } from "../../../core/errors/described-error.ts";
import { FanjoinError } from "../../../core/errors/errors.ts";
import { jobFrom } from "../../../job/job.ts";
import type { Job } from "../../../job/job.ts";
import { describeError } from "../../../runner/describe-error.ts";
import { captureBuiltIns, replacedText } from "../guard/built-ins.ts";
import { guardFiles } from "../guard/standard-output.ts";
import { loadErrorText } from "./load-error.ts";
import { hookResolution } from "./resolution.ts";

export interface LoadedJob {
  readonly job: Job;
  /** The names of built-ins that its module had replaced, and that were put back. */
  readonly replaced: readonly string[];
}

/** Calls `evaluated` once the module has run. Throws `JOB_INVALID`. */
export async function loadJob(file: string, evaluated: () => void): Promise<LoadedJob> {
  guardFiles();
  const resolved = hookResolution();
  const builtIns = captureBuiltIns();
  let replaced: readonly string[] = [];
  try {
    const module: unknown = await import(pathToFileURL(file).href).finally(() => {
      replaced = builtIns.putBack();
    });
    evaluated();
    return { job: jobFrom(module), replaced };
  } catch (thrown) {
    const why = await reasonFor(thrown, resolved);
    // Its own calls of `defineJob` may have failed for that.
    const more = replaced.length === 0 ? "" : `\n${replacedText(replaced)}`;
    throw new FanjoinError("JOB_INVALID", `${file}: ${why}${more}`, { cause: thrown });
  }
}

async function reasonFor(thrown: unknown, resolved: ReadonlySet<string>): Promise<string> {
  const error = describeError(thrown);
  // An error of ours, be it of another copy of this package.
  if (error.name === FanjoinError.name) return error.message;
  // The properties of what was thrown may throw again.
  const text = await loadErrorText(thrown, resolved).catch(() => errorText(error));
  return `it cannot be loaded: ${text}`;
}
