/** Following a batch, with a source that the test controls. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary.ts";
import type { ProgressDisplay } from "../../../src/cli/display/progress-display.ts";
import { followBatch } from "../../../src/cli/follow/follow-batch.ts";
import type { BatchSource, EndedBatch } from "../../../src/cli/follow/follow-batch.ts";

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
const PROGRESS = { totals: { succeeded: 1, failed: 0, units: 1 }, units: 1 };

interface Watched {
  readonly source: BatchSource;
  readonly signal: () => AbortSignal | undefined;
}

/** A source whose `watch` is given. It leaves with `UNFINISHED`. */
function sourceOf(
  watch: (display: ProgressDisplay) => Promise<EndedBatch | null>,
  leave: BatchSource["leave"] = async () => ({ summary: UNFINISHED, advice: "resume it" }),
): Watched {
  let watched: AbortSignal | undefined;
  const source: BatchSource = {
    batch: "01K",
    job: "numbers",
    announce: true,
    read: async function* () {},
    async watch(display, signal) {
      watched = signal;
      return watch(display);
    },
    leave,
    explain: async (cause) => ({ error: new Error("stopped", { cause }), summary: UNFINISHED }),
  };
  return { source, signal: () => watched };
}

const never = (): Promise<never> => new Promise(() => {});
const printed: string[] = [];
const said: string[] = [];
const { exitCode } = process;

beforeEach(() => {
  printed.length = 0;
  said.length = 0;
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(console, "error").mockImplementation((text) => void said.push(`${String(text)}\n`));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = exitCode;
});

test("an ended batch is reported with its exit code", async () => {
  const { source, signal } = sourceOf(async () => ({ progress: PROGRESS, summarize: async () => ENDED }));
  expect(await followBatch(source, { json: true })).toBe(0);
  expect(printed.map((text) => JSON.parse(text) as unknown)).toEqual([ENDED]);
  expect(said).toEqual(["numbers: batch 01K runs\n"]);
  expect(signal()?.aborted).toBe(true);
});

test("a batch that no process runs is left with advice and exit code 130", async () => {
  const { source } = sourceOf(async () => null);
  expect(await followBatch(source, { json: true, quiet: true })).toBe(130);
  expect(printed.map((text) => JSON.parse(text) as unknown)).toEqual([UNFINISHED]);
  expect(said).toEqual(["resume it\n"]);
});

test("Ctrl-C ends the watching and leaves the batch", async () => {
  const listeners = process.listenerCount("SIGINT");
  const { source, signal } = sourceOf(async () => {
    setTimeout(() => process.emit("SIGINT"), 0);
    return never();
  });
  expect(await followBatch(source, { quiet: true })).toBe(130);
  expect(printed).toEqual([]);
  expect(said).toEqual(["resume it\n"]);
  expect(signal()?.aborted).toBe(true);
  expect(process.listenerCount("SIGINT")).toBe(listeners);
});

test("Ctrl-C before the batch has begun does not watch it", async () => {
  const { source, signal } = sourceOf(never, async () => ({ summary: null, advice: "no batch was started" }));
  setTimeout(() => process.emit("SIGINT"), 0);
  expect(await followBatch(source, { json: true }, never())).toBe(130);
  expect(printed).toEqual([]);
  expect(said).toEqual(["no batch was started\n"]);
  expect(signal()).toBeUndefined();
});

test("a batch that cannot begin throws its own error", async () => {
  const { source } = sourceOf(never);
  const begun = Promise.reject(new Error("the job file does not exist"));
  await expect(followBatch(source, {}, begun)).rejects.toThrow("the job file does not exist");
  expect(said).toEqual([]);
});

test.for<[string, BatchSource["watch"], BatchSource["leave"]]>([
  ["watching", () => Promise.reject(new Error("disk full")), never],
  ["leaving", async () => null, () => Promise.reject(new Error("disk full"))],
])("an error of %s is explained by the source, with the last summary as JSON", async ([, watch, leave]) => {
  const { source } = sourceOf(() => watch({} as ProgressDisplay, new AbortController().signal), leave);
  await expect(followBatch(source, { json: true, quiet: true })).rejects.toMatchObject({
    message: "stopped",
    cause: { message: "disk full" },
  });
  expect(printed.map((text) => JSON.parse(text) as unknown)).toEqual([UNFINISHED]);
});
