/** How an engine takes over a batch that an earlier process left, and what it begins itself. */
import { expect, test } from "vitest";
import { readBatch } from "../../../src/batch/spec.ts";
import type { BatchSpec } from "../../../src/batch/spec.ts";
import { countDeath } from "../../../src/core/records/attempts/crash-journal.ts";
import { batchKey, generationOf } from "../../../src/core/records/batch/batch.ts";
import { ownerOf } from "../../../src/core/records/batch/owner.ts";
import type { ChunkMessage, Message } from "../../../src/core/records/message.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { ActiveBatches } from "../../../src/local/engine/active-batches.ts";
import { OwnedBatches } from "../../../src/local/engine/owned-batches.ts";
import type { OwnedBatchesContext } from "../../../src/local/engine/owned-batches.ts";
import { countingJob, lineJob } from "../../steps/jobs.ts";
import type { Process } from "../../steps/jobs.ts";
import { stage } from "../../steps/stage.ts";
import { BATCH } from "../../steps/stage-spec.ts";
import type { StageOptions } from "../../steps/stage-spec.ts";

const bad: Process = (n: number) => {
  if (n === 3) throw new TypeError("bad");
  return n;
};

interface Left {
  readonly jobFile?: string | null;
  readonly process?: Process;
  /** Whether the engine tells of the ends of its batches. */
  readonly tells?: boolean;
  readonly staged?: StageOptions;
}

/** A batch of an earlier process, whose chunks are sent, and an engine that is to own it. */
async function left({
  jobFile = "job.ts",
  process = bad,
  tells = true,
  staged = { job: countingJob(8, process, { tolerate: { percent: 100 } }), chunk: { items: 2 } },
}: Left = {}) {
  const one = await stage(staged);
  await one.submit();
  await one.step("coordinator");
  const write = (more: Fields): void =>
    void one.ledger.records.set(batchKey(BATCH), { ...one.batch(), ...more });
  if (jobFile !== null) write({ jobFile });
  const dormant: Message[] = one.queue.take("worker");
  const batches = new ActiveBatches();
  const events: unknown[] = [];
  const owned = new OwnedBatches({
    ports: one.ports,
    store: one.ports.store,
    batches,
    database: {
      committed: async () => void events.push("commit"),
      queue: { dormant: () => dormant, activate: (batch: string) => void events.push(["activate", batch]) },
    },
    threads: {
      loadJobOf: async (spec: BatchSpec) => (events.push(["load", spec.jobFile]), spec.jobFile && "the job"),
    },
    histories: {
      open: ({ batch }: BatchSpec, generation: number, { goesOn }: { goesOn: boolean }) =>
        void events.push(["history", batch, generation, goesOn]),
    },
    ends: {
      close: async (batch: string, fields: Fields) => void events.push(["close", batch, fields["state"]]),
      closeIfEnded: async (batch: string) => void events.push(["close if ended", batch]),
      notice: async (batch: string) => void events.push(["notice", batch]),
    },
    steering: { fit: (batch: string) => void events.push(["fit", batch]) },
    owner: "this process",
    tells,
    onJob: async (file: string, job: unknown) => void events.push(["job", file, job]),
  } as unknown as OwnedBatchesContext);
  /** Runs the batch to its end. */
  const end = async (): Promise<void> => {
    await one.queue.send("worker", dormant.splice(0));
    await one.pump();
  };
  const owner = async (batch = BATCH): Promise<string | null> =>
    ownerOf((await readBatch(one.ledger, batch)) ?? {});
  return { one, owned, batches, events, dormant, write, end, owner };
}

test("a batch that was left is taken up with its job, its messages and its history, and owned", async () => {
  const { owned, batches, events, owner } = await left();
  await owned.takeUp(BATCH);
  expect(events).toEqual([
    ["load", "job.ts"],
    ["job", "job.ts", "the job"],
    ["history", BATCH, 0, true],
    ["activate", BATCH],
    ["fit", BATCH],
  ]);
  expect([batches.ids(), await owner()]).toEqual([[BATCH], "this process"]);
});

test("a batch that is taken up twice is adopted once", async () => {
  const { owned, batches, events } = await left();
  await owned.takeUp(BATCH);
  const { ended } = batches.get(BATCH);
  events.length = 0;
  await owned.takeUp(BATCH);
  expect(events).toEqual([
    ["load", "job.ts"],
    ["job", "job.ts", "the job"],
  ]);
  expect(batches.get(BATCH).ended).toBe(ended);
});

test("a batch that has ended is closed: its job need not be there", async () => {
  const { owned, events, end, owner } = await left();
  await end();
  await owned.takeUp(BATCH);
  expect(events).toEqual([["close", BATCH, "completed-with-failures"]]);
  expect(await owner()).toBeNull();
});

test("a batch whose job file is not known is taken up without a job", async () => {
  const { owned, events } = await left({ jobFile: null });
  await owned.takeUp(BATCH);
  expect(events.slice(0, 2)).toEqual([
    ["load", null],
    ["history", BATCH, 0, true],
  ]);
});

