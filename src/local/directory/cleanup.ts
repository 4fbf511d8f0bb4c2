/**
 * Gives room back: removes batches, and drops what is not needed any more of those that are done. Records go
 * before the files that they name; a crash in between is repaired by the next owner.
 */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { filesOf } from "../../batch/summary/files.ts";
import { allBatches } from "../../batch/list.ts";
import { isDone } from "../../batch/steering/redrive.ts";
import { notRemovable } from "../../batch/steering/remove.ts";
import { readBatch, unknownBatch } from "../../batch/spec.ts";
import { hasEnded } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger, ObjectStore } from "../../ports.ts";
import { isBatchId } from "../records/forms.ts";
import type { Removal } from "../sqlite/removal.ts";
import { segmentFolder } from "../store/batch-segments.ts";
import { dropRequests } from "./directory.ts";

export interface CleanupContext {
  readonly directory: string;
  readonly ledger: Pick<Ledger, "read" | "list">;
  readonly removal: Removal;
  readonly store: Pick<ObjectStore, "removeFolder">;
  /** How long after its end the parts of a batch that collects are kept for readers of its outputs. */
  readonly partsMs: number;
  readonly now: () => number;
  /** Files in this folder need not be synced any more. */
  readonly onDropped: (folder: string) => void;
  /** Something could not be dropped, which costs nothing but room. */
  readonly onFailure: (error: unknown) => void;
}

export interface Cleanup {
  /**
   * Removes a batch that has ended, with all of its records and its folder. Throws `BATCH_UNKNOWN`,
   * `BATCH_NOT_READY`.
   */
  remove(batch: string): Promise<void>;
  /**
   * Drops the segments and the tree of a batch that is done, if it has segments: no redrive can need them.
   * Readers of its outputs may: then it waits, and for the last of them in this process.
   */
  trim(batch: string, fields: Fields): Promise<void>;
  /**
   * At the end of a batch that is done, before its commit: the tree and the plan of one that lasted for a
   * moment are not written at all.
   */
  omit(batch: string, fields: Fields): void;
  /** Keeps the parts of a batch, until what it returns is called. */
  hold(batch: string): () => void;
  /** Nothing is dropped any more: the next owner does it. */
  stop(): void;
  /** For a new owner of the directory: ends what a crash interrupted. */
  repair(): Promise<void>;
}

export function createCleanup(context: CleanupContext): Cleanup {
  const { directory, ledger, removal, store, partsMs, now, onDropped, onFailure } = context;
  /** How many readers hold a batch. */
  const held = new Map<string, number>();
  const waiting = new Map<string, NodeJS.Timeout>();
  let isStopped = false;

  async function dropSegments(batch: string): Promise<void> {
    const folder = segmentFolder(batch);
    onDropped(join(directory, folder));
    await store.removeFolder(folder);
  }

  async function endRemoval(batch: string): Promise<void> {
    await removal.dropRecords(batch);
    await dropSegments(batch);
    await store.removeFolder(`batches/${batch}`);
    dropRequests(directory, batch);
    await removal.end(batch);
  }

  async function trim(batch: string, fields: Fields): Promise<void> {
    if (!isDone(fields) || !existsSync(join(directory, segmentFolder(batch)))) return;
    const waitMs = hasOutputs(fields) ? Number(fields["endedAt"]) + partsMs - now() : 0;
    if (waitMs > 0) return trimLater(batch, waitMs);
    if (held.has(batch)) return;
    await removal.dropRecords(batch);
    await dropSegments(batch);
  }

  function trimLater(batch: string, ms: number): void {
    clearTimeout(waiting.get(batch));
    const timer = setTimeout(() => {
      waiting.delete(batch);
      trimNow(batch);
    }, ms);
    waiting.set(batch, timer.unref());
  }

  function trimNow(batch: string): void {
    if (isStopped) return;
    readBatch(ledger, batch)
      .then((fields) => fields && trim(batch, fields))
      .catch(onFailure);
  }

  return {
    trim,
    omit(batch, fields) {
      if (isDone(fields) && !hasOutputs(fields)) removal.omitRecords(batch);
    },
    hold(batch) {
      held.set(batch, (held.get(batch) ?? 0) + 1);
      return () => {
        const others = (held.get(batch) ?? 1) - 1;
        if (others > 0) held.set(batch, others);
        else {
          held.delete(batch);
          trimNow(batch);
        }
      };
    },
    stop() {
      isStopped = true;
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
    async remove(batch) {
      if (!(await readBatch(ledger, batch))) throw unknownBatch(batch);
      if (!(await removal.begin(batch, hasEnded))) throw notRemovable(batch);
      await endRemoval(batch);
      await dropSharedSegments(directory, ledger);
    },
    async repair() {
      for (const batch of removal.begun().filter(isBatchId)) await endRemoval(batch);
      if (!existsSync(join(directory, "segments"))) return;
      for await (const { batch, fields } of allBatches(ledger)) await trim(batch, fields);
    },
  };
}

/** Whether there are outputs to read. The record of an earlier version does not say it. */
function hasOutputs(fields: Fields): boolean {
  return fields["collects"] === true || Boolean(filesOf(fields)?.outputs);
}

/**
 * Up to format 2 the batches of a process shared its segment files, which lie right below `segments/`. They
 * go with the last batch that is old enough to have used them.
 */
async function dropSharedSegments(directory: string, ledger: Pick<Ledger, "list">): Promise<void> {
  const folder = join(directory, "segments");
  if (!existsSync(folder)) return;
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name));
  if (files.length === 0) return;
  const newestMs = Math.max(...files.map((file) => statSync(file).mtimeMs));
  for await (const { fields } of allBatches(ledger)) {
    if (Number(fields["createdAt"]) <= newestMs) return;
  }
  for (const file of files) rmSync(file, { force: true });
}
