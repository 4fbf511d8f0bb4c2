/** Runs the chunks of a bundle, one after the other or overlapping. */
import { NativePromise } from "../../../core/native-promise.ts";
import { isFresh } from "../../../core/records/message.ts";
import type { ChunkMessage } from "../../../core/records/message.ts";
import { unitsIn } from "../../../core/records/source-run.ts";
import { readerKinds } from "../../../input/kinds.ts";
import { previousContributions } from "../../contribution/previous.ts";
import { Postponement } from "../../limits/limited-gate.ts";
import type { SharedMachine } from "../../machine.ts";
import type { OvertakenWatch } from "../../overtaken.ts";
import type { ChunksEvents, ChunksReply, ChunksRequest } from "../../runner.ts";
import { attemptContext, overlaps } from "../attempt-context.ts";
import type { AttemptOptions } from "../attempt-context.ts";
import { bundleReads } from "./bundle-reads.ts";
import { BundleReply } from "./bundle-reply.ts";
import type { ChunkOutcome } from "../chunk-outcome.ts";
import type { ResultRules } from "../chunk-result.ts";
import { withSources } from "./bundle-sources.ts";
import { redoChunk } from "../redo/redo-chunk.ts";
import { runChunk } from "../run-chunk.ts";

/** What the items of a bundle are given, and who is told how far it is. */
export type BundleOptions = Pick<AttemptOptions, "params" | "own"> & ChunksEvents;

export async function runBundle(
  machine: SharedMachine,
  asked: ChunksRequest,
  options: BundleOptions,
): Promise<ChunksReply> {
  const found = withSources(machine.store, asked);
  const request = found instanceof NativePromise ? await found : found;
  const reads = bundleReads(machine.store, request);
  if (reads === null) return runAll(machine, request, options);
  try {
    return await runAll({ ...machine, store: reads.store }, request, options);
  } finally {
    await reads.close();
  }
}

async function runAll(
  machine: SharedMachine,
  request: ChunksRequest,
  { params, own, onDraining = ignore, onPart }: BundleOptions,
): Promise<ChunksReply> {
  const attempt = attempts(machine, request);
  const reply = new BundleReply(machine, onPart);
  const postponement = machine.limits?.postpones === true ? new Postponement() : undefined;
  const hasTime = (): boolean => machine.cutting?.isDue() === false && (postponement?.at ?? null) === null;
  const finish = (
    message: ChunkMessage,
    outcome: ChunkOutcome | null,
    { watch }: Pick<AttemptOptions, "watch">,
  ): boolean => {
    if (outcome) reply.add(message, outcome);
    else if (watch?.isOvertaken()) return pass(message);
    // A chunk may have been cut only because some of its items wait.
    return outcome !== null && (!outcome.cut || hasTime());
  };
  /** The next chunk may begin: another attempt has settled this one. */
  const pass = (message: ChunkMessage): true => {
    reply.overtake(message);
    return true;
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
    return finish(message, outcome, options);
  };
  const runWatched = (
    message: ChunkMessage,
    onChunkDraining: () => void,
    watch: OvertakenWatch | null,
  ): boolean | Promise<boolean> => {
    const options: AttemptOptions = {
      ...USUAL_RULES,
      params,
      own,
      onDraining: onChunkDraining,
      latency: reply.latency,
      postponement,
      watch,
    };
    const outcome = attempt(message, options);
    const isFinal = !(outcome instanceof NativePromise) && !outcome?.again;
    return isFinal ? finish(message, outcome, options) : runAgain(message, outcome, options);
  };
  const overtaken = request.spec.hedge === true ? machine.overtaken : undefined;
  const runOne: RunOne = (message, onChunkDraining) => {
    if (!overtaken) return runWatched(message, onChunkDraining, null);
    if (overtaken.has(message)) return pass(message);
    const watch = overtaken.watch(message, machine.signal());
    return untilOvertaken(
      watch,
      async () => runWatched(message, onChunkDraining, watch),
      () => pass(message),
    );
  };
  try {
    if (overlaps(machine.job, request.careful))
      await runOverlapping({ machine, request, reply, runOne, onDraining });
    else await runInTurn(machine, request.chunks, reply, runOne);
    return await reply.write(postponement?.at ?? null);
  } finally {
    reply.giveUp();
  }
}

/** What an attempt throws does not matter any more once another attempt has settled its chunk. */
async function untilOvertaken(
  watch: OvertakenWatch,
  run: () => Promise<boolean>,
  pass: () => boolean,
): Promise<boolean> {
  try {
    return await run();
  } catch (thrown) {
    if (!watch.isOvertaken()) throw thrown;
    return pass();
  } finally {
    watch.close();
  }
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
  reply: BundleReply,
  runOne: RunOne,
): Promise<void> {
  for (const message of chunks) {
    const turn = timeBudget?.yieldToEventLoop();
    if (turn) await turn;
    if (interrupted()) break;
    const handedOver = reply.handOverIfDue();
    if (handedOver) await handedOver;
    const goesOn = runOne(message, ignore);
    if (!(typeof goesOn === "boolean" ? goesOn : await goesOn)) break;
  }
}

interface Overlapping {
  readonly machine: SharedMachine;
  readonly request: ChunksRequest;
  readonly reply: BundleReply;
  readonly runOne: RunOne;
  /** Called when all items of all chunks have begun, if some are still awaited. */
  readonly onDraining: () => void;
}

/** Each chunk begins when all items of the one before it have begun. They finish in any order. */
async function runOverlapping({
  machine: { interrupted, signal, slots },
  request: { spec, chunks },
  reply,
  runOne,
  onDraining,
}: Overlapping): Promise<void> {
  const { unit } = readerKinds[spec.input.reader];
  const runs: Promise<boolean>[] = [];
  let running = 0;
  let goesOn = true;
  for (const message of chunks) {
    const bytes = unit === "bytes" || message.spool ? unitsIn(message) : 0;
    await slots.open(bytes, signal());
    if (interrupted()) {
      slots.close(bytes);
      goesOn = false;
      break;
    }
    running++;
    const draining = NativePromise.withResolvers<true>();
    // Asynchronous, so that a throw is a rejection, too.
    const finished = (async () => {
      try {
        return await runOne(message, () => draining.resolve(true));
      } finally {
        slots.close(bytes);
        if (--running > 0) reply.handOverSoon();
      }
    })();
    runs.push(finished);
    goesOn = await NativePromise.race([finished, draining.promise]).catch(() => false);
    if (!goesOn) break;
  }
  if (goesOn && running > 0) onDraining();
  // No chunk of the bundle may still run after it has ended, even if another one failed.
  await NativePromise.allSettled(runs);
  await NativePromise.all(runs);
}

function ignore(): void {}
