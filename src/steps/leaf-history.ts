/** Ports of a stack's functions that keep the history of batches: a sum for every leaf that is settled. */
import { generationOf } from "../core/records/batch/batch.ts";
import { addLeaf } from "../core/history/leaf-sums.ts";
import type { Update, Updated } from "../core/records/record.ts";
import { readBatch } from "../batch/spec.ts";
import type { Ledger, Ports } from "../ports.ts";

/** A node above leaves: its children are leaves. */
const ABOVE_LEAVES = /^node\/([^/]+)\/(\d+)\/1\//;

/** `onError`: a sum that cannot be written costs only what there is to see. */
export function withLeafHistory<Some extends Pick<Ports, "ledger" | "clock">>(
  ports: Some,
  onError: (error: unknown) => void,
): Some {
  const { ledger, clock } = ports;
  /** When generations began. A function works for few batches at a time. */
  const starts = new Map<string, number>();

  async function startOf(batch: string, generation: number): Promise<number | null> {
    const name = `${batch}/${generation}`;
    const known = starts.get(name);
    if (known !== undefined) return known;
    const fields = await readBatch(ledger, batch);
    if (!fields || generationOf(fields) !== generation) return null;
    const start = Number(fields["redrivenAt"] ?? fields["createdAt"]);
    starts.clear();
    starts.set(name, start);
    return start;
  }

  async function note(update: Update, { applied }: Updated): Promise<void> {
    const [, batch = "", generation = ""] = ABOVE_LEAVES.exec(update.key) ?? [];
    const { settled = 0, chunks = 0, succeeded = 0, failed = 0, ms = 0 } = update.add;
    if (batch === "" || !applied || settled === 0) return;
    const start = await startOf(batch, Number(generation));
    if (start === null) return;
    const at = { batch, generation: Number(generation), elapsedMs: clock.now() - start };
    await ledger.update(addLeaf(at, { chunks, succeeded, failed, ms }));
  }

  const noting: Ledger = {
    read: (keys, options) => ledger.read(keys, options),
    list: (...wanted) => ledger.list(...wanted),
    async update(update) {
      const updated = await ledger.update(update);
      await note(update, updated).catch(onError);
      return updated;
    },
  };
  return { ...ports, ledger: noting };
}
