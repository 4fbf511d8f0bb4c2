import { describe, expect, test } from "vitest";
import { coordinatorHandler } from "../../functions/coordinator.ts";
import { FanjoinError } from "../../src/core/errors/errors.ts";
import { hasEnded } from "../../src/core/records/batch/batch.ts";
import type { Fields } from "../../src/core/records/record.ts";
import { files } from "../../src/input/files.ts";
import { lines } from "../../src/input/lines.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";
import { countingJob, inOrder } from "../steps/jobs.ts";
import { SAMPLE_BATCH, memoryStack } from "./stack/stack.ts";
import { GENERATED, integers } from "./stack/inputs.ts";
import { sample } from "./stack/sample-events.ts";
import type { Stack } from "./stack/stack-interface.ts";

const ETAG = "d41d8cd98f00b204e9800998ecf8427e";

function numbers(definition: Partial<Job> = {}): Job {
  const job = defineJob({
    name: "numbers",
    input: lines(),
    process: (line) => line,
    join: { order: inOrder },
  });
  return { ...job, ...definition };
}

/** A stack whose objects have the ETag of the sample events. */
function uploads(objects: { readonly [key: string]: string }, job = numbers()): Stack {
  const stack = memoryStack([job]);
  for (const [key, text] of Object.entries(objects)) stack.store.put(`s3://shop-data/${key}`, text);
  const stat = stack.store.stat.bind(stack.store);
  const read = stack.store.read.bind(stack.store);
  Object.assign(stack.store, {
    async stat(name: string) {
      const found = await stat(name);
      return found && name.startsWith("s3:") ? { ...found, version: `"${ETAG}"` } : found;
    },
    read: (name: string, start: number, end: number) => read(name, start, end),
  });
  return stack;
}

/** Looks at objects whose names match fail, until the returned function is called. */
function failStat(stack: Stack, names: RegExp, error: Error): () => void {
  const works = stack.store.stat.bind(stack.store);
  const fails = async (name: string): ReturnType<typeof works> => {
    if (names.test(name)) throw error;
    return works(name);
  };
  Object.assign(stack.store, { stat: fails });
  return () => void Object.assign(stack.store, { stat: works });
}

/** Runs a sample event; returns the outcome of each record. */
async function run(stack: Stack, name: string): Promise<string[]> {
  const results = await stack.invoke(coordinatorHandler, sample(name));
  return (results as PromiseSettledResult<void>[]).map(({ status }) => status);
}

function batches(stack: Stack): Fields[] {
  return [...stack.ledger.records].flatMap(([key, fields]) => (key.startsWith("batch/") ? [fields] : []));
}

const resultOf = (stack: Stack, batch: string): unknown =>
  JSON.parse(stack.store.text(stack.files(batch).result?.name ?? ""));

describe("the coordinator", () => {
  test("plans a batch", async () => {
    const stack = memoryStack([countingJob(10)]);
    await stack.submit(integers(10), { chunk: { items: 4, bytes: null } });
    expect(await run(stack, "coordinator")).toEqual(["fulfilled"]);
    expect(stack.queue.take("worker")).toMatchObject([{ chunk: 0 }, { chunk: 1 }, { chunk: 2 }]);
  });

  test("does nothing for a batch that no longer exists", async () => {
    expect(await run(memoryStack([countingJob(10)]), "coordinator")).toEqual(["fulfilled"]);
  });

  test("fails a body that it cannot read: it becomes a dead letter", async () => {
    expect(await run(memoryStack([countingJob(10)]), "coordinator-malformed")).toEqual(["rejected"]);
  });

  test("sends a batch of generated items on to the function with the job's code", async () => {
    const stack = memoryStack([countingJob(10)]);
    await stack.submit(GENERATED);
    await run(stack, "coordinator");
    expect(stack.queue.take("join")).toEqual([{ kind: "plan", batch: SAMPLE_BATCH, entry: 0 }]);
    expect(stack.queue.waiting("worker")).toBe(0);
  });
});

