/**
 * A deployed stack in memory: the functions' own code on in-memory ports, between queues that behave like
 * SQS.
 */
import { MAX_RECEIVES } from "../../../src/core/records/message.ts";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { coordinatorHandler } from "../../../functions/coordinator.ts";
import { deadLetterHandler } from "../../../functions/dead-letter.ts";
import { joinHandler } from "../../../functions/join.ts";
import type { JoinHost } from "../../../functions/join.ts";
import { sweeperHandler } from "../../../functions/sweeper.ts";
import { workerHandler } from "../../../functions/worker.ts";
import { batchKey } from "../../../src/core/records/batch/batch.ts";
import type { QueueName } from "../../../src/core/records/message.ts";
import type { Json, JsonObject } from "../../../src/core/json/json.ts";
import type { Job } from "../../../src/job/job.ts";
import { describeJob } from "../../../src/job/describe-job.ts";
import { parseParams } from "../../../src/job/params.ts";
import { locator, prefixLocator } from "../../../src/aws/store/object-name.ts";
import type { Ports } from "../../../src/ports.ts";
import type { BatchFiles } from "../../../src/batch/summary/files.ts";
import { submit } from "../../../src/batch/submit.ts";
import { withLeafHistory } from "../../../src/steps/leaf-history.ts";
import { manualClock } from "../../memory/clock.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";
import { createMeter } from "../../../src/aws/meter.ts";
import { memoryQueue } from "../../../src/testing/memory/queue.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";
import { objectsIn } from "../../memory/objects.ts";
import { failuresOf, readSample, recordOf } from "./sample-events.ts";
import { DIED } from "./stack-interface.ts";
import type { Line, Stack, StackSettings } from "./stack-interface.ts";

/** The batch of the samples in `events/`. */
export const SAMPLE_BATCH = "01KAJ5Q8W3M6Z1T4R7Y9C2V5XD";
/** The timeout of every function. */
export const TIMEOUT_MS = 60_000;
/** The memory of every function, in MB. */
export const MEMORY_MB = 1024;
const VISIBILITY_MS = TIMEOUT_MS + 30_000;
const BUNDLE = 10;

/** `larger`: the queue of the larger worker. */
type MemoryQueueName = QueueName | "larger";
const QUEUE_NAMES = ["coordinator", "worker", "larger", "join", "dead-letter"] as const;

interface Waiting {
  readonly body: string;
  readonly receives: number;
  readonly visibleAt: number;
}

/** As on AWS: only folders of inputs. */
function locators(bucket: string): [(url: string) => string, (url: string) => unknown] {
  const locate = locator(bucket, []);
  const nameOf = (url: string): string => {
    locate(url);
    return url;
  };
  return [nameOf, prefixLocator(bucket, [])];
}

