/** A pump whose steps are in the hands of the test. */
import { onTestFinished } from "vitest";
import type { Message } from "../../../../src/core/records/message.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import type { Totals } from "../../../../src/core/records/totals.ts";
import { Pump } from "../../../../src/local/engine/pumping/pump.ts";
import { BatchTurns } from "../../../../src/local/engine/pumping/batch-turns.ts";
import type { BundleEvents, QueuedChunk, PumpOptions } from "../../../../src/local/engine/pumping/pump.ts";
import { openDatabase } from "../../../../src/local/sqlite/database.ts";
import { chunkMessage } from "../../../contract/queue.ts";
import { temporaryDirectory } from "../../../memory/directory.ts";

export const merge = (index: number): Message => ({
  kind: "merge",
  node: { batch: "01K0", generation: 0, level: 0, index },
  attempt: 1,
});

export const plan: Message = { kind: "plan", batch: "01K0", entry: 0 };

export const chunks = (count: number): Message[] =>
  Array.from({ length: count }, (_, at) => chunkMessage(at));

export const chunksIn = (bundle: readonly QueuedChunk[]): number[] =>
  bundle.map(({ message }) => message.chunk);

/** The turns of a batch whose newest chunks were like this. */
export function having(totals: Totals): BatchTurns {
  const learned = new BatchTurns(() => 0);
  learned.learn("01K0", totals);
  return learned;
}

export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

export function pumping(more: Partial<PumpOptions> = {}) {
  const directory = temporaryDirectory();
  const database = openDatabase({ file: directory.path("state.db"), clock: { now: Date.now } });
  const { queue } = database;
  const seen = { retried: [] as unknown[], failed: [] as unknown[], rooms: 0, got: [] as Message[] };
  const note = async (message: Message): Promise<void> => void seen.got.push(message);
  const pump = new Pump({
    queue,
    threads: () => 1,
    turns: new BatchTurns(() => 0),
    bundlesPerThread: () => 2,
    suspect: () => false,
    coordinator: note,
    join: note,
    deadLetter: note,
    worker: async (bundle) => {
      for (const { message } of bundle) seen.got.push(message);
      return [];
    },
    onRoom: () => void seen.rooms++,
    onRetry: (error) => void seen.retried.push(error),
    onFailure: (error) => void seen.failed.push(error),
    ...more,
  });
  onTestFinished(async () => {
    await pump.stop();
    await database.close();
    directory.remove();
  });
  return { pump, queue, seen };
}

/** A worker whose bundles a test ends. */
export function byHand() {
  const bundles: (readonly QueuedChunk[])[] = [];
  const ends: PromiseWithResolvers<readonly QueuedChunk[]>[] = [];
  const events: BundleEvents[] = [];
  const worker: PumpOptions["worker"] = (bundle, of) => {
    bundles.push(bundle);
    events.push(of);
    const end = Promise.withResolvers<readonly QueuedChunk[]>();
    ends.push(end);
    return end.promise;
  };
  const endAll = (): void => {
    for (const end of ends) end.resolve([]);
  };
  return { bundles, ends, events, worker, endAll };
}

/** A bundle of three chunks under way. */
export async function ofThree() {
  const hand = byHand();
  const learned = having({ ...NO_TOTALS, chunks: 4, ms: 4 });
  const { queue } = pumping({ turns: learned, worker: hand.worker });
  await queue.send("worker", chunks(3));
  await turns();
  return { hand, queue };
}
