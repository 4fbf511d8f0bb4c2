/**
 * A batch on in-memory ports, moved by hand. A test decides which message is delivered when and how often,
 * and which effect fails.
 */
import { chunkDelivery, comesAgain } from "../../src/steps/bundle/delivery.ts";
import { lookForStragglers } from "../../src/steps/hedging/look-for-stragglers.ts";
import { MAX_RECEIVES } from "../../src/core/records/message.ts";
import { batchKey, hasEnded } from "../../src/core/records/batch/batch.ts";
import type {
  ChunkMessage,
  Message,
  NodeMessage,
  PlanMessage,
  QueueName,
} from "../../src/core/records/message.ts";
import type { Fields } from "../../src/core/records/record.ts";
import type { FailedLine } from "../../src/core/failures/failed-line.ts";
import type { FailureSummary } from "../../src/core/failures/failure-summary.ts";
import { nodeKey } from "../../src/core/records/tree.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import { coordinator } from "../../src/steps/coordinator.ts";
import { deadLetter } from "../../src/steps/dead-letter.ts";
import { join } from "../../src/steps/join.ts";
import type { Ports } from "../../src/ports.ts";
import { Overtaken } from "../../src/runner/overtaken.ts";
import { createRunner } from "../../src/runner/create-runner.ts";
import type { Runner } from "../../src/runner/runner.ts";
import { submit } from "../../src/batch/submit.ts";
import { delayOf, givenBack } from "../../src/steps/time-limited/given-back.ts";
import { worker } from "../../src/steps/worker.ts";
import { limitedRunner } from "./limited-runner.ts";
import { manualClock } from "../memory/clock.ts";
import type { ManualClock } from "../memory/clock.ts";
import { memoryLedger } from "../../src/testing/memory/ledger.ts";
import type { MemoryLedger } from "../../src/testing/memory/ledger.ts";
import { memoryQueue } from "../../src/testing/memory/queue.ts";
import type { MemoryQueue } from "../../src/testing/memory/queue.ts";
import { memoryStore } from "../../src/testing/memory/store.ts";
import type { MemoryStore } from "../../src/testing/memory/store.ts";
import { BATCH, specOf } from "./stage-spec.ts";
import type { StageOptions } from "./stage-spec.ts";
import { logger, filesOf, parsed, linesOf } from "./stage-files.ts";

/** One call of a port. */
export interface Call {
  readonly port: "ledger" | "queue" | "store";
  readonly method: "read" | "update" | "list" | "send" | "stat" | "create" | "compose" | "remove";
  /** The key, queue or name. */
  readonly of: string;
}

/** Called before and after every effect. If it throws, the process dies there. */
export type Hook = (call: Call, when: "before" | "after") => void | Promise<void>;

export interface Stage {
  readonly spec: BatchSpec;
  readonly ports: Ports;
  readonly ledger: MemoryLedger;
  readonly queue: MemoryQueue;
  readonly store: MemoryStore;
  readonly clock: ManualClock;
  readonly runner: Runner;
  readonly log: string[];
  /** Hedges that settled their chunk, and those that came too late. */
  readonly hedges: { won: number; lost: number };
  /** Chunks that run here and are settled elsewhere. */
  readonly overtaken: Overtaken;
  hook: Hook;
  /** Interrupts the running work. */
  interrupt(): void;
  submit(): Promise<void>;
  /** Runs the step for `message`. Throws what the step throws. */
  deliver(queue: QueueName, messages: readonly Message[], receives?: number): Promise<void>;
  /**
   * Delivers messages until none is left. A failed message is redelivered, and becomes a dead letter in the
   * end.
   */
  pump(): Promise<void>;
  /** Delivers the messages of one queue once. Returns how many there were. */
  step(queue: QueueName, max?: number): Promise<number>;
  batch(): Fields;
  ended(): boolean;
  result(): unknown;
  outputs(): unknown[];
  failed(): FailedLine[];
  /** The groups of the failed items; `null` if there are none. */
  failures(): FailureSummary | null;
  node(level: number, index: number): Fields;
}

