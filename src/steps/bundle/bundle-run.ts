/** A worker's bundle: chunks of one batch that run together, and are settled as they are done. */
import { keepPartial, parsePartial, partialKey } from "../../core/records/contribution.ts";
import { isFresh, isWholeMessage, workName } from "../../core/records/message.ts";
import { addLiveCounts } from "../../core/records/batch/live-counts.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Done, Reply, Task, Worked } from "../../core/protocol/task.ts";
import type { ChunkCut } from "../../core/records/split.ts";
import { FAN_IN } from "../../core/records/tree.ts";
import { NO_TOTALS, addTotals, subtractTotals, sumTotals } from "../../core/records/totals.ts";
import type { Totals } from "../../core/records/totals.ts";
import { readSpec } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import { attemptOf } from "./delivery.ts";
import type { ChunkDelivery } from "./delivery.ts";
import { endEarly } from "../early-end.ts";
import { TailWatch } from "../hedging/look-for-stragglers.ts";
import { runProtocol } from "../run-protocol.ts";
import type { Work } from "../run-protocol.ts";
import type { Meter, Ports } from "../../ports.ts";
import { runSuspects } from "../poison/run-suspects.ts";
import type { ChunksReply, ChunksRequest, Runner } from "../../runner/runner.ts";
import { endedIn, openAfter, cutsOf } from "./chunks-reply.ts";
import { orEnd } from "./or-end.ts";

/** What a worker tells while it works. */
export interface WorkerEvents<D> {
  /** All items have begun, and some are still awaited: there is room for more chunks. */
  readonly onDraining?: (() => void) | undefined;
  /**
   * Totals of a batch were settled. `done`: deliveries that may be acknowledged, though others still run. The
   * batch may be ending now.
   */
  readonly onSettled?: ((batch: string, totals: Totals, done: readonly D[]) => Promise<void>) | undefined;
  /** Looks for stragglers are asked for by delayed messages. False: the platform watches them itself. */
  readonly looksLater?: boolean;
}

export interface Bundle<D> {
  readonly ports: Ports;
  readonly runner: Runner;
  readonly batch: string;
  readonly bundle: readonly D[];
}

/** Runs chunks of one batch, and settles those that are done while others run. */
export class BundleRun<D extends ChunkDelivery> {
  readonly batch: string;
  settled = NO_TOTALS;
  /** When the unfinished chunks should come again; `null`: at once. */
  laterAt: number | null = null;
  /** How many chunks or parts were cut. */
  cut = 0;
  /** Hedges that settled their chunk, and those that came too late. */
  hedgesWon = 0;
  hedgesLost = 0;
  readonly #ports: Ports;
  readonly #runner: Runner;
  readonly #bundle: readonly D[];
  /** The chunks of this bundle's hedges. */
  readonly #hedges: ReadonlySet<number>;
  readonly #events: WorkerEvents<D>;
  /** Chunks that are to be run, and are not done. */
  #wanted: readonly ChunkMessage[] = [];
  /** Chunks that were settled before the others. */
  readonly #settledBefore = new Set<string>();
  #spec: BatchSpec | null = null;

  constructor({ ports, runner, batch, bundle }: Bundle<D>, events: WorkerEvents<D>) {
    this.#ports = ports;
    this.#runner = runner;
    this.batch = batch;
    this.#bundle = bundle;
    this.#hedges = hedgesIn(bundle);
    this.#events = events;
  }

  /** The deliveries of chunks that were interrupted. */
  get unfinished(): readonly D[] {
    return this.#deliveriesOf(this.#wanted);
  }

  async run(): Promise<void> {
    const chunks = this.#bundle.map(({ message }) => message);
    const again = this.#bundle
      .filter(({ suspect, message }) => suspect || message.look === true)
      .map(({ message }) => message.chunk);
    await this.#perform({ do: "start", chunks, again }, ({ chunks: wanted }) => this.#work(wanted), []);
  }

  /** Once more if its tag was taken. */
  async #work(wanted: readonly ChunkMessage[]): Promise<Worked> {
    const { ledger } = this.#ports;
    const before = this.#settledBefore;
    const chunks = before.size === 0 ? wanted : wanted.filter((message) => !before.has(workName(message)));
    this.#wanted = chunks;
    const spec = (this.#spec = await readSpec(ledger, this.batch));
    const previousBodies = await previousBodiesOf(this.#ports, this.batch, chunks);
    const parts: Promise<void>[] = [];
    const onPart = (part: ChunksReply): void => {
      const settling = this.#settlePart(part);
      // It is awaited below; until then nobody listens.
      settling.catch(() => undefined);
      parts.push(settling);
    };
    const { onDraining } = this.#events;
    const run = runSuspects(ledger, this.#runner, {
      request: { spec, chunks, previousBodies },
      deliveries: this.#bundle,
      events: { onDraining, onPart },
    });
    try {
      const reply = await orEnd(this.#ports, this.batch, Math.max(...this.#bundle.map(attemptOf)), run);
      this.laterAt = reply.laterAt ?? null;
      return this.#worked(reply);
    } finally {
      await Promise.all(parts);
    }
  }

  /** As a bundle of its own, under its own tag. */
  async #settlePart(part: ChunksReply): Promise<void> {
    const ended = endedIn(part);
    const chunks = this.#wanted.filter((message) => ended.has(workName(message)));
    for (const message of chunks) this.#settledBefore.add(workName(message));
    await this.#perform({ do: "work", chunks }, async () => this.#worked(part), this.#deliveriesOf(chunks));
  }

