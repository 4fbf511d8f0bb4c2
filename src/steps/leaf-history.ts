/**
 * Ports of a stack's functions that keep the history of batches: settles note when they were made, and the
 * one that fills a leaf adds it to the history.
 */
import { batchIn, batchKey, generationBeganAt, generationOf } from "../core/records/batch/batch.ts";
import { LatencySketch, itemsIn } from "../core/history/latency.ts";
import { addLeaf, isSmall, noteSums, noteTime, secondsOf } from "../core/history/leaf-sums.ts";
import type { LeafTime, Times } from "../core/history/leaf-sums.ts";
import type { Fields, Update, Updated } from "../core/records/record.ts";
import { itemsDone } from "../core/records/totals.ts";
import type { Totals } from "../core/records/totals.ts";
import { FAN_IN, NodeView, numberOr } from "../core/records/tree.ts";
import type { ItemTimes, Ledger, Ports } from "../ports.ts";
import type { ChunksReply, Runner } from "../runner/runner.ts";

const LEAF = /^node\/([^/]+)\/(\d+)\/0\//;

/** A function works for few batches at a time. */
const MAX_BATCHES = 100;

/** Of a batch, in the generation that it was in when its record was read last. */
interface Known {
  readonly generation: number;
  readonly start: number;
  /** It is planned, and has few chunks. */
  readonly isSmall: boolean;
}

/** `onError`: a sum that cannot be written costs only what there is to see. */
export function withLeafHistory<Some extends Pick<Ports, "ledger" | "clock" | "fanIn">>(
  ports: Some,
  onError: (error: unknown) => void,
): Some & { readonly ledger: Ledger; readonly times: ItemTimes } {
  const { ledger, clock, fanIn = FAN_IN } = ports;
  const known = new Map<string, Known>();
  const times = new KeptTimes();

  function learn(batch: string, fields: Fields): void {
    keep(known, batch, {
      generation: generationOf(fields),
      start: generationBeganAt(fields),
      isSmall: isSmall(fields["chunks"]),
    });
  }

  const read: Ledger["read"] = async (keys, options) => {
    const records = await ledger.read(keys, options);
    for (const [place, fields] of records.entries()) {
      const batch = batchIn(keys[place] ?? "");
      if (batch !== null && fields) learn(batch, fields);
    }
    return records;
  };

  async function find(batch: string, generation: number): Promise<Known | null> {
    if (known.get(batch)?.generation !== generation) await read([batchKey(batch)]).catch(onError);
    const found = known.get(batch);
    return found?.generation === generation ? found : null;
  }

  /** A leaf that is full now. */
  async function add(at: LeafTime, record: Fields): Promise<void> {
    const { chunks, succeeded, failed, ms } = new NodeView(record, fanIn).totals();
    const taken = { seconds: secondsOf(record), times: times.take(at) };
    await ledger.update(addLeaf(at, { chunks, succeeded, failed, ms }, taken));
  }

  async function settle(update: Update, batch: string, generation: number): Promise<Updated> {
    const found = await find(batch, generation);
    if (found === null) return ledger.update(update);
    const { settled = 0, succeeded = 0, failed = 0, ms = 0 } = update.add;
    const at = { batch, generation, elapsedMs: clock.now() - found.start };
    const own = found.isSmall ? times.take(at) : null;
    const more = found.isSmall
      ? noteSums(at.elapsedMs, { succeeded, failed, ms }, own)
      : noteTime(settled, at.elapsedMs);
    const updated = await ledger.update({ ...update, add: { ...update.add, ...more } });
    if (!updated.applied && own) times.giveBack(at, own);
    const isWhole = updated.applied && !found.isSmall && isFilledBy(updated.record, settled, fanIn);
    if (isWhole) await add(at, updated.record).catch(onError);
    return updated;
  }

  const noting: Ledger = {
    read,
    list: (...wanted) => ledger.list(...wanted),
    async update(update) {
      const [, batch = "", generation = ""] = LEAF.exec(update.key) ?? [];
      if (batch === "" || (update.add["settled"] ?? 0) === 0) return ledger.update(update);
      return settle(update, batch, Number(generation));
    },
  };
  return { ...ports, ledger: noting, times };
}

/** Whether these children were the last ones that the leaf has waited for. */
function isFilledBy(leaf: Fields, settled: number, fanIn: number): boolean {
  const expects = numberOr(leaf["expects"], fanIn);
  const now = numberOr(leaf["settled"], 0);
  return now >= expects && now - settled < expects;
}

/** A runner whose replies tell `times` what the items took. */
export function timedRunner(runner: Runner, times: ItemTimes): Runner {
  return {
    plan: (request) => runner.plan(request),
    merge: (request) => runner.merge(request),
    async chunks(request, events = {}) {
      const { batch } = request.spec;
      const generation = request.chunks[0]?.generation ?? 0;
      const { onPart } = events;
      const notePart = (part: ChunksReply): void => {
        times.note({ batch, generation }, part);
        onPart?.(part);
      };
      // Without `onPart` a runner hands nothing over before the end.
      const reply = await runner.chunks(request, onPart ? { ...events, onPart: notePart } : events);
      times.note({ batch, generation }, reply);
      return reply;
    },
  };
}

type OfBatch = Pick<LeafTime, "batch" | "generation">;

/** Times of items that this function has run, until it writes them. */
class KeptTimes implements ItemTimes {
  readonly #kept = new Map<string, { readonly sketch: LatencySketch; single: number }>();

  note: ItemTimes["note"] = (of, { done, latency }) => {
    const kept = this.#of(of);
    if (latency) {
      kept.sketch.absorb(latency);
      kept.single += itemsIn(latency);
    } else for (const { totals } of done) addMean(kept.sketch, totals);
  };

  take(of: OfBatch): Times | null {
    const kept = this.#of(of);
    const taken = kept.sketch.take();
    const { single } = kept;
    kept.single = 0;
    return taken && { ...taken, single };
  }

  giveBack(of: OfBatch, times: Times): void {
    const kept = this.#of(of);
    kept.sketch.absorb(times);
    kept.single += times.single;
  }

  #of({ batch, generation }: OfBatch): { readonly sketch: LatencySketch; single: number } {
    const name = `${batch}/${generation}`;
    return this.#kept.get(name) ?? keep(this.#kept, name, { sketch: new LatencySketch(), single: 0 });
  }
}

/** Of items that were not awaited, only the sum is known. In a redrive totals are differences. */
function addMean(sketch: LatencySketch, totals: Pick<Totals, "succeeded" | "failed" | "ms">): void {
  const items = itemsDone(totals);
  if (items > 0) sketch.add(totals.ms / items, items);
}

function keep<Value>(map: Map<string, Value>, name: string, value: Value): Value {
  if (map.size >= MAX_BATCHES && !map.has(name)) map.clear();
  map.set(name, value);
  return value;
}
