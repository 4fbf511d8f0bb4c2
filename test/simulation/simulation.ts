/** One run of the steps, interleaved effect by effect. */
import { setImmediate as drained } from "node:timers/promises";
import { pause, resume } from "../../src/batch/steering/pausing.ts";
import { cancel } from "../../src/batch/submit.ts";
import { isPaused } from "../../src/core/records/batch/pausing.ts";
import { FAN_IN, leafOf } from "../../src/core/records/tree.ts";
import { hedgeStragglers } from "../../src/steps/hedging/look-for-stragglers.ts";
import { areWanted } from "../../src/steps/hedging/wanted-chunks.ts";
import { sweeper } from "../../src/steps/sweeper.ts";
import type { QueueName } from "../../src/core/records/message.ts";
import { MAX_RECEIVES } from "../../src/core/records/message.ts";
import { BATCH } from "../steps/stage-spec.ts";
import type { Alarms } from "./limits.ts";
import { NOTHING_HAPPENED } from "./happened.ts";
import { isLastOfJoin } from "./waiting.ts";
import type { Waiting } from "./waiting.ts";
import type { Call, Stage } from "../steps/stage.ts";
import type { Chance } from "../../src/core/chance.ts";

const QUEUES = ["coordinator", "worker", "join", "dead-letter"] as const satisfies readonly QueueName[];

/** How many steps run at the same time. */
const AT_ONCE = 5;

const MOST_EFFECTS = 200_000;

/** The time between two sweeps: a batch that stands still is recovered by the second one. */
export const SWEEP_MS = 20 * 60_000;

export const MOST_SWEEPS = 100;

const LATEST_LOOK_MS = 100_000;

interface SimulationOptions {
  readonly one: Stage;
  readonly random: Chance;
  readonly observe: (one: Stage) => Promise<void>;
  /** `null`: nothing waits for time. */
  readonly alarms: Alarms | null;
}

class Death extends Error {
  override readonly name = "Death";
}

export class Simulation {
  readonly #alarms: Alarms | null;
  readonly #one: Stage;
  readonly #random: Chance;
  readonly #observe: (one: Stage) => Promise<void>;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #turns: (() => void)[] = [];
  #faults: number;
  /** How many messages are still to be lost. */
  #losses: number;
  /** The number of effects before the cancel. */
  #cancelAfter: number;
  /** Whether the cancel comes just before the commit of the result. */
  #cancelsLate: boolean;
  #effects = 0;
  #sweeps = 0;
  cancelAccepted = false;
  joinIsGivenUp = false;
  readonly happened = { ...NOTHING_HAPPENED };
  /** The number of effects before the next pause, and how many pauses are still to come. */
  #pauseAfter: number;
  #pauses: number;
  /** The number of effects before the resume. */
  #resumeAfter = Infinity;
  /** The number of effects before somebody looks for stragglers, and for chunks that run in vain. */
  #looksAfter: number;

  constructor({ one, random, observe, alarms }: SimulationOptions) {
    this.#alarms = alarms;
    this.#one = one;
    this.#observe = observe;
    this.#random = random;
    this.#faults = random.below(60);
    this.#losses = random.oneIn(3) ? random.below(5) : 0;
    this.#cancelAfter = random.oneIn(3) ? random.below(random.oneIn(2) ? 80 : 1500) : Infinity;
    this.#cancelsLate = random.oneIn(6);
    this.#pauses = random.oneIn(3) ? 1 + random.below(3) : 0;
    this.#pauseAfter = this.#pauses > 0 ? random.below(random.oneIn(2) ? 80 : 600) : Infinity;
    this.#looksAfter = one.spec.hedge ? random.below(300) : Infinity;
    one.hook = (call, when) => this.#effect(call, when);
  }

