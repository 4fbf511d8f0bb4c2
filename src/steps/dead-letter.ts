/**
 * Dead letters: messages that exhausted their receives. Each is sent again a few times, alone. Then it is
 * given up as a whole, so that the batch ends with exact counts.
 */
import { failedLineText } from "../core/failures/failed-line.ts";
import type { FailedLine } from "../core/failures/failed-line.ts";
import { endBatch, generationOf } from "../core/records/batch/batch.ts";
import { abandonRedrive, extensionOf, isLaid } from "../core/records/batch/redriving.ts";
import type { Failure } from "../core/records/batch/batch.ts";
import { contributionName, keepPartial } from "../core/records/contribution.ts";
import { journalKey } from "../core/records/attempts/crash-journal.ts";
import { explainedAttempts, parseTraces } from "../core/records/attempts/attempt-traces.ts";
import { isChunkMessage, isFresh, isOptional } from "../core/records/message.ts";
import type { ChunkMessage, Message, PlanMessage } from "../core/records/message.ts";
import { planKey } from "../core/records/plan.ts";
import type { Fields } from "../core/records/record.ts";
import { partsOfPlace, sourcesWithin, unitRange, unitsIn } from "../core/records/source-run.ts";
import { GAP } from "../core/span.ts";
import { SplitView, splitOf } from "../core/records/split.ts";
import { nodeKey } from "../core/records/tree.ts";
import { NO_TOTALS } from "../core/records/totals.ts";
import type { Done, Worked } from "../core/protocol/task.ts";
import { sourceOf } from "../batch/sources.ts";
import { readBatch, readSpec } from "../batch/spec.ts";
import { storeBody } from "../runner/contribution/body.ts";
import type { Delivery } from "./bundle/delivery.ts";
import { attemptOf } from "./bundle/delivery.ts";
import { wakeCoordinator } from "../batch/steering/end.ts";
import { giveUpJoin } from "./join.ts";
import { runProtocol } from "./run-protocol.ts";
import type { Ports } from "../ports.ts";

/** Plan entries in one read. */
const PAGE = 100;
/** After this many attempts a message is not sent again: three rounds of three receives. */
export const MOST_ATTEMPTS = 9;

/** `delivery.receives`: the receives of the message when it became a dead letter. */
export async function deadLetter(ports: Ports, delivery: Delivery<Message>): Promise<void> {
  const { message, receives } = delivery;
  if (message.kind === "plan") return giveUpPlan(ports, message);
  // The record of the batch says what is left to tell: the sweeper sends the next message.
  // A time whose batch could not be started three times is logged, counted, and given up.
  if (message.kind === "news" || message.kind === "tick" || isOptional(message)) return;
  const attempts = attemptOf({ message, receives });
  if (attempts - (await explained(ports, message)) < MOST_ATTEMPTS) {
    const queue = isChunkMessage(message) ? "worker" : "join";
    return ports.queue.send(queue, [{ ...message, attempt: attempts + 1 }]);
  }
  if (isChunkMessage(message)) return giveUpChunk(ports, message, attempts);
  const what = `the join of node ${message.node.index} on level ${message.node.level}`;
  const error: Failure = { code: "MERGE_FAILED", message: `${what} did not survive ${attempts} attempts` };
  return giveUpJoin(ports, message, error);
}

/**
 * Sends chunks on whose attempt failed, on a transport that does not deliver again. Each counts as a dead
 * letter of one receive.
 */
export async function sendOnFailed(ports: Ports, failed: readonly Delivery<ChunkMessage>[]): Promise<void> {
  for (const delivery of failed) await deadLetter(ports, delivery);
}

/** Attempts that died of a known item count as progress. */
async function explained({ ledger }: Ports, message: Message): Promise<number> {
  if (!isChunkMessage(message)) return 0;
  const [journal = null] = await ledger.read([journalKey(message)]);
  return explainedAttempts(parseTraces(journal));
}

/**
 * If the plan has grown, another planner continues there. If not, the batch is ended: the coordinator then
 * closes the tree over the chunks that were planned.
 */
async function giveUpPlan(ports: Ports, { batch, entry }: PlanMessage): Promise<void> {
  const fields = await readBatch(ports.ledger, batch);
  const isPlanning = fields !== null && (generationOf(fields) === 0 || isExtending(fields));
  if (fields && !isPlanning) return giveUpRedrive(ports, batch, fields);
  const last = await lastEntry(ports, batch, entry);
  if (last > entry) return ports.queue.send("coordinator", [{ kind: "plan", batch, entry: last }]);
  const message = "planning stopped again and again without an error of its own; the log says more";
  await ports.ledger.update(endBatch(batch, "input", { code: "INPUT_NOT_RESUMABLE", message }));
  await wakeCoordinator(ports, batch);
}

