/** Why no thread can be had for a job file that has begun to run. */
import { FanjoinError } from "../../../core/errors/errors.ts";

/** `time`: how long it was silent, for the message. */
export function fellSilent(jobFile: string, time: string): FanjoinError {
  return new FanjoinError(
    "JOB_INVALID",
    `the job file ${jobFile} has run, but its thread has been silent for ${time} since: what the job has exported, or has changed in its thread, keeps fanjoin's code from going on`,
  );
}

/** `reason`: how the thread ended. */
export function endedLoading(jobFile: string, reason: string): FanjoinError {
  return new FanjoinError(
    "JOB_INVALID",
    `the job file ${jobFile} ended its thread while it was loaded: ${reason}. Does its top level call process.exit, or await what never comes?`,
  );
}