  /** Runs until nothing is left to do. `isRecorded`: whether `first` has written its record. */
  async all(first: () => Promise<void>, isRecorded: () => boolean): Promise<void> {
    this.#start(() => this.#insist(first, isRecorded));
    for (;;) {
      this.#receive();
      await drained();
      await this.#observe(this.#one);
      if (this.#effects >= this.#cancelAfter && this.#one.batch()["job"] !== undefined) this.#cancel();
      this.#steer();
      this.#lookAtHedges();
      if (this.#isTimeToMove()) {
        this.#alarms?.next();
        continue;
      }
      const turn = this.#turns.splice(this.#random.below(this.#turns.length), 1)[0];
      if (turn) turn();
      else if (this.#running === 0 && this.#waiting.length === 0 && this.#empty() && !this.#sweep()) return;
      if (this.#effects > MOST_EFFECTS) throw new Error("the batch does not end");
    }
  }

  /** Effects take time, too: now and then it moves while they are under way. */
  #isTimeToMove(): boolean {
    if (this.#alarms === null || this.#alarms.isEmpty) return false;
    return this.#turns.length === 0 || this.#random.oneIn(10);
  }

  /** A user pauses the batch, and later goes on with it. */
  #steer(): void {
    const { ports } = this.#one;
    if (this.#effects >= this.#pauseAfter && this.#one.batch()["job"] !== undefined) {
      this.#pauseAfter = --this.#pauses > 0 ? this.#effects + 20 + this.#random.below(200) : Infinity;
      this.#start(() => this.#insist(async () => void (await pause(ports, BATCH))));
      this.#resumeAfter = this.#effects + this.#random.below(60);
    }
    if (this.#effects < this.#resumeAfter) return;
    this.#resumeAfter = Infinity;
    this.#resume();
  }

  /** Any chunk may be slow, at any time; and a worker may see that a chunk is settled elsewhere. */
  #lookAtHedges(): void {
    const { ports, overtaken } = this.#one;
    const batch = this.#one.batch();
    const chunks = Number(batch["chunks"] ?? 0);
    if (this.#effects < this.#looksAfter || chunks === 0) return;
    this.#looksAfter = this.#effects + this.#random.below(100);
    const chunk = this.#random.below(chunks);
    const generation = Number(batch["generation"]);
    const leaf = { batch: BATCH, generation, level: 0, index: leafOf(chunk, FAN_IN) };
    const range = { source: 0, start: 0, end: 0 };
    const running = { kind: "chunk", batch: BATCH, generation, chunk, attempt: 1, ...range } as const;
    const look = this.#random.oneIn(2)
      ? () => hedgeStragglers(ports, leaf, this.#random.oneIn(2) ? [chunk] : null)
      : () => areWanted(ports.ledger, batch, [running], overtaken);
    this.#start(() => this.#insist(async () => void (await look())));
  }

  #resume(): void {
    this.#start(() =>
      this.#insist(async () => {
        if (await resume(this.#one.ports, BATCH)) this.happened.resumed++;
      }),
    );
  }

  /** The sweeper, which runs once a minute. A paused batch is resumed at last. */
  #sweep(): boolean {
    if (isPaused(this.#one.batch()) && !this.#one.ended()) {
      this.#resume();
      return true;
    }
    if (this.#one.ended() || this.#sweeps++ > MOST_SWEEPS) return false;
    this.#one.clock.advance(SWEEP_MS);
    this.happened.swept++;
    this.#start(() => this.#insist(() => sweeper(this.#one.ports)));
    return true;
  }

  #cancel(): void {
    this.#cancelAfter = Infinity;
    this.#start(() =>
      this.#insist(async () => {
        if (await cancel(this.#one.ports, this.#one.spec.batch)) this.cancelAccepted = true;
      }),
    );
  }

  #empty(): boolean {
    return QUEUES.every((name) => this.#one.queue.waiting(name) === 0);
  }

  /** Every effect on ledger and queue waits for its random turn. The step may die before or after it. */
  async #effect({ port, method, of }: Call, when: "before" | "after"): Promise<void> {
    if (
      this.#cancelsLate &&
      method === "update" &&
      of.startsWith("batch/") &&
      this.#one.batch()["chunks"] !== undefined
    ) {
      this.#cancelsLate = false;
      this.#cancelAfter = this.#effects;
    }
    if (port !== "store" && when === "before") {
      this.#effects++;
      await new Promise<void>((resolve) => this.#turns.push(resolve));
    }
    if (this.#faults > 0 && this.#random.oneIn(method === "read" ? 80 : 40)) {
      this.#faults--;
      throw new Death(`${when} ${port}.${method}`);
    }
  }

  /** Takes messages in any order, some of them twice, and starts steps with them. */
  #receive(): void {
    for (const queue of QUEUES) {
      for (const message of this.#one.queue.take(queue)) {
        // Nothing waits for time here: looks that wait longer each time would never leave it to the sweeper.
        if (message.kind === "stragglers" && message.delayMs > LATEST_LOOK_MS) continue;
        if (this.#losses > 0 && this.#random.oneIn(30)) {
          this.#losses--;
          this.happened.lost++;
          continue;
        }
        this.#waiting.push({ queue, message, receives: 1 });
        if (this.#random.oneIn(15)) this.#waiting.push({ queue, message: { ...message }, receives: 1 });
      }
    }
    while (this.#running < AT_ONCE && this.#waiting.length > 0) {
      const first = this.#pick();
      if (!first) return;
      this.#deliver(first.queue === "worker" ? this.#bundle(first) : [first]);
    }
  }

  #pick(): Waiting | undefined {
    // Mostly near the front, as in a real queue.
    const reach = this.#random.oneIn(4) ? this.#waiting.length : Math.min(8, this.#waiting.length);
    return this.#waiting.splice(this.#random.below(reach), 1)[0];
  }

