/** Standard input as the input of a batch. */
import { fstatSync, statSync, writeSync } from "node:fs";
import { devNull } from "node:os";
import { FanjoinError, usage } from "../core/errors/errors.ts";
import type { InputStream } from "../door/fanjoin.ts";
import { bytes } from "../format.ts";
import { isLive, say } from "./display/standard-error.ts";

/** As it is named on the command line, and in the list of failed items. */
const STANDARD_INPUT = "-";

const SHOW_MS = 100;

export interface StandardInputOptions {
  readonly quiet: boolean;
  /** Ends the reading. */
  readonly interrupted: AbortSignal;
}

/** Puts standard input in the place of `-`. Throws `USAGE` if that is given twice. */
export function withStandardInput(
  inputs: readonly string[],
  options: StandardInputOptions,
): readonly (string | InputStream)[] {
  if (inputs.filter((input) => input === STANDARD_INPUT).length > 1)
    throw usage("standard input can be read only once: give - once");
  return inputs.map((input) =>
    input === STANDARD_INPUT ? { name: STANDARD_INPUT, bytes: standardInput(options) } : input,
  );
}

/** Throws `INPUT_INVALID`, and the reason of `interrupted`. */
async function* standardInput({ quiet, interrupted }: StandardInputOptions): AsyncGenerator<Uint8Array> {
  checkDescriptor();
  const { stdin } = process;
  if (stdin.isTTY) say("reading standard input from the terminal: end it with Ctrl-D");
  const show = quiet || stdin.isTTY ? () => {} : byteCounter();
  const stop = (): void => void stdin.destroy();
  interrupted.addEventListener("abort", stop, { once: true });
  let done = 0;
  try {
    for await (const block of stdin as AsyncIterable<Uint8Array>) {
      done += block.length;
      show(done);
      yield block;
    }
  } catch (error) {
    interrupted.throwIfAborted();
    throw error;
  } finally {
    interrupted.removeEventListener("abort", stop);
    show(null);
  }
  interrupted.throwIfAborted();
}

/**
 * Node opens `/dev/null` in place of a closed standard input, and reads nothing from a directory. So both
 * would be an empty input.
 */
function checkDescriptor(): void {
  const stats = fstatSync(0);
  if (stats.isDirectory()) throw refused("is a directory");
  const isNull = stats.isCharacterDevice() && stats.rdev === nullDevice();
  // A shell opens `< /dev/null` for reading only: that is an empty input on purpose.
  if (isNull && canWrite()) throw refused("is closed, or is /dev/null");
}

function nullDevice(): number | undefined {
  return statSync(devNull, { throwIfNoEntry: false })?.rdev;
}

/** Writes nothing. */
function canWrite(): boolean {
  try {
    writeSync(0, "");
    return true;
  } catch {
    return false;
  }
}

function refused(why: string): FanjoinError {
  return new FanjoinError(
    "INPUT_INVALID",
    `standard input ${why}: pipe the input in, or name a file in place of -`,
  );
}

/** Shows on a terminal how much was read; `null` removes that. */
function byteCounter(): (done: number | null) => void {
  const { stderr } = process;
  if (!isLive(stderr)) return () => {};
  let lastMs = -SHOW_MS;
  return (done) => {
    const nowMs = performance.now();
    if (done !== null && nowMs - lastMs < SHOW_MS) return;
    lastMs = nowMs;
    stderr.write(done === null ? "\r\u001B[K" : `\rreading standard input: ${bytes(done)}\u001B[K`);
  };
}
