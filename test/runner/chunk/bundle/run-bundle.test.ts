/** The chunks of a bundle: who goes on, who is given back, and what they share. */
import { expect, test } from "vitest";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import { csv } from "../../../../src/input/csv.ts";
import { defineJob } from "../../../../src/job/job.ts";
import type { Job } from "../../../../src/job/job.ts";
import { count } from "../../../../src/joins/exact/count.ts";
import { loadBody } from "../../../../src/runner/contribution/body.ts";
import type { ObjectStore } from "../../../../src/ports.ts";
import type { LimitSource } from "../../../../src/runner/limits/runner-limits.ts";
import { countingJob } from "../../../steps/jobs.ts";
import { stage } from "../../../steps/stage.ts";
import { chunkRuns } from "../chunk-runs.ts";

/** Room for so many calls; then the next one has to wait until `until`. */
function roomFor(calls: number, until: number): { readonly limits: LimitSource; asked: number } {
  const room = { limits: {} as LimitSource, asked: 0 };
  room.limits = {
    limitsOf: () => ({ inFlight: 1 }),
    leasesOf: () => {
      throw new Error("there is no rate");
    },
    inFlightOf: () => ({
      take: async (_, leaves) => ++room.asked <= calls || !leaves(until),
      free: () => undefined,
    }),
    leaseMs: 1,
    postpones: true,
  };
  return room;
}

const LATER = 60_000;

test.each([1, 3])(
  "chunks whose calls would have to wait are given back, and the reply says until when (%i at once)",
  async (concurrency) => {
    const ran: number[] = [];
    const process = async (n: number): Promise<void> => void ran.push(n);
    const job = countingJob(8, process, { concurrency });
    const room = roomFor(4, LATER);
    const it = await chunkRuns({ job: { ...job, join: null }, chunk: { items: 2 } }, { limits: room.limits });
    const { done, laterAt } = await it.run();
    expect(done.map(({ child }) => child)).toEqual([0, 1]);
    expect(laterAt).toBeGreaterThanOrEqual(LATER);
    // One by one, no chunk behind it asks for a call; else all that have begun do.
    expect(room.asked).toBeGreaterThanOrEqual(5);
    expect(room.asked).toBeLessThanOrEqual(concurrency === 1 ? 5 : 8);
    expect([ran, it.open()]).toEqual([
      [0, 1, 2, 3],
      [0, 0],
    ]);
  },
);

test("where all calls have room, nothing comes later", async () => {
  const it = await chunkRuns(
    { job: countingJob(8), chunk: { items: 2 } },
    { limits: roomFor(8, LATER).limits },
  );
  const reply = await it.run();
  expect(reply.done).toHaveLength(4);
  expect(reply).not.toHaveProperty("laterAt");
});

/** Ten chunks of rows in one bundle, from a store that counts its reads. */
async function rowsRead(isRemote: boolean, interruptedAt = Infinity) {
  let items = 0;
  const process = (): void => {
    if (++items === interruptedAt) it.is.interrupted = true;
  };
  const job = defineJob({ name: "rows", input: csv(), process, join: count() }) as Job;
  const inputs = { a: `id,note\n${"1,fine\n".repeat(400)}` };
  const options = { job, inputs, chunk: { items: 40 } };
  const one = await stage(options);
  const reads = { begun: 0, open: 0 };
  const store: ObjectStore = {
    ...one.ports.store,
    of: () => store,
    remote: () => isRemote,
    async *read(...asked) {
      reads.begun++;
      reads.open++;
      try {
        yield* one.ports.store.read(...asked);
      } finally {
        reads.open--;
      }
    },
  };
  const it = await chunkRuns(options, { store });
  const { done } = await it.run();
  return { ...reads, done: done.length };
}

test("chunks that lie side by side in an object of a remote store share its requests", async () => {
  const local = await rowsRead(false);
  const remote = await rowsRead(true);
  expect([local.done, remote.done]).toEqual([10, 10]);
  expect(remote.begun).toBeLessThan(local.begun / 2);
});

test("no read of a bundle stays open when it is interrupted", async () => {
  expect(await rowsRead(true, 100)).toMatchObject({ done: 2, open: 0 });
});

test("a reproduced chunk is read from its own text, at the place that it had in its source", async () => {
  const places: unknown[] = [];
  const job = defineJob({
    name: "rows",
    input: csv<"id" | "note">(),
    retries: 0,
    process({ id }: { readonly id: string }, { position, key }) {
      places.push([id, position, key]);
      if (id === "4") throw new Error("no");
    },
  }) as Job;
  // The rows 3 and 4 of a source of a thousand bytes, in a file of their own.
  const rows = "3,c\n4,d\n";
  const it = await chunkRuns({ job, inputs: { a: rows } });
  const source = {
    source: 7,
    label: "whole.csv",
    size: 1000,
    head: Buffer.from("id,note\n").toString("base64"),
  };
  const text = { at: 100, bytes: rows.length };
  const place = {
    chunk: 5,
    source: 7,
    start: 100,
    end: 108,
    spooled: false,
    before: { items: 2, lines: 3 },
    text,
  };
  const spec: BatchSpec = {
    ...it.one.spec,
    input: { ...it.one.spec.input, sources: [{ ...it.one.spec.input.sources[0]!, label: "whole.csv" }] },
    reproduces: { batch: "01OLD", sources: [source], chunks: [{ ...place, offset: 0 }] },
  };
  const [message] = it.chunks;
  const chunks = [{ ...message!, start: 100, end: 108 }];
  const again = await chunkRuns({ job, inputs: { a: rows } });
  Object.assign(again.chunks, chunks);
  const { done, body } = await again.run(null, spec);
  expect(done).toMatchObject([{ totals: { succeeded: 1, failed: 1, units: 8 } }]);
  // A failed item counts from what came before the chunk in its source.
  const { failed } = (body && (await loadBody(again.one.store, body)))?.[0] ?? {};
  expect(failed).toMatchObject([{ base: { items: 2, lines: 3, anchored: true } }]);
  expect(places).toEqual([
    ["3", { source: "whole.csv", chunk: 5, index: 0, offset: 100 }, "01OLD-7-100"],
    ["4", { source: "whole.csv", chunk: 5, index: 1, offset: 104 }, "01OLD-7-104"],
  ]);
});
