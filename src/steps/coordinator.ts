/**
 * The coordinator: cuts a batch's input into chunks, writes the plan, sends the chunks, closes the tree's
 * edge.
 */
import type { Failure } from "../core/records/batch/batch.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import type { ListPlace, PlanMessage } from "../core/records/message.ts";
import type { Cut, PlanEntry } from "../core/records/plan.ts";
import { begin } from "../core/protocol/protocol.ts";
import { isGiven, nextChunks } from "../core/chunk-size.ts";
import type { Pace, SizeBounds } from "../core/chunk-size.ts";
import { FAN_IN, NodeView, leafOf, nodeKey } from "../core/records/tree.ts";
import { cutEntries } from "../input/cut/plan-entries.ts";
import type { EntryCutter } from "../input/cut/plan-entries.ts";
import { readerKinds } from "../input/kinds.ts";
import { RunPlanner } from "../input/runs/run-planner.ts";
import { hasText } from "../input/runs/run-records.ts";
import { sourcesOf, unitsAfter, unitsOf } from "../batch/sources.ts";
import { readSpec } from "../batch/spec.ts";
import type { BatchSpec } from "../batch/spec.ts";
import type { Sources } from "../input/sources/sources.ts";
import { TailWatch } from "./hedging/look-for-stragglers.ts";
import { runProtocol } from "./run-protocol.ts";
import { noteSpent } from "./spending.ts";
import type { Work } from "./run-protocol.ts";
import type { ObjectStore, Ports } from "../ports.ts";
import { ListingOutOfTime, listInput } from "./planning/list-input.ts";
import { OutOfTime, TimeIsUp, growsBlindly, storeWithin } from "./planning/planning-limits.ts";
import type { PlanLimits } from "./planning/planning-limits.ts";
import type { PlanRequest, Runner } from "../runner/runner.ts";
import type { TimeBudget } from "../runner/time-budget.ts";
import { planSpan } from "./tracing/step-spans.ts";
import { lostWork } from "./recovering/lost-work.ts";
import { pulledCut } from "./pulling/pulled-cut.ts";
import { RedriveSurvey, SurveyOutOfTime } from "./redriving/redrive-survey.ts";

/** `runner` plans batches whose items the job generates. `limits`: on a platform with a time limit. */
export async function coordinator(
  ports: Ports,
  runner: Pick<Runner, "plan">,
  message: PlanMessage,
  limits: PlanLimits | null = null,
): Promise<void> {
  const { tracer } = ports;
  if (!tracer) return plan(ports, runner, message, limits);
  await planSpan(ports, tracer, message.batch, () => plan(ports, runner, message, limits));
}

async function plan(
  ports: Ports,
  runner: Pick<Runner, "plan">,
  message: PlanMessage,
  limits: PlanLimits | null,
): Promise<void> {
  const { batch } = message;
  await using planner = new Planner(ports, runner, message, limits);
  const surveyor = new RedriveSurvey(ports, message, limits?.timeBudget);
  try {
    const tails = new TailWatch(ports);
    const work: Work = {
      cut: ({ last }) => planner.cut(last),
      survey: (effect) => surveyor.page(effect),
      lost: ({ from }) => lostWork(ports.ledger, batch, from),
    };
    await runProtocol(ports, begin(message), work, (task, reply) => tails.observe(task, reply));
    // Without a limit of time the platform watches stragglers itself.
    if (limits && tails.isDue && (await readSpec(ports.ledger, batch)).hedge) await tails.send(ports);
  } catch (thrown) {
    const next = placeAfter(thrown, message);
    if (next === null) throw thrown;
    await ports.queue.send("coordinator", [{ kind: "plan", batch, ...next }]);
  }
  await noteSpent(ports, batch);
}

