/** Which attempt a delivery is, and which chunks run alone. */
import { expect, test } from "vitest";
import { attemptOf, bundlesOf, byBatch, chunkDelivery } from "../../../src/steps/bundle/delivery.ts";
import { chunkMessage } from "../../contract/queue.ts";

const message = (chunk: number, attempt = 1) => {
  const made = chunkMessage(chunk);
  if (made.kind !== "chunk") throw new TypeError("not a chunk");
  return { ...made, attempt };
};

test("an attempt's number counts those that the message brings, and every receive after the first", () => {
  expect(attemptOf({ message: { attempt: 1 }, receives: 1 })).toBe(1);
  expect(attemptOf({ message: { attempt: 1 }, receives: 3 })).toBe(3);
  expect(attemptOf({ message: { attempt: 4 }, receives: 2 })).toBe(5);
});

test.for<[attempt: number, receives: number, carried: number, accused: boolean, suspect: boolean]>([
  [1, 1, 0, false, false],
  [1, 2, 0, false, true],
  [2, 1, 0, false, true],
  // A process was killed while it held the message: nothing against the chunk.
  [1, 2, 1, false, false],
  [1, 3, 1, false, true],
  [1, 1, 0, true, true],
])("attempt %i, received %i times, %i of them by a killed process, accused %s: suspect is %s", (row) => {
  const [attempt, receives, carried, accused, suspect] = row;
  expect(chunkDelivery(message(1, attempt), receives, { carried, accused })).toMatchObject({
    receives,
    suspect,
  });
});

test("without evidence every attempt after the first is suspect", () => {
  expect(chunkDelivery(message(1), 1).suspect).toBe(false);
  expect(chunkDelivery(message(1), 2).suspect).toBe(true);
});

test("deliveries are divided by their batches, in order", () => {
  const [a, b, c] = ["01A", "01B", "01A"].map((batch, chunk) =>
    chunkDelivery({ ...message(chunk), batch }, 1),
  );
  if (!a || !b || !c) throw new Error("there are three");
  expect(byBatch([a, b, c])).toEqual([
    ["01A", [a, c]],
    ["01B", [b]],
  ]);
  expect(byBatch([a, c])).toEqual([["01A", [a, c]]]);
  expect(byBatch([])).toEqual([]);
});

test("suspects run alone, and the others stay together in their order", () => {
  const [a, b, c, d] = [1, 1, 2, 1].map((receives, chunk) => chunkDelivery(message(chunk), receives));
  if (!a || !b || !c || !d) throw new Error("four deliveries");
  expect(bundlesOf([a, b, d])).toEqual([[a, b, d]]);
  expect(bundlesOf([a, c, d])).toEqual([[a, d], [c]]);
  expect(bundlesOf([c])).toEqual([[c]]);
});
