/** Following a batch that the test controls. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import { LogDisplay } from "../../../src/cli/display/progress/log-display.ts";
import { followBatch } from "../../../src/cli/follow/follow-batch.ts";
import type { Following } from "../../../src/cli/follow/follow-batch.ts";
import type { CommandPlace } from "../../../src/cli/place.ts";
import type { Batch, Fanjoin, FollowOptions, Seen } from "../../../src/door/fanjoin.ts";

const UNFINISHED: BatchSummary = {
  batch: "01K",
  job: "numbers",
  state: "running",
  items: { total: null, succeeded: 1, failed: 0, skipped: null },
  chunks: { total: null, settled: 1, skipped: 0 },
  damaged: 0,
  createdAt: "2026-11-29T12:00:00.000Z",
  endedAt: null,
  seconds: null,
  result: null,
  outputs: null,
  failed: null,
  error: null,
};
const ENDED: BatchSummary = { ...UNFINISHED, state: "succeeded", endedAt: "2026-11-29T12:00:01.000Z" };
const SEEN: Seen = { totals: { succeeded: 1, failed: 0, units: 1 }, units: 1 };

interface Faked {
  readonly following: Following;
  readonly signal: () => AbortSignal | undefined;
}

interface Behaviour {
  /** What the batch shows, in place of one look at it. */
  readonly progress?: () => AsyncIterable<Seen>;
  /** Summaries, one for each question; the last one stays. */
  readonly summaries?: readonly BatchSummary[];
  readonly begin?: () => Promise<Batch>;
  readonly close?: () => Promise<void>;
}

async function* once(): AsyncGenerator<Seen> {
  yield SEEN;
}

/** A batch of this process, with the behaviour that a test gives it. */
function faked({ progress = once, summaries = [ENDED], begin, close = nothing }: Behaviour): Faked {
  const answers = [...summaries];
  let watched: AbortSignal | undefined;
  const batch = {
    id: "01K",
    job: "numbers",
    summary: async () => (answers.length > 1 ? answers.shift() : answers[0]),
    progress(options: FollowOptions) {
      watched = options.signal;
      return progress();
    },
    async *read() {},
  } as unknown as Batch;
  const fanjoin = { close, isWorkedOn: () => false } as unknown as Fanjoin;
  const place: CommandPlace = {
    fanjoin,
    runsHere: true,
    keepReport: async ({ batch }) => void kept.push(batch),
    goesOnElsewhere: async () => false,
    log: new LogDisplay(),
    find: async () => batch,
    command: (rest) => `fanjoin ${rest}`,
    [Symbol.asyncDispose]: async () => {},
    resumeCommand: async () => "fanjoin resume 01K",
  };
  const start = begin ?? (async () => batch);
  const following = { place, begin: start, announce: "if it runs", here: true } as const;
  return { following, signal: () => watched };
}

async function nothing(): Promise<void> {}

async function* unending(): AsyncGenerator<Seen> {
  yield SEEN;
  await never();
}

const STOPPED = "stopping… (press Ctrl-C again to stop at once)\n";
const LEFT = "interrupted, nothing is lost. To continue:\n  fanjoin resume 01K\n";
const never = (): Promise<never> => new Promise(() => {});
const printed: string[] = [];
/** Batches whose report was to be kept. */
const kept: string[] = [];
const said: string[] = [];
const { exitCode } = process;

beforeEach(() => {
  printed.length = 0;
  kept.length = 0;
  said.length = 0;
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(console, "error").mockImplementation((text) => void said.push(`${String(text)}\n`));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = exitCode;
});

test("an ended batch is reported with its exit code, and its directory is free", async () => {
  const close = vi.fn<() => Promise<void>>(nothing);
  const { following, signal } = faked({ close });
  expect(await followBatch(following, { json: true })).toBe(0);
  expect(printed.map((text) => JSON.parse(text) as unknown)).toEqual([ENDED]);
  expect(said).toEqual(["numbers: batch 01K runs\n"]);
  expect(signal()?.aborted).toBe(true);
  expect(close).toHaveBeenCalledOnce();
});