/** Where another coordinator goes on; `null` if something else was thrown than that the time is up. */
function placeAfter(thrown: unknown, { entry }: PlanMessage): Omit<PlanMessage, "kind" | "batch"> | null {
  if (thrown instanceof OutOfTime) return { entry: thrown.entry };
  if (thrown instanceof SurveyOutOfTime) return { entry, survey: thrown.place };
  return thrown instanceof ListingOutOfTime ? { entry, listing: thrown.place } : null;
}

/** Time between two checks of a waiting planner whether a chunk has settled. */
const POLL_MS = 200;

/** One invocation's pass over the input. The reader stays open from entry to entry. */
class Planner implements AsyncDisposable {
  readonly #ports: Ports;
  readonly #runner: Pick<Runner, "plan">;
  readonly #batch: string;
  /** As it was given: only listing does without the limits of the planner's reads. */
  readonly #store: ObjectStore;
  readonly #listing: ListPlace | null;
  #hasListed = false;
  #spec: BatchSpec | null = null;
  #sources: Sources | null = null;
  #cutter: EntryCutter | null = null;
  /** The last cut. */
  #last: Cut | null = null;
  readonly #timeBudget: TimeBudget | null;
  /** The entry that the message said to begin at. */
  readonly #beganAt: number;
  /** Calls of `cut`. An entry was written for each of them but the last. */
  #calls = 0;
  #patienceMs: number;

  constructor(
    ports: Ports,
    runner: Pick<Runner, "plan">,
    { batch, entry, listing }: PlanMessage,
    limits: PlanLimits | null,
  ) {
    const { timeBudget = null, patienceMs = 0 } = limits ?? {};
    this.#patienceMs = patienceMs;
    const store = ports.store.of(batch);
    this.#ports = { ...ports, store: timeBudget ? storeWithin(store, timeBudget) : store };
    this.#store = ports.store;
    this.#listing = listing ?? null;
    this.#runner = runner;
    this.#batch = batch;
    this.#beganAt = entry;
    this.#timeBudget = timeBudget;
  }

