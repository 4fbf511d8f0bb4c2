/** Which errors of a runner end the batch. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { MAX_RECEIVES } from "../../core/records/message.ts";
import { askToEnd } from "../../batch/steering/end.ts";
import type { Failure } from "../../core/records/batch/batch.ts";
import type { Ports } from "../../ports.ts";
import type { ChunksReply } from "../../runner/runner.ts";
import { SetupFailed } from "../../runner/setup-failed.ts";

/** Failures of `setup` in one thread or environment, or attempts at one chunk. Then the batch ends. */
const SETUP_ATTEMPTS = MAX_RECEIVES;

/**
 * An input that has changed since it was planned ends the batch, and so does a `setup` of the job that fails
 * again and again. Other errors are for the next attempt.
 */
export async function orEnd(
  ports: Ports,
  batch: string,
  attempt: number,
  run: Promise<ChunksReply>,
): Promise<ChunksReply> {
  try {
    return await run;
  } catch (thrown) {
    const ending = endingOf(thrown, attempt);
    if (ending === null) throw thrown;
    await askToEnd(ports, batch, "input", ending);
    return { body: null, done: [] };
  }
}

/** `null`: the chunks are tried again. */
function endingOf(thrown: unknown, attempt: number): Failure | null {
  if (!(thrown instanceof FanjoinError)) return null;
  const { code, message } = thrown;
  if (code.startsWith("INPUT_")) return { code, message };
  if (code !== "SETUP_FAILED") return null;
  const attempts = Math.max(attempt, thrown instanceof SetupFailed ? thrown.failures : 0);
  return attempts < SETUP_ATTEMPTS ? null : { code, message: `${message}; ${attempts} attempts failed` };
}
