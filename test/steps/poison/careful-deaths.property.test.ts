/**
 * Careful attempts at one chunk on a platform where nothing survives a death. Any item may kill, machines may
 * die by themselves, and messages may be delivered while another attempt is alive. All randomness comes from
 * the seed.
 */
import { chunkDelivery } from "../../../src/steps/bundle/delivery.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { journalKey, parseCrashJournal } from "../../../src/core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import type { Ledger } from "../../../src/ports.ts";
import { createTimeLimitedRunner } from "../../../src/steps/time-limited/time-limited-runner.ts";
import { timeLimitedWorker } from "../../../src/steps/time-limited/time-limited-worker.ts";
import { chance } from "../../../src/core/chance.ts";
import type { Chance } from "../../../src/core/chance.ts";
import { countingJob } from "../jobs.ts";
import { stage } from "../stage.ts";
import type { Stage } from "../stage.ts";

const ITEMS = 5;
const LENGTH_MS = 60_000;
const MOST_ATTEMPTS = 60;
const SEEDS = 400;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process that runs the chunk. */
interface Attempt {
  open: number | null;
  readonly overAt: number;
  over: boolean;
  /** Lets it continue with its next effect. A dead process never does. */
  turn: (() => void) | null;
}

class World {
  readonly one: Stage;
  readonly random: Chance;
  readonly poison: ReadonlySet<number>;
  readonly chunk: ChunkMessage;
  readonly alive: Attempt[] = [];
  /** How often a process died while it had the item open. */
  readonly deaths = new Map<number, number>();
  #accidents: number;
  attempts = 1;

  constructor(one: Stage, random: Chance, chunk: ChunkMessage) {
    this.one = one;
    this.random = random;
    this.chunk = chunk;
    this.poison = new Set(Array.from({ length: ITEMS }, (_, n) => n).filter(() => random.oneIn(4)));
    this.#accidents = random.below(4);
  }

  begin(): void {
    const { one } = this;
    const attempt: Attempt = { open: null, overAt: one.clock.now() + LENGTH_MS, over: false, turn: null };
    this.alive.push(attempt);
    const job = countingJob(ITEMS, (n: number) => {
      attempt.open = n;
      if (!this.poison.has(n)) return n;
      this.#die(attempt);
      return new Promise(() => {});
    });
    const { store, clock } = one.ports;
    const ledger = this.#ledgerOf(attempt);
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const timeLimited = createTimeLimitedRunner({
      job,
      store,
      clock,
      ledger,
      log,
      random: () => 0,
      postpones: true,
      newTag: () => "tag",
    });
    timeLimited.timeBudget.begin(attempt.overAt);
    const deliveries = [chunkDelivery(this.chunk, ++this.attempts)];
    const host = {
      ...timeLimited,
      ports: { ...one.ports, ledger },
      larger: false,
      onFailure: () => undefined,
    };
    void timeLimitedWorker(host, deliveries).then(() => this.#end(attempt));
  }

  /** Makes every effect on the ledger wait for its turn. */
  #ledgerOf(attempt: Attempt): Ledger {
    const turn = (): Promise<void> => new Promise((resolve) => (attempt.turn = resolve));
    const { ledger } = this.one;
    return {
      read: (keys) => turn().then(() => ledger.read(keys)),
      update: (update) => turn().then(() => ledger.update(update)),
      list: (...given) => ledger.list(...given),
    };
  }

  /** One process takes one step. */
  step(): void {
    const late = this.alive.find(({ overAt }) => overAt <= this.one.clock.now());
    if (late) return this.#die(late);
    const attempt = this.alive[this.random.below(this.alive.length)];
    if (!attempt) return;
    if (this.#accidents > 0 && this.random.oneIn(20)) {
      this.#accidents--;
      return this.#die(attempt);
    }
    const { turn } = attempt;
    attempt.turn = null;
    turn?.();
  }

  #die(attempt: Attempt): void {
    if (attempt.over) return;
    if (attempt.open !== null) this.deaths.set(attempt.open, (this.deaths.get(attempt.open) ?? 0) + 1);
    this.#end(attempt);
  }

  #end(attempt: Attempt): void {
    attempt.over = true;
    attempt.turn = null;
    const place = this.alive.indexOf(attempt);
    if (place >= 0) this.alive.splice(place, 1);
  }
}

async function run(seed: number): Promise<World> {
  const random = chance(seed);
  const one = await stage({ job: countingJob(ITEMS), chunk: { items: ITEMS } });
  await one.submit();
  await one.step("coordinator");
  const [chunk] = one.queue.take("worker") as ChunkMessage[];
  if (!chunk) throw new Error("there is no chunk");
  const world = new World(one, random, chunk);
  const isSettled = (): boolean => one.node(0, 0)["chunks"] === 1;
  while (!isSettled() && world.attempts < MOST_ATTEMPTS) {
    // Delivered again when its time is up, or as a duplicate at any time.
    if (world.alive.length === 0) {
      one.clock.advance(LENGTH_MS + 1);
      world.begin();
    } else if (world.alive.length < 3 && random.oneIn(30)) world.begin();
    world.step();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(isSettled()).toBe(true);
  return world;
}

test("an item that ends two processes is quarantined, and no other item; the chunk finishes", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      const { one, poison, deaths, chunk } = await run(seed);
      const { quarantined } = parseCrashJournal(one.ledger.records.get(journalKey(chunk)) ?? null);
      const guilty = new Set(quarantined.map(({ index }) => index));
      for (const index of poison) expect(guilty).toContain(index);
      for (const index of guilty) expect(deaths.get(index)).toBeGreaterThanOrEqual(2);
      expect(one.node(0, 0)).toMatchObject({ succeeded: ITEMS - guilty.size, failed: guilty.size });
    } catch (error) {
      throw new Error(`seed ${seed} fails`, { cause: error });
    }
  }
});