/** A redrive plans only once it is laid. */
function isExtending(fields: Fields): boolean {
  return extensionOf(fields) !== null && isLaid(fields);
}

/** A redrive that cannot be laid leaves the batch as it was. One that is already laid is launched again. */
async function giveUpRedrive(ports: Ports, batch: string, fields: Fields): Promise<void> {
  const message =
    "the redrive could not be prepared, again and again; the batch is as it was before. The log says more";
  const error = { code: "REDRIVE_FAILED", message } as const;
  const { applied } = await ports.ledger.update(abandonRedrive(batch, fields, error, ports.clock.now()));
  if (!applied) await wakeCoordinator(ports, batch);
}

/** The last entry of the plan, searched from `entry` on; `entry` itself if there is none. */
async function lastEntry({ ledger }: Ports, batch: string, entry: number): Promise<number> {
  for (let from = entry; ; from += PAGE) {
    const keys = Array.from({ length: PAGE }, (_, place) => planKey(batch, from + place));
    const records = await ledger.read(keys);
    const missing = records.indexOf(null);
    if (missing >= 0) return Math.max(entry, from + missing - 1);
  }
}

/**
 * Gives a chunk up. In a redrive it keeps its earlier contribution. Otherwise it is broken: it is listed with
 * its range under a code of its own, because the item to blame is unknown.
 */
async function giveUpChunk(ports: Ports, chunk: ChunkMessage, attempts: number): Promise<void> {
  await runProtocol(
    ports,
    { do: "start", chunks: [chunk], again: [chunk.chunk] },
    {
      work: async () => {
        const kept = await keptInstead(ports, chunk);
        if (kept) return kept;
        const { input, reproduces } = await readSpec(ports.ledger, chunk.batch);
        const first = chunk.run === undefined ? 0 : sourcesWithin(chunk).first;
        const { label } = await sourceOf(input, ports.store, chunk.source + first);
        const numbered = { ...chunk, chunk: reproduces?.chunks[chunk.chunk]?.chunk ?? chunk.chunk };
        const text = `${failedLineText(brokenChunk(numbered, label, attempts))}\n`;
        const failed = [{ piece: { text }, base: GAP }];
        const body = await storeBody(ports.store.of(chunk.batch), {
          [contributionName(chunk)]: { failed, span: GAP, broken: true },
        });
        const tag = ports.newTag();
        const broken = { ...NO_TOTALS, chunks: 1, broken: 1, units: unitsIn(chunk) };
        const totals = isFresh(chunk) ? broken : { ...broken, lost: -1 };
        return { tag, keep: keepPartial(chunk.batch, tag, body), done: [{ ...numberOf(chunk), totals }] };
      },
    },
  );
}

/**
 * In a redrive: a chunk or part that is given up keeps what it came to before. If only the whole chunk had a
 * value, the chunk keeps that, and its other parts were run in vain. `null`: there was nothing before.
 */
async function keptInstead({ ledger }: Ports, chunk: ChunkMessage): Promise<Worked | null> {
  const { former } = chunk;
  const totals = NO_TOTALS;
  if (former !== undefined) return { tag: former, keep: null, done: [{ ...numberOf(chunk), totals }] };
  if (chunk.kind !== "part") return null;
  const [fields] = await ledger.read([nodeKey(splitOf(chunk))]);
  const split = fields ? new SplitView(fields) : null;
  if (split?.was !== "whole" || split.redone === null) return null;
  return { tag: split.redone, keep: null, done: [{ child: chunk.chunk, totals }] };
}

function numberOf(message: ChunkMessage): Omit<Done, "totals"> {
  return { child: message.chunk, ...(message.kind === "part" ? { part: message.part } : {}) };
}

/**
 * A line of `failed.jsonl` for a whole chunk, or a part of one. It names no item; `range` covers those it may
 * have been. Parts of a run begin at different bytes of their sources, so no two of their lines are the same.
 */
function brokenChunk(message: ChunkMessage, source: string, attempts: number): FailedLine {
  const { chunk, start, run } = message;
  const sources = run === undefined ? 1 : sourcesWithin(message).count;
  const among = sources === 1 ? "" : ` (of ${sources} sources, this one first)`;
  const reason = `none of ${attempts} attempts at this chunk${among} came to its end: each died, or threw outside of an item; the log says more`;
  const isPartOfRun = run !== undefined && message.kind === "part";
  return {
    source,
    index: null,
    line: null,
    offset: isPartOfRun ? partsOfPlace(start).offset : null,
    chunk,
    attempts,
    code: "CHUNK_FAILED",
    error: { name: "ChunkError", message: reason },
    item: null,
    range: unitRange(message),
  };
}