  /** A bundle of chunks. All were delivered as often as the first. */
  #bundle(first: Waiting): Waiting[] {
    const bundle = [first];
    const most = 1 + this.#random.below(8);
    for (let at = 0; at < this.#waiting.length && bundle.length < most; at++) {
      const next = this.#waiting[at];
      if (next?.queue !== "worker" || next.receives !== first.receives) continue;
      bundle.push(...this.#waiting.splice(at--, 1));
    }
    return bundle;
  }

  #deliver(bundle: readonly Waiting[]): void {
    const [{ queue, receives } = { queue: "worker" as const, receives: 1 }] = bundle;
    if (queue === "worker" && isPaused(this.#one.batch())) this.happened.unrun++;
    for (const { message } of bundle) if ("waits" in message) this.happened.givenBack++;
    if (queue === "dead-letter" && bundle.some(isLastOfJoin)) this.joinIsGivenUp = true;
    this.#start(async () => {
      try {
        await this.#one.deliver(
          queue,
          bundle.map(({ message }) => message),
          receives,
        );
        if (this.#random.oneIn(30)) this.#again(bundle);
      } catch (error) {
        if (!(error instanceof Death)) this.#one.log.push(String(error));
        this.#again(bundle);
      }
    });
  }

  #again(bundle: readonly Waiting[]): void {
    for (const { queue, message, receives } of bundle) {
      const dead = receives >= MAX_RECEIVES && queue !== "dead-letter";
      this.#waiting.push(
        dead ? { queue: "dead-letter", message, receives: 1 } : { queue, message, receives: receives + 1 },
      );
    }
  }

  /** Callers of the API try again until they get an answer, or until what they asked for is on record. */
  async #insist(action: () => Promise<void>, isRecorded = () => false): Promise<void> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (!(error instanceof Death)) throw error;
        if (isRecorded() && this.#random.oneIn(2)) return;
      }
    }
  }

  #start(step: () => Promise<void>): void {
    this.#running++;
    step().then(
      () => this.#running--,
      (error: unknown) => {
        this.#running--;
        this.#one.log.push(`a step died of ${String(error)}`);
      },
    );
  }
}