export async function stage(options: StageOptions): Promise<Stage> {
  const ledger = memoryLedger();
  const queue = memoryQueue();
  const store = memoryStore(options.blockBytes ?? 7);
  const { limited } = options;
  const clock = limited?.clock ?? manualClock();
  const spec = await specOf(options, store, clock);
  const receives = new Map<Message, number>();
  const controller = new AbortController();
  let tags = 0;

  const stageOf: Stage = {
    spec,
    ledger,
    queue,
    store,
    clock,
    log: [],
    hedges: { won: 0, lost: 0 },
    overtaken: new Overtaken(),
    hook: () => undefined,
    ports: {
      ledger: {
        read: (keys, readOptions) =>
          effect("ledger", "read", keys[0] ?? "", () => ledger.read(keys, readOptions)),
        update: (update) => effect("ledger", "update", update.key, () => ledger.update(update)),
        list: (...given) => effect("ledger", "list", given[0], () => ledger.list(...given)),
      },
      queue: {
        send: (name, messages, { delayMs = 0 } = {}) =>
          effect("queue", "send", name, () => sendLater(name, copies(messages), delayMs)),
      },
      store: {
        of: () => stageOf.ports.store,
        removeFolder: (name) => effect("store", "remove", name, () => store.removeFolder(name)),
        stat: (name) => effect("store", "stat", name, () => store.stat(name)),
        async *read(name, start, end, version) {
          await stageOf.hook({ port: "store", method: "read", of: name }, "before");
          yield* store.read(name, start, end, version);
        },
        create(name) {
          const writer = store.create(name);
          return {
            write: (bytes) => writer.write(bytes),
            close: () => effect("store", "create", name, () => writer.close()),
          };
        },
        compose: (name, pieces) => effect("store", "compose", name, () => store.compose(name, pieces)),
      },
      clock,
      newTag: () => `t${(tags++).toString(36).padStart(6, "0")}`,
    },
    runner: undefined as unknown as Runner,
    interrupt: () => controller.abort(),
    submit: () => submit(stageOf.ports, spec),
    deliver,
    async pump() {
      for (let moved = true; moved;) {
        moved = false;
        for (const name of ["coordinator", "worker", "join", "dead-letter"] as const) {
          if ((await stageOf.step(name)) > 0) moved = true;
        }
      }
    },
    async step(name, max = 1) {
      const messages = queue.take(name, max);
      if (messages.length === 0) return 0;
      const times = (receives.get(messages[0] as Message) ?? 0) + 1;
      for (const message of messages) receives.set(message, times);
      try {
        await deliver(name, messages, times);
      } catch (error) {
        stageOf.log.push(String(error));
        for (const message of messages) await giveBack(name, message, times);
      }
      return messages.length;
    },
    batch: () => ledger.records.get(batchKey(BATCH)) ?? {},
    ended: () => hasEnded(stageOf.batch()),
    result: () => parsed(filesOf(stageOf).result?.name, store)[0],
    outputs: () => linesOf(filesOf(stageOf).outputs?.name, store),
    failed: () => linesOf(filesOf(stageOf).failed?.name, store) as FailedLine[],
    failures: () => filesOf(stageOf).failed?.failures ?? null,
    node: (level, index) => ledger.records.get(nodeKey({ batch: BATCH, generation: 0, level, index })) ?? {},
  };
  const machine = {
    job: options.job,
    store: stageOf.ports.store,
    log: logger(stageOf.log),
    now: () => clock.now(),
    random: () => 0,
    overtaken: stageOf.overtaken,
    largeValues: options.largeValues,
    ...(options.cutting ? { cutting: options.cutting } : {}),
  };
  const { signal } = controller;
  const runner = createRunner({ ...machine, signal: () => signal, interrupted: () => signal.aborted });

  async function sendLater(name: QueueName, messages: readonly Message[], delayMs: number): Promise<void> {
    if (!limited || delayMs === 0) return queue.send(name, messages);
    limited.after(delayMs, () => void queue.send(name, messages));
  }

  async function effect<T>(
    port: Call["port"],
    method: Call["method"],
    of: string,
    action: () => Promise<T>,
  ): Promise<T> {
    const call = { port, method, of };
    await stageOf.hook(call, "before");
    const reply = await action();
    await stageOf.hook(call, "after");
    return reply;
  }

  async function deliver(name: QueueName, messages: readonly Message[], times = 1): Promise<void> {
    switch (name) {
      case "coordinator":
        for (const message of messages)
          await coordinator(stageOf.ports, stageOf.runner, message as PlanMessage);
        return;
      case "join":
        for (const message of messages) {
          if (message.kind === "stragglers") await lookForStragglers(stageOf.ports, message);
          else await join(stageOf.ports, stageOf.runner, message as NodeMessage);
        }
        return;
      case "dead-letter":
        for (const message of messages) await deadLetter(stageOf.ports, { message, receives: MAX_RECEIVES });
        return;
      case "worker": {
        const deliveries = messages.map((message) => chunkDelivery(message as ChunkMessage, times));
        const own = limited ? limitedRunner({ ...limited, machine, ports: stageOf.ports }) : null;
        const { unfinished, hedges, laterAt } = await worker(
          stageOf.ports,
          own?.runner ?? stageOf.runner,
          deliveries,
          { looksLater: true },
        );
        await own?.giveBack();
        stageOf.hedges.won += hedges.won;
        stageOf.hedges.lost += hedges.lost;
        const again = unfinished.filter(comesAgain).map(({ message }) => message);
        const at = laterAt.get(BATCH);
        if (at === undefined) return queue.send("worker", again);
        for (const message of again)
          await sendLater("worker", [givenBack(message)], delayOf(message, at, clock.now()));
      }
    }
  }

  async function giveBack(name: QueueName, message: Message, times: number): Promise<void> {
    if (times < MAX_RECEIVES || name === "dead-letter") return queue.send(name, [message]);
    receives.delete(message);
    return queue.send("dead-letter", [message]);
  }

  return Object.assign(stageOf, { runner });
}

/** Identifies a message by its object, from its sending to its acknowledgement. */
function copies(messages: readonly Message[]): Message[] {
  return messages.map((message) => ({ ...message }));
}