  /** The ranges of the entry after `last`; none at the end. Returns a failure for an unreadable input. */
  async cut(last: PlanEntry | null): Promise<Cut | Failure> {
    this.#calls++;
    try {
      if (this.#timeBudget?.isOver()) throw new TimeIsUp();
      return await this.#cut(last);
    } catch (thrown) {
      if (this.#timeBudget && thrown instanceof TimeIsUp) return this.#outOfTime(last, this.#timeBudget);
      // A state directory that cannot be used says nothing about the input.
      const isVerdict = thrown instanceof FanjoinError && thrown.code !== "DIRECTORY_UNUSABLE";
      if (!isVerdict || thrown.retryable) throw thrown;
      return { code: thrown.code, message: thrown.message };
    }
  }

  /**
   * Throws `OutOfTime` if the plan has grown, or the input was listed: another coordinator continues. If
   * not, no other one would get further, and the batch fails.
   */
  #outOfTime(last: PlanEntry | null, { lengthMs }: TimeBudget): Failure {
    if (last && (this.#calls > 1 || last.entry > this.#beganAt)) throw new OutOfTime(last.entry);
    if (this.#hasListed) throw new OutOfTime(last?.entry ?? this.#beganAt);
    const seconds = Math.round(lengthMs / 1000);
    const where = last ? ` after ${last.first + last.ranges.length} chunks` : "";
    const message = `planning got no further${where} in the ${seconds} s that one invocation has for it: what cannot be read from the middle is read from its beginning each time. Give the function that plans a longer timeout, or split the input`;
    return { code: "INPUT_NOT_RESUMABLE", message };
  }

  async #cut(last: PlanEntry | null): Promise<Cut> {
    const spec = await this.#load();
    // It has ended: nothing is planned any more.
    if (spec.input.from) return { ranges: [] };
    if (spec.reproduces) return pulledCut(spec.reproduces, last);
    const { unit } = readerKinds[spec.input.reader];
    const { chunk, concurrency = 1 } = spec;
    const sources = (this.#sources ??= sourcesOf(spec.input, this.#ports.store));
    const left = await unitsAfter(spec.input, sources, last?.ranges.at(-1) ?? null);
    const bounds = { unit, ...chunk, concurrency, left };
    const isAllPlanned = left === null && unitsOf(spec.input) !== null;
    const learned = isGiven(bounds) ? null : await this.#pace(last);
    const pace = learned ?? (isAllPlanned ? null : await this.#firstPace(last, bounds));
    const next = nextChunks(last ? last.entry + 1 : 0, bounds, pace);
    if (spec.input.reader === "from") return this.#plan({ spec, last, next });
    const cutter = await this.#at(spec, sources, last);
    return (this.#last = await cutter.next(next));
  }

  async #plan(request: PlanRequest): Promise<Cut> {
    const cut = await this.#runner.plan(request);
    if (cut !== null) return cut;
    throw this.#timeBudget ? new TimeIsUp() : new Error("planning was interrupted");
  }

  async #load(): Promise<BatchSpec> {
    if (this.#spec) return this.#spec;
    const spec = await readSpec(this.#ports.ledger, this.#batch);
    const { from } = spec.input;
    if (from === undefined) return (this.#spec = spec);
    const ports = { ...this.#ports, store: this.#store };
    const listing = { ports, spec, from, place: this.#listing, timeBudget: this.#timeBudget };
    this.#spec = await listInput(listing);
    this.#hasListed = true;
    return this.#spec;
  }

  /** The reader, positioned after `last`. It is already there unless another planner wrote that entry. */
  async #at({ input }: BatchSpec, sources: Sources, last: PlanEntry | null): Promise<EntryCutter> {
    if (this.#cutter && endsLike(last, this.#last)) return this.#cutter;
    await this.#cutter?.close();
    const { options, reader, runs, maxItems } = input;
    const kind = readerKinds[reader];
    const { store } = this.#ports;
    const cutter = runs && hasText(kind) ? new RunPlanner({ kind, options, store }, sources) : null;
    this.#cutter = cutEntries({ kind, sources, runs: cutter, options, store, last, maxItems });
    this.#last = last;
    return this.#cutter;
  }

  /** The pace of the newest settled chunks. Stale reads are good enough. */
  async #pace(last: PlanEntry | null): Promise<Pace | null> {
    if (!last) return null;
    const newest = leafOf(last.first, FAN_IN);
    const leaves = [newest, Math.max(0, newest - 1), 0].map((index) =>
      nodeKey({ batch: this.#batch, generation: 0, level: 0, index }),
    );
    const records = await this.#ports.ledger.read(leaves, { stale: true });
    for (const record of records) {
      const { units, ms, succeeded, failed } = new NodeView(record, FAN_IN).totals();
      if (units > 0) return { units, ms, items: succeeded + failed };
    }
    return null;
  }

  /**
   * Waits a little for a first chunk to settle, before chunks get larger. Sizes are learned from chunks that
   * ran, and without back-pressure most of the input would be planned before any did. By then the workers are
   * warm. A chunk too long for one invocation would never finish.
   */
  async #firstPace(last: PlanEntry | null, bounds: SizeBounds): Promise<Pace | null> {
    if (!last || !growsBlindly(last.entry + 1, bounds)) return null;
    while (this.#patienceMs > 0) {
      this.#patienceMs -= POLL_MS;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const pace = await this.#pace(last);
      if (pace) return pace;
    }
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cutter?.close();
  }
}

/** Whether the input continues at the same place after both. */
function endsLike(one: Cut | null, other: Cut | null): boolean {
  const [a, b] = [one?.ranges.at(-1), other?.ranges.at(-1)];
  const damaged = one?.spool?.damage !== undefined;
  return a?.source === b?.source && a?.end === b?.end && damaged === (other?.spool?.damage !== undefined);
}
