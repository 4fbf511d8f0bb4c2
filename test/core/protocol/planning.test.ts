/** The single steps of a planner. The explorer runs them in every order. */
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Task } from "../../../src/core/protocol/task.ts";
import { writeEnd, writeEntry } from "../../../src/core/records/plan.ts";
import type { PlanEntry } from "../../../src/core/records/plan.ts";
import type { Fields } from "../../../src/core/records/record.ts";

const protocol = createProtocol(2);
const RUNNING: Fields = { generation: 0 };
const ENDING: Fields = { generation: 0, ending: "cancel" };
const RANGES = [
  { source: 0, start: 0, end: 10 },
  { source: 0, start: 10, end: 25 },
];
const ENTRY: PlanEntry = { entry: 3, first: 7, ranges: RANGES };
const readOf = (entry: number, last: PlanEntry | null, sent: boolean): Task => ({
  do: "read-entry",
  batch: "b",
  entry,
  last,
  sent,
});
const closeOf = (chunks: number, level = 0): Task => ({ do: "close", batch: "b", chunks, level });

describe("a planner that reads the next number of the plan", () => {
  const follow = (task: Task, record: Fields, found: Fields | null = null): readonly Task[] =>
    protocol.follow(task, [record, found]);

  test("does nothing for a batch that has ended", () => {
    expect(follow(readOf(4, ENTRY, true), { ...RUNNING, endedAt: 1 })).toEqual([]);
  });

  test("cuts the next ranges after the last entry, whose messages were sent", () => {
    expect(follow(readOf(4, ENTRY, true), RUNNING)).toEqual([
      { do: "cut", batch: "b", entry: 4, last: ENTRY },
    ]);
    expect(follow(readOf(0, null, false), RUNNING)).toEqual([
      { do: "cut", batch: "b", entry: 0, last: null },
    ]);
  });

  test("sends the last entry's messages first, if another planner may not have done so", () => {
    expect(follow(readOf(4, ENTRY, false), RUNNING)).toEqual([
      { do: "dispatch", batch: "b", plan: ENTRY },
      readOf(4, ENTRY, true),
    ]);
  });

  test("adopts an existing entry, even if the batch is to end", () => {
    const found = writeEntry("b", ENTRY).set;
    expect(follow(readOf(3, null, true), RUNNING, found)).toEqual([readOf(4, ENTRY, false)]);
    expect(follow(readOf(3, null, true), ENDING, found)).toEqual([readOf(4, ENTRY, false)]);
  });

  test("closes the edge if the plan has ended", () => {
    expect(follow(readOf(4, ENTRY, true), RUNNING, writeEnd("b", 4, 9, false).set)).toEqual([closeOf(9)]);
  });

  test("ends the plan short of the input if the batch is to end", () => {
    expect(follow(readOf(4, ENTRY, false), ENDING)).toEqual([
      { do: "write-end", batch: "b", entry: 4, chunks: 9, short: true },
    ]);
  });

  test("lays the nodes of a redrive from the first page, and sends its messages after all are laid", () => {
    expect(follow(readOf(0, null, false), { generation: 2 })).toEqual([
      { do: "lay", batch: "b", generation: 2, page: 0 },
    ]);
    expect(follow(readOf(0, null, false), { generation: 2, laid: 1 })).toMatchObject([{ do: "lay" }]);
    expect(follow(readOf(0, null, false), { generation: 2, laid: 2 })).toEqual([
      { do: "laid", batch: "b", generation: 2 },
    ]);
  });
});

