/** Runs the chunks of a bundle, one after the other or overlapping. */
import { NativePromise } from "../../core/native-promise.ts";
import { isFresh } from "../../core/records/message.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import { previousContributions } from "../contribution/previous.ts";
import type { SharedMachine } from "../machine.ts";
import type { ChunksReply, ChunksRequest } from "../runner.ts";
import { attemptContext } from "./attempt-context.ts";
import type { AttemptOptions } from "./attempt-context.ts";
import { BundleReply } from "./bundle-reply.ts";
import type { ChunkOutcome } from "./chunk-outcome.ts";
import type { ResultRules } from "./chunk-result.ts";
import { redoChunk } from "./redo-chunk.ts";
import { runChunk } from "./run-chunk.ts";

/** What the items of a bundle are given, and who is told that all of them have begun. */
export interface BundleOptions extends Pick<AttemptOptions, "params" | "own"> {
  /** Called when all items of the bundle have begun, if some are still awaited. */
  readonly onLastDraining?: (() => void) | undefined;
}

export async function runBundle(
  machine: SharedMachine,
  request: ChunksRequest,
  { params, own, onLastDraining = ignore }: BundleOptions,
): Promise<ChunksReply> {
  const { job, store } = machine;
  const { chunks, careful } = request;
  const attempt = attempts(machine, request);
  const reply = new BundleReply();
  const finish = (message: ChunkMessage, outcome: ChunkOutcome | null): boolean => {
    if (outcome) reply.add(message.chunk, outcome);
    return outcome !== null;
  };
  const runAgain = async (
    message: ChunkMessage,
    first: ChunkOutcome | null | Promise<ChunkOutcome | null>,
    usual: AttemptOptions,
  ): Promise<boolean> => {
    let options = usual;
    let outcome = await first;
    while (outcome?.again) {
      options = { ...options, ...outcome.again, onDraining: ignore };
      outcome = await attempt(message, options);
    }
    return finish(message, outcome);
  };
  const runOne: RunOne = (message, onDraining) => {
    const options: AttemptOptions = { ...USUAL_RULES, params, own, onDraining };
    const outcome = attempt(message, options);
    const isFinal = !(outcome instanceof NativePromise) && !outcome?.again;
    return isFinal ? finish(message, outcome) : runAgain(message, outcome, options);
  };
  const overlaps = job.options.concurrency > 1 && careful === null;
  if (overlaps) await runOverlapping(machine, chunks, runOne, onLastDraining);
  else await runInTurn(machine, chunks, runOne);
  return reply.write(store);
}

const USUAL_RULES: ResultRules = { strict: false, guarded: false };

type Attempt = (message: ChunkMessage, options: AttemptOptions) => ReturnType<typeof runChunk>;

/** Attempts at single chunks; `null` for one that was interrupted. */
function attempts(machine: SharedMachine, request: ChunksRequest): Attempt {
  const previousOf = previousContributions(machine.store, request.previousBodies ?? {});
  return (message, options) => {
    const context = attemptContext(machine, request, message, options);
    if (isFresh(message)) return runChunk(context);
    return previousOf(message).then((previous) => redoChunk(context, previous));
  };
}

/** False if the chunk was interrupted. A promise only if there is something to wait for, as `runChunk`. */
type RunOne = (message: ChunkMessage, onDraining: () => void) => boolean | Promise<boolean>;

async function runInTurn(
  { interrupted, timeBudget }: SharedMachine,
  chunks: readonly ChunkMessage[],
  runOne: RunOne,
): Promise<void> {
  for (const message of chunks) {
    const turn = timeBudget?.yieldToEventLoop();
    if (turn) await turn;
    if (interrupted()) break;
    const goesOn = runOne(message, ignore);
    if (!(typeof goesOn === "boolean" ? goesOn : await goesOn)) break;
  }
}

/** Each chunk begins when all items of the one before it have begun. */
async function runOverlapping(
  { interrupted }: SharedMachine,
  chunks: readonly ChunkMessage[],
  runOne: RunOne,
  onLastDraining: () => void,
): Promise<void> {
  const runs: Promise<boolean>[] = [];
  for (const message of chunks) {
    if (interrupted()) break;
    const draining = NativePromise.withResolvers<true>();
    // Asynchronous, so that a throw is a rejection, too.
    const finished = (async () =>
      runOne(message, () => {
        draining.resolve(true);
        if (message === chunks.at(-1)) onLastDraining();
      }))();
    runs.push(finished);
    const goesOn = await NativePromise.race([finished, draining.promise]).catch(() => false);
    if (!goesOn) break;
  }
  // No chunk of the bundle may still run after it has ended, even if another one failed.
  await NativePromise.allSettled(runs);
  await NativePromise.all(runs);
}

function ignore(): void {}