/** `jobs`: `pump` delivers messages of the first one. */
export function memoryStack(
  jobs: readonly Job[],
  { direct = false, larger = false, tracer }: StackSettings = {},
): Stack {
  const ledger = memoryLedger();
  const queue = memoryQueue();
  const store = memoryStore(64);
  const clock = manualClock();
  const lines: Line[] = [];
  const counts = new Map<string, number>();
  const chunkTimes: number[] = [];
  const events: JsonObject[] = [];
  const waiting = new Map<MemoryQueueName, Waiting[]>();
  let tags = 0;
  let ids = 0;
  let running: MemoryQueueName | null = null;
  let died: PromiseWithResolvers<typeof DIED> | null = null;
  const [job] = jobs;
  if (!job) throw new Error("a stack has a job");
  const meter = createMeter(clock, MEMORY_MB);
  const bare: Ports = {
    ledger,
    queue: {
      async send(name, messages, { delayMs = 0 } = {}) {
        if (delayMs === 0) return queue.send(name, messages);
        for (const message of messages) put(name, JSON.stringify(message), 1, clock.now() + delayMs);
      },
    },
    store,
    objects: objectsIn(store, ...locators("shop-data")),
    clock,
    meter,
    tracer,
    newTag: () => `t${(tags++).toString(36).padStart(6, "0")}`,
  };
  const ports: Ports = withLeafHistory(bare, (error) => {
    throw error;
  });
  const say = (level: string) => (message: string, fields?: object) =>
    void lines.push({ level, message, fields: { ...fields } });
  const host: JoinHost = {
    ports,
    environment: {
      name: "shop",
      stack: "shop-stack",
      table: "shop-table",
      bucket: "shop-data",
      queueUrl: "https://sqs.us-east-1.amazonaws.com/000000000000/shop-coordinator",
      retentionDays: 30,
      readable: [],
      apiOrigins: [],
      jobs: new Map(jobs.map(({ name }) => [name, direct ? "invoke" : "sqs"])),
      larger: new Set(larger ? jobs.map(({ name }) => name) : []),
      job: null,
      code: null,
    },
    async describe(name, params) {
      const found = jobs.find((one) => one.name === name);
      if (!found) throw new Error(`there is no function of ${name}`);
      if (params !== undefined) await parseParams(found, params);
      return describeJob(found);
    },
    putEvent: async (detail) => void events.push(detail),
    meter,
    newBatch: () => `01NEW${String(++ids).padStart(4, "0")}`,
    random: () => 0,
    patienceMs: 0,
    log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
    count(metric, value = 1) {
      if (value > 0) counts.set(metric, (counts.get(metric) ?? 0) + value);
    },
    timeChunk: (ms) => void chunkTimes.push(ms),
  };

  const stack: Stack = {
    ledger,
    queue,
    store,
    clock,
    ports,
    host,
    lines,
    counts,
    chunkTimes,
    events,
    async submit(input, options = {}) {
      const createdAt = clock.now();
      const { chunk, concurrency, tolerate } = job.options;
      await submit(ports, {
        batch: SAMPLE_BATCH,
        job: job.name,
        input,
        params: null,
        chunk,
        concurrency,
        tolerate,
        createdAt,
        deadlineAt: createdAt + job.options.deadlineMs,
        jobFile: null,
        ...options,
      });
    },
    async invoke(handle, event) {
      died = Promise.withResolvers();
      const overAt = clock.now() + TIMEOUT_MS;
      const context = { getRemainingTimeInMillis: () => overAt - clock.now() };
      return Promise.race([handle(host)(event, context), died.promise]);
    },
    isLarger: () => running === "larger",
    die() {
      died?.resolve(DIED);
      return new Promise<never>(() => {});
    },
    async pump() {
      for (;;) {
        collect();
        if (await deliverSome()) continue;
        const times = [...waiting.values()].flat().map(({ visibleAt }) => visibleAt);
        if (times.length === 0) return;
        clock.advance(Math.max(0, Math.min(...times) - clock.now()));
      }
    },
    batch: (batch = SAMPLE_BATCH) => ledger.records.get(batchKey(batch)) ?? {},
    files: (batch) =>
      (stack.batch(batch)["result"] ?? {
        result: null,
        outputs: null,
        failed: null,
      }) as unknown as BatchFiles,
    failed(batch) {
      const { failed } = stack.files(batch);
      if (!failed) return [];
      const text = store.text(failed.name).trimEnd();
      return text.split("\n").map((line) => JSON.parse(line) as { readonly [field: string]: unknown });
    },
  };

  /** Makes sent messages visible. */
  function collect(): void {
    for (const name of ["coordinator", "worker", "join", "dead-letter"] as const) {
      for (const message of queue.take(name))
        put(larger && "larger" in message ? "larger" : name, JSON.stringify(message), 1);
    }
  }

  function put(name: MemoryQueueName, body: string, receives: number, visibleAt = clock.now()): void {
    waiting.set(name, [...(waiting.get(name) ?? []), { body, receives, visibleAt }]);
  }

  async function deliverSome(): Promise<boolean> {
    for (const name of QUEUE_NAMES) {
      const visible = (waiting.get(name) ?? []).filter(({ visibleAt }) => visibleAt <= clock.now());
      const bundle = visible.slice(0, name === "coordinator" || name === "join" ? 1 : BUNDLE);
      if (bundle.length === 0) continue;
      waiting.set(
        name,
        (waiting.get(name) ?? []).filter((one) => !bundle.includes(one)),
      );
      running = name;
      if ((name === "worker" || name === "larger") && direct) await deliverDirect(bundle);
      else await deliver(name, bundle);
      return true;
    }
    return false;
  }

  async function deliver(name: MemoryQueueName, bundle: readonly Waiting[]): Promise<void> {
    const startedAt = clock.now();
    const records = bundle.map(({ body, receives }, place) => recordOf(`m${place}`, body, receives));
    const failed = await failuresIn(name, { Records: records });
    bundle.forEach(({ body, receives }, place) => {
      if (!failed.has(`m${place}`)) return;
      if (name !== "dead-letter" && receives >= MAX_RECEIVES) put("dead-letter", body, 1);
      else put(name, body, receives + 1, startedAt + VISIBILITY_MS);
    });
  }

  async function failuresIn(name: MemoryQueueName, event: SQSEvent): Promise<ReadonlySet<string>> {
    const all = new Set(event.Records.map(({ messageId }) => messageId));
    if (name === "worker" || name === "larger") {
      const answer = await stack.invoke((one) => workerHandler(one, job as Job), event);
      return answer === DIED ? all : failuresOf(answer as SQSBatchResponse);
    }
    const handle = {
      coordinator: coordinatorHandler,
      join: (one: JoinHost) => joinHandler(one, job as Job),
      "dead-letter": deadLetterHandler,
    }[name];
    const answer = await stack.invoke(handle, event);
    if (answer === DIED) return all;
    const rejected = answer.flatMap((one, place) => {
      if (one.status === "fulfilled") return [];
      lines.push({ level: "error", message: String(one.reason), fields: {} });
      return [event.Records[place]?.messageId ?? ""];
    });
    return new Set(rejected);
  }

  async function deliverDirect(bundle: readonly Waiting[]): Promise<void> {
    const requestPayload = { messages: bundle.map(({ body }) => JSON.parse(body) as Json) };
    const answer = await stack
      .invoke((one) => workerHandler(one, job as Job), requestPayload)
      .catch(() => DIED);
    if (answer !== DIED) return;
    put(
      "dead-letter",
      JSON.stringify({ requestContext: { condition: "RetriesExhausted" }, requestPayload }),
      1,
    );
  }

  return stack;
}

export function sweep(stack: Stack): Promise<void> {
  return sweeperHandler(stack.host)(readSample("sweeper"), { getRemainingTimeInMillis: () => TIMEOUT_MS });
}