describe("a planner that has cut ranges", () => {
  const cut: Task = { do: "cut", batch: "b", entry: 4, last: ENTRY };
  const spool = { name: "segments/x", offset: 5, length: 25, base: 0 };
  const plan: PlanEntry = { entry: 4, first: 9, ranges: RANGES, spool };

  test("writes them as the next entry, with the spool that they lie in", () => {
    expect(protocol.effectOf(cut)).toEqual({ kind: "cut", batch: "b", last: ENTRY });
    expect(protocol.follow(cut, { ranges: RANGES, spool })).toEqual([
      { do: "write-entry", batch: "b", plan, last: ENTRY },
    ]);
  });

  test("ends the plan at the end of the input", () => {
    expect(protocol.follow(cut, { ranges: [] })).toEqual([
      { do: "write-end", batch: "b", entry: 4, chunks: 9, short: false },
    ]);
  });

  test("sends an entry's messages once it is written, and reads the next number", () => {
    const write: Task = { do: "write-entry", batch: "b", plan, last: ENTRY };
    expect(protocol.effectOf(write)).toEqual({ kind: "update", update: writeEntry("b", plan) });
    expect(protocol.follow(write, { applied: true, record: writeEntry("b", plan).set })).toEqual([
      { do: "dispatch", batch: "b", plan },
      readOf(5, plan, true),
    ]);
  });

  test("adopts the entry or the end that another planner wrote in its place", () => {
    const write: Task = { do: "write-entry", batch: "b", plan, last: ENTRY };
    const theirs: PlanEntry = { ...plan, ranges: RANGES.slice(0, 1) };
    expect(protocol.follow(write, { applied: false, record: writeEntry("b", theirs).set })).toEqual([
      readOf(5, theirs, false),
    ]);
    expect(protocol.follow(write, { applied: false, record: writeEnd("b", 4, 9, true).set })).toEqual([
      closeOf(9),
    ]);
  });

  test("sends a message for each range to the workers", () => {
    const message = { kind: "chunk", batch: "b", generation: 0, attempt: 1, source: 0 };
    expect(protocol.effectOf({ do: "dispatch", batch: "b", plan })).toEqual({
      kind: "send",
      queue: "worker",
      messages: [
        { ...message, chunk: 9, start: 0, end: 10, spool },
        { ...message, chunk: 10, start: 10, end: 25, spool },
      ],
    });
    expect(protocol.effectOf({ do: "dispatch", batch: "b", plan: ENTRY })).toMatchObject({
      messages: [{ ...message, chunk: 7, start: 0, end: 10 }, { chunk: 8 }],
    });
    expect(protocol.follow({ do: "dispatch", batch: "b", plan }, null)).toEqual([]);
  });
});

describe("the end of a plan", () => {
  const write: Task = { do: "write-end", batch: "b", entry: 4, chunks: 9, short: true };

  test("is written, and then the edge is closed from the leaves upwards", () => {
    expect(protocol.effectOf(write)).toEqual({ kind: "update", update: writeEnd("b", 4, 9, true) });
    expect(protocol.follow(write, { applied: true, record: { end: 9 } })).toEqual([closeOf(9)]);
  });

  test("gives way to the end or the entry that another planner wrote", () => {
    expect(protocol.follow(write, { applied: false, record: { end: 8 } })).toEqual([closeOf(8)]);
    const theirs: PlanEntry = { entry: 4, first: 9, ranges: RANGES };
    expect(protocol.follow(write, { applied: false, record: writeEntry("b", theirs).set })).toEqual([
      readOf(5, theirs, false),
    ]);
  });

  test("closes one level after the other, and then planning is over", () => {
    expect(protocol.effectOf(closeOf(3, 0))).toMatchObject({
      update: { key: "node/b/0/0/00000001", set: { expects: 1 } },
    });
    expect(protocol.follow(closeOf(3, 0), { applied: true, record: { expects: 1 } })).toEqual([
      closeOf(3, 1),
    ]);
    expect(protocol.follow(closeOf(3, 1), { applied: true, record: { expects: 2, root: true } })).toEqual([
      { do: "planned", batch: "b", chunks: 3 },
    ]);
  });

  test("takes the next step of a node that the close makes full", () => {
    const node = { batch: "b", generation: 0, level: 0, index: 1 };
    const record: Fields = { expects: 1, settled: 1, 0: "t" };
    expect(protocol.follow(closeOf(3, 0), { applied: true, record })).toEqual([
      { do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] },
      closeOf(3, 1),
    ]);
  });
});

describe("a batch whose planning is over", () => {
  const planned: Task = { do: "planned", batch: "b", chunks: 5 };

  test("is sealed from its root downwards if it was asked to end", () => {
    const root = { batch: "b", generation: 0, level: 2, index: 0 };
    expect(protocol.follow(planned, { applied: true, record: ENDING })).toEqual([
      { do: "send", queue: "join", messages: [{ kind: "seal", node: root, attempt: 1 }] },
    ]);
  });

  test("is left to its workers and joins if it was not", () => {
    expect(protocol.follow(planned, { applied: true, record: RUNNING })).toEqual([]);
    expect(protocol.follow(planned, { applied: false, record: null })).toEqual([]);
    expect(protocol.follow(planned, { applied: true, record: { ...ENDING, endedAt: 1 } })).toEqual([]);
  });
});
