/**
 * Reads the outputs of a batch, page by page, while it runs and after its end. All that a reader knows is in
 * its cursor, so the next page may be read by another process.
 */
import { filesOf } from "../batch/summary/files.ts";
import { BY_KEY, readBatch, unknownBatch } from "../batch/spec.ts";
import { stateOf } from "../core/records/batch/batch.ts";
import type { BatchState, Failure } from "../core/records/batch/batch.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { planKey } from "../core/records/plan.ts";
import type { Fields } from "../core/records/record.ts";
import type { Ledger, ObjectStore } from "../ports.ts";
import { historyOf } from "./history.ts";
import type { History } from "./history.ts";
import { OutputWalk } from "./output-walk.ts";
import { outputsFileOf, isSameEnd } from "./outputs-file.ts";
import { PageBytes } from "./page-bytes.ts";
import { cursorOf, parseCursor, ReadPosition } from "./read-position.ts";
import type { OutputOrder } from "./read-position.ts";

/** Where outputs are read from. */
export interface OutputsSource {
  /** It has to show only what is durable: what a reader has seen is never taken back. */
  readonly ledger: Pick<Ledger, "read">;
  readonly store: Pick<ObjectStore, "read">;
  /** The store's name of the outputs that were committed as `stored`. */
  readonly fileName: (batch: string, stored: string) => string;
}

export interface OutputsRequest {
  /** The cursor of an earlier page; an empty text: from the beginning. */
  readonly after: string;
  /** Absent: as the cursor says, or `input`. */
  readonly order?: OutputOrder | undefined;
  /** The page may have fewer. */
  readonly maxBytes: number;
}

/** What a reader is to do after a page: read the next one at once, or later, or no more. */
export type OutputsState = "ready" | "waiting" | "ended";

export interface OutputsPage {
  /** JSON lines. A line that is longer than a page goes on in the next one. */
  readonly blocks: readonly Uint8Array[];
  readonly cursor: string;
  readonly state: OutputsState;
  /** The state of the batch at the same moment. */
  readonly batchState: BatchState;
}

/** How often a page is read anew because the batch ended, or was redriven, meanwhile. */
const MAX_TRIES = 5;

/**
 * One page. Throws `BATCH_UNKNOWN`, `RESULT_UNKNOWN` if the job does not collect, and `REQUEST_INVALID` for a
 * wrong cursor.
 */
export async function readOutputs(
  source: OutputsSource,
  batch: string,
  request: OutputsRequest,
): Promise<OutputsPage> {
  for (let tries = 1; ; tries++) {
    const record = await readBatch(source.ledger, batch);
    if (!record) throw unknownBatch(batch);
    checkCollects(batch, record);
    try {
      const page = await readPage(source, batch, record, request);
      if (page) return page;
    } catch (error) {
      const isGone = error instanceof FanjoinError && error.code === "INPUT_NOT_FOUND";
      if (!isGone || tries === MAX_TRIES) throw error;
    }
    if (tries === MAX_TRIES) throw new Error(`batch ${batch} changes too often to be read`);
  }
}

/** `null`: the file of outputs was replaced meanwhile. */
async function readPage(
  { ledger, store, fileName }: OutputsSource,
  batch: string,
  record: Fields,
  { after, order, maxBytes }: OutputsRequest,
): Promise<OutputsPage | null> {
  const history = historyOf(record);
  const position = positionOf(batch, after, order, history);
  if (position.order === "completed" && history.ended) await checkParts(ledger, batch);
  const page = new PageBytes(store, maxBytes);
  const stored = outputsFileOf(record, history, position);
  const file = stored && { name: fileName(batch, stored.name), bytes: stored.bytes };
  const walk = new OutputWalk({ ledger, store, batch, history, position, page, file });
  const state = await walk.run();
  if (file && !isSameEnd(record, await readBatch(ledger, batch))) return null;
  const cursor = cursorOf(batch, position);
  // Nothing was found in all that one page may look at.
  const isStuck = state === "ready" && cursor === after;
  const batchState = stateOf(record);
  return { blocks: page.blocks, cursor, state: isStuck ? "waiting" : state, batchState };
}

/** The plan goes together with the parts, some time after the end of a batch that succeeded wholly. */
async function checkParts(ledger: Pick<Ledger, "read">, batch: string): Promise<void> {
  const [plan] = await ledger.read([planKey(batch, 0)]);
  if (plan) return;
  throw new FanjoinError(
    "RESULT_UNKNOWN",
    `batch ${batch} ended a while ago, and its outputs are kept in input order only: read them in that order`,
  );
}

function positionOf(
  batch: string,
  after: string,
  order: OutputOrder | undefined,
  { newest, ended, readable }: History,
): ReadPosition {
  if (after === "") return ReadPosition.begin(order ?? "input", ended ? (readable.at(-1) ?? newest) : newest);
  const position = parseCursor(batch, after, newest);
  if (order === undefined || order === position.order) return position;
  throw new FanjoinError(
    "REQUEST_INVALID",
    `the cursor belongs to the order ${position.order}, but the order ${order} is wanted: begin again without a cursor`,
  );
}

/** A batch that an earlier version submitted does not say whether its job collects before it has ended. */
function checkCollects(batch: string, record: Fields): void {
  const { collects, endedAt, error } = record;
  if (collects === BY_KEY)
    throw noOutputs(batch, "its job collects by key, into files that are there at its end");
  if (collects === true || filesOf(record)?.outputs) return;
  if (collects === false) throw noOutputs(batch, "its job does not collect");
  if (endedAt === undefined) return;
  const failure = error as unknown as Failure | null;
  throw noOutputs(
    batch,
    failure ? `it ended in the state ${stateOf(record)}: ${failure.message}` : "its job does not collect",
  );
}

function noOutputs(batch: string, why: string): FanjoinError {
  return new FanjoinError("RESULT_UNKNOWN", `batch ${batch} has no outputs: ${why}`);
}