test("a batch that nobody knows is not taken up, and cannot be cancelled", async () => {
  const { owned, batches } = await left();
  await expect(owned.takeUp("01NONE")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  await expect(owned.cancel("01NONE")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  expect(batches.ids()).toEqual([]);
});

test("chunks in whose attempts processes died are suspects from then on", async () => {
  const { owned, batches, dormant, one } = await left();
  const [first, second] = dormant as [ChunkMessage, ChunkMessage];
  for (let death = 0; death < 2; death++) await one.ledger.update(countDeath(second));
  await owned.takeUp(BATCH);
  expect([batches.isSuspect(first), batches.isSuspect(second)]).toEqual([false, true]);
});

test("a message that the plan does not have like that is refused, before anything runs", async () => {
  const { owned, dormant, events } = await left();
  dormant[1] = { ...(dormant[1] as ChunkMessage), end: 99 };
  await expect(owned.takeUp(BATCH)).rejects.toMatchObject({ code: "DIRECTORY_UNUSABLE" });
  expect(events).not.toContainEqual(["activate", BATCH]);
});

test("a batch that was left while it was to end is brought to its end", async () => {
  const { owned, one, write } = await left();
  one.queue.take("coordinator");
  write({ ending: "cancel" });
  await owned.takeUp(BATCH);
  expect(one.queue.take("coordinator")).toMatchObject([{ kind: "plan", batch: BATCH }]);
});

test("nothing is sent again of a batch that only goes on", async () => {
  const { owned, one } = await left();
  one.queue.take("coordinator");
  await owned.takeUp(BATCH);
  expect([one.queue.take("coordinator"), one.queue.take("worker")]).toEqual([[], []]);
});

test("a cancel takes the batch over without its job, interrupts it, and is durable", async () => {
  const { owned, events, owner } = await left();
  expect(await owned.cancel(BATCH)).toBe(true);
  expect(events).toEqual([
    ["history", BATCH, 0, true],
    ["activate", BATCH],
    ["fit", BATCH],
    ["notice", BATCH],
    "commit",
  ]);
  expect(await owner()).toBe("this process");
  expect(await owned.cancel(BATCH)).toBe(false);
});

test("a batch that is submitted is owned and durable, and may have ended by then", async () => {
  const { owned, one, batches, events, owner } = await left();
  await owned.submit({ ...one.spec, batch: "01NEW", tells: true });
  expect(events).toEqual([["history", "01NEW", 0, false], "commit", ["close if ended", "01NEW"]]);
  expect([batches.ids(), await owner("01NEW")]).toEqual([["01NEW"], "this process"]);
  expect(await readBatch(one.ledger, "01NEW")).toMatchObject({ tells: true });
});

test.for<[string, boolean, boolean]>([
  ["is only tried", true, false],
  ["tells nobody", false, true],
])("the end of a batch that %s is no news", async ([, tells, engineTells]) => {
  const { owned, one } = await left({ tells: engineTells });
  await owned.submit({ ...one.spec, batch: "01NEW", ...(tells ? { tells } : {}) });
  expect(await readBatch(one.ledger, "01NEW")).not.toHaveProperty("tells");
});

test("a redrive begins a new run of the batch, whose end can be awaited anew", async () => {
  const { owned, one, batches, events, end, owner } = await left();
  await owned.takeUp(BATCH);
  const before = batches.get(BATCH);
  await end();
  events.length = 0;
  expect(await owned.redrive(BATCH, null)).toBe(true);
  expect(events).toEqual([["history", BATCH, 1, false], "commit", ["close if ended", BATCH]]);
  expect(batches.get(BATCH).ended).not.toBe(before.ended);
  expect(batches.progress(BATCH).failedBefore).toBe(1);
  expect([generationOf(one.batch()), await owner()]).toEqual([1, "this process"]);
});

test("a redrive that finds nothing to do leaves the batch as it is", async () => {
  const { owned, batches, events, end } = await left({ process: (n: number) => n });
  await owned.takeUp(BATCH);
  const before = batches.get(BATCH);
  await end();
  events.length = 0;
  expect(await owned.redrive(BATCH, null)).toBe(false);
  expect([events, batches.get(BATCH) === before]).toEqual([[], true]);
});

const fails: Process = () => {
  throw new TypeError("bad");
};
/** A batch over a file, `in/in.txt`, whose items fail. */
const overFile = (): StageOptions => {
  return { job: lineJob(fails, { tolerate: { percent: 100 } }), inputs: { "in.txt": "one\ntwo\n" } };
};

test("a redrive is refused where the input is not the one of the batch", async () => {
  const { owned, one, end } = await left({ staged: overFile() });
  await end();
  one.store.put("in/in.txt", "another\n");
  await expect(owned.redrive(BATCH, null)).rejects.toMatchObject({ code: "INPUT_CHANGED" });
  await expect(owned.redrive("01NONE", null)).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  expect(generationOf(one.batch())).toBe(0);
});

test("a batch is taken up with its own input only, unless it reads none any more", async () => {
  const { owned, one, write, events } = await left({ staged: overFile() });
  one.store.put("in/in.txt", "another\n");
  await expect(owned.takeUp(BATCH)).rejects.toMatchObject({ code: "INPUT_CHANGED" });
  expect(events).toEqual([]);
  write({ ending: "cancel" });
  await owned.takeUp(BATCH);
  expect(events).toContainEqual(["activate", BATCH]);
  const ended = await left({ staged: overFile() });
  await ended.end();
  ended.one.store.put("in/in.txt", "another\n");
  await ended.owned.takeUp(BATCH);
  expect(ended.events).toEqual([["close", BATCH, "completed-with-failures"]]);
});
