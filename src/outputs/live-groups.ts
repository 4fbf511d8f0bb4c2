/**
 * The groups of failed items of a batch while it runs, kept by a process that is asked again and again. Each
 * time it reads on where it left off, so that one answer costs little however many items have failed.
 */
import { FailureDigest } from "../core/failures/failure-digest.ts";
import { FailureGroups } from "../core/failures/failure-groups.ts";
import { shortFailures } from "../core/failures/live-failures.ts";
import type { LiveFailures } from "../core/failures/failure-summary.ts";
import { generationOf } from "../core/records/batch/batch.ts";
import type { Fields } from "../core/records/record.ts";
import { FailedChunks, LEAVES_PER_READ } from "./failed-chunks.ts";
import type { FailedLeaf, FailedSource } from "./failed-chunks.ts";

/** Requests for one answer. A read takes 10 to 50 ms on AWS. */
const MAX_READS = 40;
/** Batches that are remembered. */
const MAX_KEPT = 8;

class GroupsOfBatch {
  readonly generation: number;
  readonly #groups = new FailureGroups();
  /** How many items are in the groups. */
  #of = 0;
  /** The leaf to go on with. */
  #at = 0;
  /** All leaves before are read, and will not change. */
  #firstOpen = 0;
  /** Leaves behind it of which the same is true. */
  readonly #done = new Set<number>();
  /** Chunks that were read, of leaves that are not done. */
  readonly #read = new Map<number, Set<number>>();

  constructor(generation: number) {
    this.generation = generation;
  }

  async readOn(chunks: FailedChunks): Promise<void> {
    const digest = new FailureDigest();
    while (chunks.reads < MAX_READS) {
      const leaves = await chunks.leaves(this.#at);
      // Next time from the beginning: others will have settled there.
      if (leaves === null) this.#at = this.#firstOpen;
      if (leaves === null || !(await this.#readLeaves(chunks, leaves, digest))) break;
      this.#at += LEAVES_PER_READ;
    }
    this.#add(digest);
  }

  /** False: there were enough reads. */
  async #readLeaves(
    chunks: FailedChunks,
    leaves: readonly FailedLeaf[],
    digest: FailureDigest,
  ): Promise<boolean> {
    for (const leaf of leaves) {
      if (leaf.index < this.#firstOpen || this.#done.has(leaf.index)) continue;
      const read = this.#read.get(leaf.index) ?? new Set();
      const missing = leaf.chunks.filter(({ chunk }) => !read.has(chunk));
      let left = missing.length;
      for await (const { chunk, lines } of chunks.linesOf(missing)) {
        for (const line of lines ?? []) digest.add(line);
        if (lines === null) continue;
        read.add(chunk);
        left--;
        if (chunks.reads >= MAX_READS) break;
      }
      this.#keep(leaf, read, leaf.isFinal && left === 0);
      if (left > 0 && chunks.reads >= MAX_READS) return false;
    }
    return true;
  }

  #keep({ index }: FailedLeaf, read: Set<number>, isDone: boolean): void {
    if (isDone) this.#done.add(index);
    if (isDone) this.#read.delete(index);
    else if (read.size > 0) this.#read.set(index, read);
    while (this.#done.delete(this.#firstOpen)) this.#firstOpen++;
  }

  #add(digest: FailureDigest): void {
    const { entries, others } = digest.take() ?? { entries: [], others: 0 };
    for (const entry of entries) {
      // When they failed is not known here.
      this.#groups.addCounted(entry, 0);
      this.#of += entry.count;
    }
    this.#of += others;
  }

  failures(): LiveFailures {
    return shortFailures({ ...this.#groups.live(), of: this.#of });
  }
}

export class LiveGroups {
  readonly #source: FailedSource;
  readonly #kept = new Map<string, GroupsOfBatch>();

  constructor(source: FailedSource) {
    this.#source = source;
  }

  /** `fields`: the record of the batch. `of` says how many items the groups have so far. */
  async of(batch: string, fields: Fields): Promise<LiveFailures> {
    const generation = generationOf(fields);
    const known = this.#kept.get(batch);
    const groups = known?.generation === generation ? known : new GroupsOfBatch(generation);
    // The one that was asked for last is forgotten last.
    this.#kept.delete(batch);
    this.#kept.set(batch, groups);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    await groups.readOn(new FailedChunks(this.#source, batch, fields));
    return groups.failures();
  }
}
