/** Loads a user's job file in this thread. */
import { pathToFileURL } from "node:url";
import { errorText } from "../../../core/described-error.ts";
import { FanjoinError } from "../../../core/errors.ts";
import { jobFrom } from "../../../job/job.ts";
import type { Job } from "../../../job/job.ts";
import { describeError } from "../../../runner/describe-error.ts";
import { loadErrorText } from "./load-error.ts";
import { hookResolution } from "./resolution.ts";

/** Throws `JOB_INVALID`. */
export async function loadJob(file: string): Promise<Job> {
  const resolved = hookResolution();
  try {
    return jobFrom(await import(pathToFileURL(file).href));
  } catch (thrown) {
    throw new FanjoinError("JOB_INVALID", `${file}: ${await reasonFor(thrown, resolved)}`, { cause: thrown });
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
