import { expect, test } from "vitest";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { RunningBundle } from "../../../../src/local/engine/history/running-bundle.ts";

const BASE = { batch: "01A", generation: 0, attempt: 1, source: 0 } as const;

/** Chunk n has n + 1 units. */
const chunk = (n: number): ChunkMessage => ({ ...BASE, kind: "chunk", chunk: n, start: 10, end: 11 + n });
const part = (n: number, number: number): ChunkMessage => ({
  ...BASE,
  kind: "part",
  chunk: n,
  part: number,
  start: 0,
  end: 100,
});

test("chunks are taken in order or out of it, each once, and the rest has the units that are left", () => {
  const bundle = new RunningBundle([chunk(0), chunk(1), chunk(2), chunk(3)], 5);
  expect([bundle.first?.chunk, bundle.unitsLeft, bundle.sentAt]).toEqual([0, 10, 5]);
  expect(bundle.take(0, undefined)).toEqual(chunk(0));
  expect([bundle.first?.chunk, bundle.unitsLeft]).toEqual([1, 9]);
  expect(bundle.take(2, undefined)).toEqual(chunk(2));
  expect([bundle.first?.chunk, bundle.unitsLeft]).toEqual([1, 6]);
  // They were taken before.
  expect([bundle.take(0, undefined), bundle.take(2, undefined)]).toEqual([undefined, undefined]);
  expect(bundle.take(1, undefined)).toEqual(chunk(1));
  expect(bundle.take(3, undefined)).toEqual(chunk(3));
  expect([bundle.first, bundle.unitsLeft]).toEqual([undefined, 0]);
  expect(bundle.take(3, undefined)).toBeUndefined();
});

test("a part is told from its chunk, and from other parts", () => {
  const bundle = new RunningBundle([part(7, 1), part(7, 2), chunk(7)], 0);
  expect(bundle.take(7, 3)).toBeUndefined();
  expect(bundle.take(7, 2)).toEqual(part(7, 2));
  expect(bundle.take(7, undefined)).toEqual(chunk(7));
  expect(bundle.take(7, 1)).toEqual(part(7, 1));
  expect(bundle.unitsLeft).toBe(0);
});
