/** A bundle that runs is recorded from what its thread tells, and whoever listens is told of it, too. */
import { expect, test } from "vitest";
import type { ChunksEvents, ChunksReply } from "../../../../src/runner/runner.ts";
import { recorded } from "../../../../src/local/engine/history/recorded.ts";
import { chunk, recording, timelineOf, totals } from "./recording.ts";

const REPLY: ChunksReply = { body: null, done: [{ child: 1, totals: totals() }] };
const PART: ChunksReply = { body: null, done: [{ child: 0, totals: totals() }] };
const CHUNKS = { chunks: [chunk(0), chunk(1), chunk(2)] };

/** A listener, and what it was told. */
function listening(): { events: ChunksEvents; told: unknown[] } {
  const told: unknown[] = [];
  const events: ChunksEvents = {
    onThread: (thread) => told.push(["thread", thread]),
    onPart: (part) => told.push(["part", part]),
    onDraining: () => told.push("draining"),
  };
  return { events, told };
}

/** Tells all that there is to tell. */
async function telling({ onThread, onPart, onDraining }: ChunksEvents): Promise<ChunksReply> {
  onThread?.(7);
  onPart?.(PART);
  onDraining?.();
  return REPLY;
}

test("a bundle is recorded in the lane of its thread, and all that it tells is passed on", async () => {
  const recorder = recording({ start: 0 });
  const { events, told } = listening();
  expect(await recorded(recorder, CHUNKS, events, telling)).toBe(REPLY);
  expect(told).toEqual([["thread", 7], ["part", PART], "draining"]);
  const { lanes, marks } = timelineOf(recorder, Date.now());
  expect(lanes).toEqual(["thread 7"]);
  // The third chunk was interrupted: it is neither done nor lost, and does not run any more.
  expect(marks.map(([, , , kind, number]) => [kind, number])).toEqual([
    ["succeeded", 0],
    ["succeeded", 1],
  ]);
  expect(recorder.unitsInFlight()).toBe(0);
});

test("a bundle runs and is recorded also where nobody listens", async () => {
  const recorder = recording({ start: 0 });
  expect(await recorded(recorder, CHUNKS, undefined, telling)).toBe(REPLY);
  expect(timelineOf(recorder, Date.now()).marks).toHaveLength(2);
  const deaf = recording({ start: 0 });
  expect(await recorded(deaf, CHUNKS, {}, telling)).toBe(REPLY);
  expect(timelineOf(deaf, Date.now()).lanes).toEqual(["thread 7"]);
});

test("a bundle whose thread dies is recorded as lost, and its error is passed on", async () => {
  const recorder = recording({ start: 0 });
  const died = new Error("the thread has died");
  const dies = async ({ onThread, onPart }: ChunksEvents): Promise<ChunksReply> => {
    onThread?.(2);
    onPart?.(PART);
    throw died;
  };
  await expect(recorded(recorder, CHUNKS, undefined, dies)).rejects.toBe(died);
  const { lanes, marks } = timelineOf(recorder, Date.now());
  expect(lanes).toEqual(["thread 2"]);
  expect(marks.map(([, , , kind, number]) => [kind, number])).toEqual([
    ["succeeded", 0],
    ["lost", 1],
  ]);
});

test("without a recorder a bundle runs all the same, and tells what it tells", async () => {
  const { events, told } = listening();
  expect(await recorded(undefined, CHUNKS, events, telling)).toBe(REPLY);
  expect(told).toEqual([["thread", 7], ["part", PART], "draining"]);
  expect(await recorded(undefined, CHUNKS, undefined, telling)).toBe(REPLY);
});