  #worked(reply: ChunksReply): Worked {
    const { body } = reply;
    const { done, cuts } = charged(this.#ports, reply.done, cutsOf(this.#wanted, reply));
    this.cut += cuts.length;
    this.#wanted = openAfter(this.#wanted, reply);
    const tag = this.#ports.newTag();
    if (!body) return { tag: `-${tag.slice(1)}`, keep: null, done, cuts };
    return { tag, keep: keepPartial(this.batch, tag, body), done, cuts };
  }

  /** Runs a task and what follows from it. `deliveries` are done then. */
  async #perform(task: Task, work: NonNullable<Work["work"]>, deliveries: readonly D[]): Promise<void> {
    let settled = NO_TOTALS;
    const { meter } = this.#ports;
    let taken = NO_TOTALS;
    const tails = this.#events.looksLater ? new TailWatch(this.#ports) : null;
    const wonBefore = this.hedgesWon;
    await runProtocol(this.#ports, task, { work }, (each, reply) => {
      settled = addTotals(settled, settledBy(each, reply));
      if (meter && each.do === "work") taken = addTotals(taken, takenBy(reply as Worked));
      this.#countHedges(each, reply);
      tails?.observe(each, reply);
    });
    if (meter) giveBack(meter, subtractTotals(taken, settled));
    this.settled = addTotals(this.settled, settled);
    const hedgesWon = this.hedgesWon - wonBefore;
    if (hedgesWon > 0) await this.#ports.ledger.update(addLiveCounts(this.batch, { hedgesWon }));
    if (this.#spec?.hedge) await tails?.send(this.#ports);
    const isPlain = this.#bundle.some(({ message }) => isFresh(message));
    if (this.#spec && isPlain) await endEarly(this.#ports, this.#spec, settled);
    await this.#events.onSettled?.(this.batch, settled, deliveries);
  }

  /** Which hedges of this bundle were the first to settle their chunk. */
  #countHedges(task: Task, reply: Reply): void {
    if (this.#hedges.size === 0 || task.do !== "settle" || task.node.level !== 0) return;
    if (!reply || !("applied" in reply)) return;
    // Several children are tried again one by one.
    if (!reply.applied && task.done.length > 1) return;
    const { fanIn = FAN_IN } = this.#ports;
    for (const { child } of task.done) {
      const chunk = task.node.index * fanIn + child;
      if (!this.#hedges.has(chunk)) continue;
      if (reply.applied) this.hedgesWon++;
      else this.hedgesLost++;
    }
  }

  #deliveriesOf(chunks: readonly ChunkMessage[]): readonly D[] {
    if (chunks.length === 0) return [];
    const messages = new Set(chunks);
    return this.#bundle.filter(({ message }) => messages.has(message));
  }
}

/** Of chunks that somebody else has settled. */
function giveBack(meter: Meter, { mbs = 0, fees = 0 }: Totals): void {
  if (mbs > 0 || fees > 0) meter.giveBack({ mbs, fees });
}

/** What an attempt would count, of which only what was spent is of interest. */
function takenBy({ done, cuts = [] }: Worked): Totals {
  return sumTotals([...done, ...cuts]);
}

/** What was spent so far is counted with the first chunk that is settled by it. */
function charged(
  { meter }: Ports,
  done: readonly Done[],
  cuts: readonly ChunkCut[],
): { readonly done: readonly Done[]; readonly cuts: readonly ChunkCut[] } {
  const [first, ...others] = done;
  const [cut, ...rest] = cuts;
  if (!meter || (!first && !cut)) return { done, cuts };
  const spent = meter.take();
  const withSpent = (totals: Totals): Totals => addTotals(totals, { ...NO_TOTALS, ...spent });
  if (first) return { done: [{ ...first, totals: withSpent(first.totals) }, ...others], cuts };
  return { done, cuts: cut ? [{ ...cut, totals: withSpent(cut.totals) }, ...rest] : cuts };
}

/** The chunks of the hedges in a bundle that do not give way to the first message of their chunk there. */
function hedgesIn(bundle: readonly ChunkDelivery[]): ReadonlySet<number> {
  const messages = bundle.map(({ message }) => message);
  const hedges = new Set(messages.filter(({ kind }) => kind === "hedge").map(({ chunk }) => chunk));
  if (hedges.size > 0) for (const message of messages.filter(isWholeMessage)) hedges.delete(message.chunk);
  return hedges;
}

/** In a redrive: the bodies of the chunks' earlier contributions, by tag. */
async function previousBodiesOf(
  { ledger }: Ports,
  batch: string,
  chunks: readonly ChunkMessage[],
): Promise<NonNullable<ChunksRequest["previousBodies"]>> {
  const tags = [...new Set(chunks.flatMap(({ former }) => (former === undefined ? [] : [former])))];
  if (tags.length === 0) return {};
  const keys = tags.map((tag) => partialKey(batch, tag));
  const records = await ledger.read(keys);
  const bodies = records.map((record, place) => parsePartial(keys[place] ?? "", record));
  return Object.fromEntries(tags.flatMap((tag, place) => (bodies[place] ? [[tag, bodies[place]]] : [])));
}

/**
 * What a task settled in a leaf or a split. Only an update that applied counts, so no chunk is counted twice.
 * The parts of a chunk count when they settle, and not once more when their split does.
 */
function settledBy(task: Task, reply: Reply): Totals {
  if (!reply || !("applied" in reply) || !reply.applied) return NO_TOTALS;
  if (task.do === "split" || task.do === "split-again") return task.cut.totals;
  if (task.do !== "settle" || task.counted) return NO_TOTALS;
  return sumTotals(task.done);
}
