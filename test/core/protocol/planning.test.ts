/** The single steps of a planner. The explorer runs them in every order. */
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Task } from "../../../src/core/protocol/task.ts";
import { writeEnd, writeEntry } from "../../../src/core/records/plan.ts";
import type { PlanEnd, PlanEntry } from "../../../src/core/records/plan.ts";
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
const endOf = (end: number, short = false, generation = 0): PlanEnd => ({ end, short, generation });
const closeOf = (end: PlanEnd, level = 0): Task => ({ do: "close", batch: "b", end, level });

describe("a planner that reads the next number of the plan", () => {
  const follow = (task: Task, record: Fields, found: Fields | null = null): readonly Task[] =>
    protocol.follow(task, [record, found]);

  test("does nothing for a batch that has ended", () => {
    expect(follow(readOf(4, ENTRY, true), { ...RUNNING, endedAt: 1 })).toEqual([]);
  });

  test("cuts the next ranges after the last entry, whose messages were sent", () => {
    expect(follow(readOf(4, ENTRY, true), RUNNING)).toEqual([
      { do: "cut", batch: "b", generation: 0, entry: 4, last: ENTRY },
    ]);
    expect(follow(readOf(0, null, false), RUNNING)).toEqual([
      { do: "cut", batch: "b", generation: 0, entry: 0, last: null },
    ]);
  });

  test("sends the last entry's messages first, if another planner may not have done so", () => {
    expect(follow(readOf(4, ENTRY, false), RUNNING)).toEqual([
      { do: "dispatch", batch: "b", generation: 0, plan: ENTRY, look: true },
      readOf(4, ENTRY, true),
    ]);
  });

  test("adopts an existing entry, even if the batch is to end", () => {
    const found = writeEntry("b", ENTRY).set;
    expect(follow(readOf(3, null, true), RUNNING, found)).toEqual([readOf(4, ENTRY, false)]);
    expect(follow(readOf(3, null, true), ENDING, found)).toEqual([readOf(4, ENTRY, false)]);
  });

  test("closes the edge if the plan has ended", () => {
    expect(follow(readOf(4, ENTRY, true), RUNNING, writeEnd("b", 4, endOf(9)).set)).toEqual([
      closeOf(endOf(9)),
    ]);
  });

  test("ends the plan short of the input if the batch is to end", () => {
    expect(follow(readOf(4, ENTRY, false), ENDING)).toEqual([
      { do: "write-end", batch: "b", entry: 4, last: ENTRY, end: endOf(9, true) },
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

describe("a planner of a redrive whose plan was short", () => {
  const record: Fields = { generation: 2, laid: 2, launched: 2, extend: 3, first: 9 };
  const follow = (task: Task, found: Fields | null, more: Fields = {}): readonly Task[] =>
    protocol.follow(task, [{ ...record, ...more }, found]);
  const former = writeEnd("b", 4, endOf(9, true, 1)).set;

  test("begins at the newest entry with ranges, wherever its message says", () => {
    const start = readOf(3, null, true);
    expect(follow(readOf(0, null, false), writeEntry("b", ENTRY).set)).toEqual([start]);
    expect(follow(start, writeEntry("b", ENTRY).set)).toEqual([readOf(4, ENTRY, false)]);
    expect(follow(readOf(4, null, false), former)).toEqual([start]);
    // The end of its own generation is no earlier one.
    const own = endOf(9, false, 2);
    expect(follow(readOf(5, null, false), writeEnd("b", 5, own).set)).toEqual([closeOf(own)]);
  });

  test("passes the end of an earlier generation, and sends none of the messages before it", () => {
    expect(follow(readOf(4, ENTRY, false), former)).toEqual([readOf(5, ENTRY, true)]);
    expect(follow(readOf(5, ENTRY, true), null)).toEqual([
      { do: "cut", batch: "b", generation: 2, entry: 5, last: ENTRY },
    ]);
  });

  test("passes the end of a plan without ranges", () => {
    const task = readOf(3, null, false);
    expect(follow(task, writeEnd("b", 3, endOf(0, true)).set)).toEqual([readOf(4, null, true)]);
  });

  test("adopts what another planner of its generation wrote, and sends its messages again", () => {
    const plan: PlanEntry = { ...ENTRY, entry: 5, first: 9 };
    expect(follow(readOf(5, null, false), writeEntry("b", plan).set)).toEqual([readOf(6, plan, false)]);
    expect(follow(readOf(6, plan, false), null)).toMatchObject([
      { do: "dispatch", generation: 2, plan, look: true },
      readOf(6, plan, true),
    ]);
    expect(follow(readOf(6, plan, false), writeEnd("b", 6, endOf(11, false, 2)).set)).toEqual([
      closeOf(endOf(11, false, 2)),
    ]);
  });

  test("says in the messages of its chunks that they are fresh", () => {
    const dispatch = { do: "dispatch", batch: "b", generation: 2, plan: ENTRY, look: true } as const;
    expect(protocol.effectOf(dispatch)).toMatchObject({
      messages: [
        { chunk: 7, generation: 2, fresh: true, look: true },
        { chunk: 8, generation: 2, fresh: true, look: true },
      ],
    });
  });

  test("ends the plan again if the batch is to end, even if its messages were not sent", () => {
    const ending = { ending: "cancel", launched: 1 };
    expect(follow(readOf(5, ENTRY, true), null, ending)).toEqual([
      { do: "write-end", batch: "b", entry: 5, last: ENTRY, end: endOf(9, true, 2) },
    ]);
    const write: Task = { do: "write-end", batch: "b", entry: 5, last: ENTRY, end: endOf(9, true, 2) };
    expect(protocol.follow(write, { applied: false, record: former })).toEqual([readOf(6, ENTRY, true)]);
  });

  test("closes the edge of its own generation", () => {
    expect(protocol.effectOf(closeOf(endOf(3, false, 2)))).toMatchObject({
      update: { key: "node/b/2/0/00000001", set: { expects: 1 } },
    });
  });
});

describe("a planner that has cut ranges", () => {
  const cut: Task = { do: "cut", batch: "b", generation: 0, entry: 4, last: ENTRY };
  const spool = { name: "segments/x", offset: 5, length: 25, base: 0 };
  const plan: PlanEntry = { entry: 4, first: 9, ranges: RANGES, spool };

  test("writes them as the next entry, with the spool that they lie in", () => {
    expect(protocol.effectOf(cut)).toEqual({ kind: "cut", batch: "b", last: ENTRY });
    expect(protocol.follow(cut, { ranges: RANGES, spool })).toEqual([
      { do: "write-entry", batch: "b", generation: 0, plan, last: ENTRY },
    ]);
  });

  test("ends the plan at the end of the input", () => {
    expect(protocol.follow(cut, { ranges: [] })).toEqual([
      { do: "write-end", batch: "b", entry: 4, last: ENTRY, end: endOf(9) },
    ]);
  });

  test("sends an entry's messages once it is written, and reads the next number", () => {
    const write: Task = { do: "write-entry", batch: "b", generation: 0, plan, last: ENTRY };
    expect(protocol.effectOf(write)).toEqual({ kind: "update", update: writeEntry("b", plan) });
    expect(protocol.follow(write, { applied: true, record: writeEntry("b", plan).set })).toEqual([
      { do: "dispatch", batch: "b", generation: 0, plan, look: false },
      readOf(5, plan, true),
    ]);
  });

  test("adopts the entry or the end that another planner wrote in its place", () => {
    const write: Task = { do: "write-entry", batch: "b", generation: 0, plan, last: ENTRY };
    const theirs: PlanEntry = { ...plan, ranges: RANGES.slice(0, 1) };
    expect(protocol.follow(write, { applied: false, record: writeEntry("b", theirs).set })).toEqual([
      readOf(5, theirs, false),
    ]);
    expect(protocol.follow(write, { applied: false, record: writeEnd("b", 4, endOf(9, true)).set })).toEqual([
      closeOf(endOf(9, true)),
    ]);
  });

  test("sends a message for each range to the workers", () => {
    const message = { kind: "chunk", batch: "b", generation: 0, attempt: 1, source: 0 };
    const dispatch = { do: "dispatch", batch: "b", generation: 0, look: false } as const;
    expect(protocol.effectOf({ ...dispatch, plan })).toEqual({
      kind: "send",
      queue: "worker",
      messages: [
        { ...message, chunk: 9, start: 0, end: 10, spool },
        { ...message, chunk: 10, start: 10, end: 25, spool },
      ],
    });
    expect(protocol.effectOf({ ...dispatch, plan: ENTRY })).toMatchObject({
      messages: [{ ...message, chunk: 7, start: 0, end: 10 }, { chunk: 8 }],
    });
    expect(protocol.follow({ ...dispatch, plan }, null)).toEqual([]);
  });
});

describe("the end of a plan", () => {
  const write: Task = { do: "write-end", batch: "b", entry: 4, last: ENTRY, end: endOf(9, true) };

  test("is written, and then the edge is closed from the leaves upwards", () => {
    expect(protocol.effectOf(write)).toEqual({ kind: "update", update: writeEnd("b", 4, endOf(9, true)) });
    expect(protocol.follow(write, { applied: true, record: { end: 9 } })).toEqual([closeOf(endOf(9, true))]);
  });

  test("gives way to the end or the entry that another planner wrote", () => {
    expect(protocol.follow(write, { applied: false, record: { end: 8 } })).toEqual([closeOf(endOf(8))]);
    const theirs: PlanEntry = { entry: 4, first: 9, ranges: RANGES };
    expect(protocol.follow(write, { applied: false, record: writeEntry("b", theirs).set })).toEqual([
      readOf(5, theirs, false),
    ]);
  });

  test("closes one level after the other, and then planning is over", () => {
    expect(protocol.effectOf(closeOf(endOf(3), 0))).toMatchObject({
      update: { key: "node/b/0/0/00000001", set: { expects: 1 } },
    });
    expect(protocol.follow(closeOf(endOf(3), 0), { applied: true, record: { expects: 1 } })).toEqual([
      closeOf(endOf(3), 1),
    ]);
    expect(
      protocol.follow(closeOf(endOf(3), 1), { applied: true, record: { expects: 2, root: true } }),
    ).toEqual([{ do: "planned", batch: "b", end: endOf(3), full: false }]);
  });

  test("takes the next step of a node that the close makes full", () => {
    const node = { batch: "b", generation: 0, level: 0, index: 1 };
    const record: Fields = { expects: 1, settled: 1, 0: "t" };
    expect(protocol.follow(closeOf(endOf(3), 0), { applied: true, record })).toEqual([
      { do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] },
      closeOf(endOf(3), 1),
    ]);
  });
});

describe("a batch whose planning is over", () => {
  const planned: Task = { do: "planned", batch: "b", end: endOf(5), full: false };

  test("is sealed from its root downwards if it was asked to end", () => {
    const root = { batch: "b", generation: 0, level: 2, index: 0 };
    expect(protocol.follow(planned, { applied: true, record: ENDING })).toEqual([
      { do: "send", queue: "join", messages: [{ kind: "seal", node: root, attempt: 1 }] },
    ]);
  });

  test("is not sealed if its root is full: that node was sent to its join when it was closed", () => {
    const record: Fields = { expects: 1, root: true, settled: 1, 0: "t" };
    const [join, full] = protocol.follow(closeOf(endOf(1)), { applied: true, record });
    expect(join).toMatchObject({ do: "send", queue: "join" });
    expect(full).toEqual({ do: "planned", batch: "b", end: endOf(1), full: true });
    expect(full && protocol.follow(full, { applied: true, record: ENDING })).toEqual([]);
  });

  test("is left to its workers and joins if it was not", () => {
    expect(protocol.follow(planned, { applied: true, record: RUNNING })).toEqual([]);
    expect(protocol.follow(planned, { applied: false, record: null })).toEqual([]);
    expect(protocol.follow(planned, { applied: true, record: { ...ENDING, endedAt: 1 } })).toEqual([]);
  });
});
