import { describe, expect, test } from "vitest";
import { batchOf, isFresh } from "../../../src/core/records/message.ts";
import { parseMessage } from "../../../src/core/records/parse-message.ts";
import type { Message } from "../../../src/core/records/message.ts";

const CHUNK = {
  kind: "chunk",
  batch: "01A",
  generation: 0,
  chunk: 3,
  attempt: 1,
  source: 0,
  start: 0,
  end: 10,
} as const;
const SPOOL = { name: "attempts/abc", offset: 0, length: 100, base: 0 };
const NODE = { batch: "01A", generation: 1, level: 2, index: 0 };

const MESSAGES: readonly Message[] = [
  { kind: "plan", batch: "01A", entry: 0 },
  { kind: "plan", batch: "01A", entry: 0, survey: { phase: "lay", generation: 1, level: 0, index: 16 } },
  CHUNK,
  { ...CHUNK, spool: SPOOL },
  { ...CHUNK, spool: { ...SPOOL, damage: "it ends in the middle" }, former: "t000001" },
  { ...CHUNK, kind: "run", run: { sources: 3, bytes: 70 } },
  { ...CHUNK, kind: "part", part: 1, run: { sources: 3, bytes: 70 } },
  { kind: "merge", node: NODE, attempt: 1 },
  { kind: "merge", node: NODE, attempt: 1, merged: { tag: "t000001", children: 60 } },
  { kind: "seal", node: NODE, attempt: 2 },
  { kind: "news", batch: "01A" },
  { kind: "report", batch: "01A" },
];

test.each(MESSAGES.map((message) => [message.kind, message] as const))(
  "a message of kind %s is read as it was written, and names its batch",
  (_, message) => {
    const read = parseMessage(JSON.parse(JSON.stringify(message)));
    expect(read).toEqual(message);
    expect(read && batchOf(read)).toBe("01A");
  },
);

test.each([
  null,
  undefined,
  "plan",
  17,
  [],
  {},
  { kind: "hello", batch: "01A" },
  { kind: "report", batch: "" },
  { kind: "plan", batch: "", entry: 0 },
  { kind: "plan", batch: "01A", entry: -1 },
  { kind: "plan", batch: "01A" },
  { ...CHUNK, batch: 1 },
  { ...CHUNK, chunk: "3" },
  { ...CHUNK, end: 1.5 },
  { ...CHUNK, start: null },
  { ...CHUNK, spool: "attempts/abc" },
  { ...CHUNK, spool: { name: "attempts/abc" } },
  { ...CHUNK, spool: null },
  { ...CHUNK, former: 7 },
  { ...CHUNK, run: { sources: 3, bytes: 70 } },
  { ...CHUNK, kind: "run" },
  { ...CHUNK, kind: "run", run: { sources: 3 } },
  { ...CHUNK, kind: "run", run: { sources: "3", bytes: 70 } },
  { kind: "merge", node: "01A", attempt: 1 },
  { kind: "merge", node: NODE, attempt: 1, merged: { tag: "", children: 60 } },
  { kind: "merge", node: NODE, attempt: 1, merged: { tag: "t000001", children: -1 } },
  { kind: "merge", node: { batch: "01A" }, attempt: 1 },
  { kind: "seal", node: NODE },
])("%j is not a message", (value) => {
  expect(parseMessage(value)).toBeNull();
});

describe("a chunk's message", () => {
  test("is fresh in the first run, and where a redrive planned the chunk", () => {
    expect(isFresh({ ...CHUNK, generation: 0 })).toBe(true);
    expect(isFresh({ ...CHUNK, generation: 2 })).toBe(false);
    expect(isFresh({ ...CHUNK, generation: 2, fresh: true })).toBe(true);
  });

  test.for(["fresh", "look"])("has the mark %s or not, and no other value of it", (mark) => {
    const message = { ...CHUNK, generation: 1 };
    expect(parseMessage(message)).toEqual(message);
    expect(parseMessage({ ...message, [mark]: true })).toEqual({ ...message, [mark]: true });
    for (const wrong of [false, 1, "true", null])
      expect(parseMessage({ ...message, [mark]: wrong })).toBeNull();
  });
});