test("the report of a batch is kept where it ran, unless its run was a part of an experiment", async () => {
  await followBatch({ ...faked({}).following, here: false }, { json: true });
  await followBatch(faked({}).following, { json: true }, async () => 0);
  expect(kept).toEqual([]);
  await followBatch(faked({}).following, { json: true });
  expect(kept).toEqual(["01K"]);
});

test("a batch that had ended before is reported, and not announced", async () => {
  const { following } = faked({ progress: async function* () {} });
  expect(await followBatch(following, { json: true })).toBe(0);
  expect(said).toEqual([]);
});

test("a batch that no process runs is left with advice and exit code 130", async () => {
  const { following } = faked({ summaries: [UNFINISHED] });
  const elsewhere = { ...following, here: false };
  expect(await followBatch(elsewhere, { quiet: true })).toBe(130);
  expect(printed).toEqual([]);
  expect(said).toEqual(["no process runs batch 01K. To continue it:\n  fanjoin resume 01K\n"]);
});

test("a batch elsewhere is left with the summary that was seen last", async () => {
  const seen = { ...SEEN, summary: UNFINISHED };
  const { following } = faked({
    summaries: [UNFINISHED],
    progress: async function* () {
      yield seen;
    },
  });
  expect(await followBatch({ ...following, here: false }, { json: true, quiet: true })).toBe(130);
  expect(printed.map((text) => JSON.parse(text) as unknown)).toEqual([UNFINISHED]);
});

test("Ctrl-C ends the watching and leaves the batch", async () => {
  const listeners = process.listenerCount("SIGINT");
  const { following, signal } = faked({
    summaries: [UNFINISHED],
    progress() {
      setTimeout(() => process.emit("SIGINT"), 0);
      return unending();
    },
  });
  expect(await followBatch(following, { quiet: true })).toBe(130);
  expect(printed).toEqual([]);
  expect(said).toEqual([STOPPED, LEFT]);
  expect(signal()?.aborted).toBe(true);
  // For the second Ctrl-C, until the process ends.
  expect(process.listenerCount("SIGINT")).toBe(listeners + 1);
});

test("Ctrl-C before the batch has begun does not watch it", async () => {
  const { promise, reject } = Promise.withResolvers<Batch>();
  const close = async (): Promise<void> => reject(new Error("closed"));
  const { following, signal } = faked({ begin: () => promise, close });
  setTimeout(() => process.emit("SIGINT"), 0);
  expect(await followBatch(following, { json: true })).toBe(130);
  expect(printed).toEqual([]);
  expect(said).toEqual([STOPPED, "interrupted: no batch was started\n"]);
  expect(signal()).toBeUndefined();
});

test("a batch that was submitted while Ctrl-C was pressed is named", async () => {
  const { promise, resolve } = Promise.withResolvers<Batch>();
  const { following } = faked({ summaries: [UNFINISHED], begin: () => promise });
  const batch = await following.place.find("01K");
  const close = async (): Promise<void> => resolve(batch);
  const place = { ...following.place, fanjoin: { ...following.place.fanjoin, close } };
  setTimeout(() => process.emit("SIGINT"), 0);
  expect(await followBatch({ ...following, place }, { json: true })).toBe(130);
  expect(printed.map((text) => JSON.parse(text) as unknown)).toEqual([UNFINISHED]);
  expect(said).toEqual([STOPPED, LEFT]);
});

test("a batch that cannot begin throws its own error", async () => {
  const { following } = faked({ begin: () => Promise.reject(new Error("the job file does not exist")) });
  await expect(followBatch(following, {})).rejects.toThrow("the job file does not exist");
  expect(said).toEqual([]);
});

test.for<[string, Behaviour]>([
  [
    "watching",
    {
      summaries: [UNFINISHED],
      async *progress() {
        yield SEEN;
        throw new Error("disk full");
      },
    },
  ],
  ["leaving", { summaries: [UNFINISHED], close: () => Promise.reject(new Error("disk full")) }],
])(
  "after an error of %s the user is told how to go on, with the last summary as JSON",
  async ([, behaviour]) => {
    const { following } = faked(behaviour);
    await expect(followBatch(following, { json: true, quiet: true })).rejects.toMatchObject({
      name: "BatchStopped",
      cause: { message: "disk full" },
    });
    expect(printed.map((text) => JSON.parse(text) as unknown)).toEqual([UNFINISHED]);
  },
);