describe("an upload", () => {
  test("is a batch", async () => {
    const stack = uploads({ "uploads/numbers/november.txt": "1\n2\n3\n" });
    expect(await run(stack, "coordinator-upload")).toEqual(["fulfilled"]);
    await stack.pump();
    expect(batches(stack)).toMatchObject([{ job: "numbers", state: "succeeded", totals: { succeeded: 3 } }]);
    expect(resultOf(stack, "01NEW0001")).toEqual({ order: "1,2,3," });
    expect(stack.counts.get("BatchesStarted")).toBe(1);
  });

  test("is one batch, however often its event is delivered", async () => {
    const stack = uploads({ "uploads/numbers/november.txt": "1\n2\n3\n" });
    await run(stack, "coordinator-upload");
    await run(stack, "coordinator-upload");
    await stack.pump();
    await run(stack, "coordinator-upload");
    await stack.pump();
    expect(batches(stack)).toHaveLength(1);
    expect(batches(stack)).toMatchObject([{ state: "succeeded", totals: { succeeded: 3 } }]);
  });

  test("keeps its name, whatever characters it has", async () => {
    const key = "uploads/numbers/my sales (1)+2/café %.txt";
    const stack = uploads({ [key]: "1\n" });
    await run(stack, "coordinator-upload-encoded");
    expect(batches(stack)[0]?.["input"]).toMatchObject({
      sources: [{ name: `s3://shop-data/${key}`, label: "my sales (1)+2/café %.txt" }],
    });
  });

  test("is told from others in its event, and from folders, removals and other objects", async () => {
    const stack = uploads({
      "uploads/numbers/a.txt": "1\n",
      "uploads/numbers/b.txt": "2\n",
      "uploads/numbers/folder/": "",
      "uploads/unknown-job/a.txt": "1\n",
      "uploads/stray.txt": "1\n",
      "elsewhere/numbers/a.txt": "1\n",
    });
    expect(await run(stack, "coordinator-upload-several")).toEqual(["fulfilled"]);
    await stack.pump();
    expect(batches(stack)).toHaveLength(2);
    expect(
      stack.lines.flatMap(({ fields }) => ("ignored" in fields ? [[fields["key"], fields["ignored"]]] : [])),
    ).toEqual([
      ["uploads/numbers/folder/", "it is a folder"],
      ["uploads/unknown-job/a.txt", "this stack has no job unknown-job"],
      ["uploads/stray.txt", "it is not below uploads/<job>/"],
      ["elsewhere/numbers/a.txt", "it is not below uploads/"],
      ["uploads/numbers/gone.txt", "the object no longer exists"],
    ]);
  });

  test("without a byte is a batch of no items", async () => {
    const stack = uploads({ "uploads/numbers/november.txt": "" });
    await run(stack, "coordinator-upload");
    await stack.pump();
    expect(batches(stack)).toMatchObject([{ state: "succeeded", totals: { chunks: 0, succeeded: 0 } }]);
  });

  test("that has been replaced is left to the event of its replacement", async () => {
    const stack = uploads({ "uploads/numbers/november.txt": "1\n" });
    Object.assign(stack.store, { stat: async () => ({ bytes: 2, version: '"other"' }) });
    await run(stack, "coordinator-upload");
    expect(batches(stack)).toEqual([]);
  });

  test("for a job that needs params is a batch that has failed with that reason", async () => {
    const validate = (value: unknown): object =>
      value === null ? { issues: [{ message: "is needed", path: ["year"] }] } : { value };
    const params = { "~standard": { version: 1, vendor: "test", validate } } as unknown as Job["params"];
    const stack = uploads({ "uploads/numbers/november.txt": "1\n2\n3\n" }, numbers({ params }));
    await run(stack, "coordinator-upload");
    await run(stack, "coordinator-upload");
    await stack.pump();
    expect(batches(stack)).toMatchObject([
      { state: "failed", error: { code: "JOB_INVALID", message: expect.stringContaining("year") as string } },
    ]);
    expect(stack.counts.has("ChunksSettled")).toBe(false);
  });

  test("for a job that brings its own items is a batch that has failed with that reason", async () => {
    const stack = uploads({ "uploads/counting/a.txt": "1\n" }, { ...countingJob(5), name: "numbers" });
    stack.store.put("s3://shop-data/uploads/numbers/november.txt", "1\n");
    await run(stack, "coordinator-upload");
    await stack.pump();
    expect(batches(stack)).toMatchObject([{ state: "failed", error: { code: "INPUT_INVALID" } }]);
  });

  test("for a job that takes whole files is a batch of that file", async () => {
    const job = defineJob({
      name: "numbers",
      input: files(),
      process: ({ name }) => name,
      join: { order: inOrder },
    });
    const stack = uploads({ "uploads/numbers/november.txt": "1\n" }, job);
    await run(stack, "coordinator-upload");
    await stack.pump();
    expect(batches(stack)).toMatchObject([{ state: "succeeded", totals: { succeeded: 1 } }]);
  });

  test("whose job cannot be asked is tried again", async () => {
    const stack = uploads({ "uploads/numbers/november.txt": "1\n" });
    Object.assign(stack.host, { describe: () => Promise.reject(new Error("throttled")) });
    expect(await run(stack, "coordinator-upload")).toEqual(["rejected"]);
    expect(batches(stack).filter((one) => !hasEnded(one))).toEqual([]);
  });

  test.for([
    ["wrapped by SNS", "coordinator-upload-sns"],
    ["from SNS with raw delivery", "coordinator-upload-sns-raw"],
    ["of EventBridge, wrapped by SNS", "coordinator-upload-sns-eventbridge"],
  ] as const)("is a batch by an event %s, once", async ([, event]) => {
    const stack = uploads({ "uploads/numbers/november.txt": "1\n2\n3\n" });
    for (const _ of [1, 2]) expect(await run(stack, event)).toEqual(["fulfilled"]);
    await stack.pump();
    expect(batches(stack)).toMatchObject([{ job: "numbers", state: "succeeded", totals: { succeeded: 3 } }]);
    expect(stack.lines.filter(({ level }) => level !== "info")).toEqual([]);
  });

  test("is a batch by an event of EventBridge, where keys are not encoded", async () => {
    const key = "uploads/numbers/my sales (1)+2/café %20.txt";
    const stack = uploads({ [key]: "1\n" });
    for (const _ of [1, 2]) await run(stack, "coordinator-upload-eventbridge");
    await stack.pump();
    expect(batches(stack)).toMatchObject([
      { state: "succeeded", input: { sources: [{ name: `s3://shop-data/${key}` }] } },
    ]);
  });

  test("in a foreign bucket is ignored and logged, and its neighbours start", async () => {
    const stack = uploads({ "uploads/numbers/a.txt": "1\n" });
    stack.store.put("s3://prices-data/uploads/numbers/b.txt", "2\n");
    Object.assign(stack.host.environment, { readable: ["prices-data"] });
    // As the store does.
    failStat(stack, /^s3:\/\/others-data\//, new FanjoinError("INPUT_FORBIDDEN", "another bucket"));
    expect(await run(stack, "coordinator-upload-foreign")).toEqual(["fulfilled", "fulfilled"]);
    await stack.pump();
    expect(batches(stack)).toMatchObject([{ state: "succeeded" }, { state: "succeeded" }]);
    const ignored = "the bucket others-data is neither the stack's own nor one of its readableBuckets";
    expect(stack.lines.flatMap(({ fields }) => fields["ignored"] ?? [])).toEqual([ignored, ignored]);
  });

  test("that S3 refuses to show is ignored and logged, and its neighbours start", async () => {
    const stack = uploads({ "uploads/numbers/a.txt": "1\n", "uploads/numbers/b.txt": "1\n" });
    const refused = new FanjoinError("INPUT_FORBIDDEN", "S3 does not let this stack read it");
    failStat(stack, /a\.txt$/, refused);
    expect(await run(stack, "coordinator-upload-several")).toEqual(["fulfilled"]);
    expect(batches(stack)).toHaveLength(1);
    expect(stack.lines.map(({ fields }) => fields["ignored"])).toContain(refused.message);
  });

  test("that cannot be looked up for now comes again, and its neighbours start at once and once", async () => {
    const stack = uploads({ "uploads/numbers/a.txt": "1\n", "uploads/numbers/b.txt": "1\n" });
    const mend = failStat(stack, /a\.txt$/, new Error("slow down"));
    expect(await run(stack, "coordinator-upload-several")).toEqual(["rejected"]);
    expect(batches(stack)).toHaveLength(1);
    mend();
    expect(await run(stack, "coordinator-upload-several")).toEqual(["fulfilled"]);
    expect(batches(stack)).toHaveLength(2);
  });

  test("is told from records that cannot be understood, which are logged", async () => {
    const stack = uploads({ "uploads/numbers/a.txt": "1\n" });
    expect(await run(stack, "coordinator-upload-unreadable")).toEqual(["fulfilled", "fulfilled"]);
    expect(batches(stack)).toHaveLength(1);
    const logged = stack.lines.filter(({ message }) => message === "record of an event ignored");
    expect(logged.map(({ fields }) => fields["reason"])).toEqual([
      'the key "uploads/numbers/%E0%A4%A.txt" is not encoded as S3 encodes keys',
      "it lacks its bucket, or its object",
      "ObjectRemoved:Delete is not the creation of an object",
      "it is not an event of S3",
      "it is not an object",
      "Object Deleted is not the creation of an object",
    ]);
    expect(logged.every(({ fields }) => "messageId" in fields && "record" in fields)).toBe(true);
  });

  test("does not start from S3's test event", async () => {
    const stack = uploads({});
    expect(await run(stack, "coordinator-test-event")).toEqual(["fulfilled"]);
    expect(batches(stack)).toEqual([]);
  });
});
