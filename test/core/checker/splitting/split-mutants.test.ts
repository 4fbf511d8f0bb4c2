/** The checker has to notice when a rule about chunks that are cut is left out. */
import { describe, expect, test } from "vitest";
import type { Replies, Task, TaskOf } from "../../../../src/core/protocol/task.ts";
import type { Json } from "../../../../src/core/json/json.ts";
import type { PartMessage } from "../../../../src/core/records/message.ts";
import type { Condition, Update } from "../../../../src/core/records/record.ts";
import { SplitView } from "../../../../src/core/records/split.ts";
import type { ChunkCut } from "../../../../src/core/records/split.ts";
import { NO_TOTALS, addTotals } from "../../../../src/core/records/totals.ts";
import { explore } from "../explore.ts";
import { NEVER_ENDS, caught, following, isRefused, unconditional } from "../mutant.ts";
import type { Mutant } from "../mutant.ts";
import type { World } from "../world/world.ts";

const oneOf = (units: number): Partial<World> => ({ planners: [{ chunks: 1, size: units }] });

function isOfSplit({ key }: Update): boolean {
  return key.includes("/-1/");
}

function ignoring(isIgnored: (condition: Condition) => boolean): Pick<World, "apply"> {
  return unconditional((condition, update) => isOfSplit(update) && isIgnored(condition));
}

/** Records of splits are written with other fields. */
function writing(change: (set: Update["set"]) => (readonly [string, Json])[]): Pick<World, "apply"> {
  const { apply } = unconditional(() => false);
  return {
    apply: (current, update) =>
      apply(current, isOfSplit(update) ? { ...update, set: Object.fromEntries(change(update.set)) } : update),
  };
}

/** The parts of a cut, as the attempt itself would number them. */
function ownParts({ message, ranges }: ChunkCut): Task {
  const messages = ranges.flatMap(({ start, done }, part): PartMessage[] => {
    const end = ranges[part + 1]?.start ?? message.end;
    return done ? [] : [{ ...message, kind: "part", part, start, end }];
  });
  return { do: "send", queue: "worker", messages };
}

function withoutEmpty(cut: ChunkCut): ChunkCut {
  const [first, second] = cut.ranges;
  return first?.start === second?.start ? { ...cut, ranges: cut.ranges.slice(1) } : cut;
}

function isJoinOfSplit(task: Task): boolean {
  if (task.do === "settle") return task.node.level === 0;
  if (task.do !== "send") return false;
  return task.messages.some((message) => "node" in message && message.node.level < 0);
}

function isSettleOfSplit(task: Task): task is TaskOf<"settle"> {
  return task.do === "settle" && task.node.level < 0;
}

/** By the rule that is left out. */
const MUTANTS: Record<string, Mutant> = {
  "parts are sent before the record is written": caught(
    "was sent, but the chunk was not cut",
    2,
    {
      ...oneOf(2),
      ...following((task, _, tasks) => {
        if (task.do !== "keep") return tasks;
        return tasks.flatMap((next) => (next.do === "split" ? [ownParts(next.cut), next] : [next]));
      }),
    },
    { timeUp: 1 },
  ),
  "an attempt whose cut was refused sends its own ranges": caught(
    "is not as recorded",
    3,
    {
      ...oneOf(3),
      ...following((task, reply, tasks) => {
        return task.do === "split" && isRefused(reply) ? [ownParts(task.cut)] : tasks;
      }),
    },
    { timeUp: 2, duplicate: 1 },
  ),
  "an attempt whose cut was refused sends nothing": caught(
    NEVER_ENDS,
    2,
    {
      ...oneOf(2),
      ...following((task, reply, tasks) => (task.do === "split" && isRefused(reply) ? [] : tasks)),
    },
    { timeUp: 1, lostReply: 1 },
  ),
  "a second cut replaces the record": caught(
    "is not as recorded",
    3,
    { ...oneOf(3), ...ignoring(({ is }) => is === "new") },
    { timeUp: 2, duplicate: 1 },
  ),
  "a part whose first unit waits keeps its number without a tag": caught(
    "is not as recorded",
    3,
    {
      ...oneOf(3),
      ...following((_, __, tasks) =>
        tasks.map((next) => (next.do === "split-again" ? { ...next, cut: withoutEmpty(next.cut) } : next)),
      ),
    },
    { timeUp: 2, duplicate: 1 },
  ),
  "a part is settled although it has a tag": caught(
    "says 3 settled, it has 2 tags",
    2,
    { ...oneOf(2), ...ignoring((when) => when.is === "absent" && when.field !== "sealed") },
    { timeUp: 1, duplicate: 1 },
  ),
  "a part is settled although its split is sealed": caught(
    "chunk 0 was settled with",
    3,
    { ...oneOf(3), ...ignoring((when) => when.is === "absent" && when.field === "sealed") },
    { timeUp: 1, cancel: 1 },
  ),
  "a split passes its parts on as chunks": caught(
    "counts 2 chunks, its children 1",
    2,
    {
      ...oneOf(2),
      ...following((task, _, tasks) => {
        if (task.do !== "merge" || task.node.level >= 0) return tasks;
        const more = { ...NO_TOTALS, chunks: 1 };
        const counted = (next: Task): Task =>
          next.do === "settle"
            ? { ...next, done: next.done.map((one) => ({ ...one, totals: addTotals(one.totals, more) })) }
            : next;
        return tasks.map((next) => (next.do === "keep" ? { ...next, then: next.then.map(counted) } : next));
      }),
    },
    { timeUp: 1 },
  ),
  "a bundle takes one part of a chunk": caught(
    NEVER_ENDS,
    3,
    {
      ...oneOf(3),
      bundle: 2,
      ...following((_, __, tasks) =>
        tasks.map((next) => {
          if (next.do !== "work") return next;
          return { ...next, chunks: [...new Map(next.chunks.map((one) => [one.chunk, one])).values()] };
        }),
      ),
    },
    { timeUp: 1 },
  ),
  "a split is merged before it is sealed": caught(
    "settled by its split, which is not final",
    3,
    {
      ...oneOf(3),
      ...following((task, reply, tasks) => {
        if (task.do !== "find-splits") return tasks;
        const [record] = reply as Replies["read"];
        return tasks.flatMap((next): Task[] => {
          if (next.do !== "seal-split" || !record) return [next];
          const fields = { ...record, sealed: true };
          return [{ do: "merge", node: next.node, batch: next.batch, fields }, next];
        });
      }),
    },
    { timeUp: 1, cancel: 1 },
  ),
  "an unfinished redo takes the place of the value before": caught(
    "an unfinished redo of chunk 0 took the place of its value",
    2,
    {
      ...oneOf(2),
      fails: { 0: 1, 1: 1 },
      ...following((task, reply, tasks) => {
        if (task.do !== "seal-split") return tasks;
        const { record } = reply as Replies["update"];
        if (!record || new SplitView(record).mayEnd) return tasks;
        return [{ do: "merge", node: task.node, fields: record, batch: task.batch }];
      }),
    },
    { timeUp: 1, redrive: 1, cancel: 1 },
  ),
  "a cut forgets what its chunk was counted as": caught(
    "counts -1 failed, its parts 0",
    2,
    {
      ...oneOf(2),
      fails: { 0: 1, 1: 1 },
      ...writing((set) => Object.entries(set).filter(([field]) => field !== "was")),
    },
    { timeUp: 1, redrive: 1 },
  ),
  "a cut of failed items forgets what its open parts came to before": caught(
    "its parts",
    2,
    {
      ...oneOf(2),
      fails: { 0: 1, 1: 1 },
      ...writing((set) => Object.entries(set).filter(([field]) => !/^t[0-9a-z]$/u.test(field))),
    },
    { timeUp: 1, redrive: 1 },
  ),
  "an empty part has the tag under which its open one is kept": caught(
    "its range has 0 units",
    2,
    {
      ...oneOf(2),
      fails: { 0: 1, 1: 1 },
      ...writing((set) =>
        Object.entries(set).map(([field, value]) => [
          field,
          typeof value === "string" && value.startsWith("-~") ? value.slice(1) : value,
        ]),
      ),
    },
    { timeUp: 2, redrive: 1 },
  ),
  "an incomplete split passes on that it has nothing": caught(
    "its children 0",
    2,
    {
      ...oneOf(2),
      ...following((task, _, tasks) => {
        if (task.do !== "merge" || task.node.level >= 0 || task.fields["sealed"] !== true) return tasks;
        const [next] = tasks;
        return next?.do === "keep" ? next.then.map((then) => ({ ...then, tag: "-" }) as Task) : tasks;
      }),
    },
    { timeUp: 1, cancel: 1 },
  ),
  "the rest of a part that is cut is not sent": caught(
    NEVER_ENDS,
    3,
    {
      ...oneOf(3),
      ...following((task, _, tasks) => (task.do === "split-again" ? tasks.filter(isJoinOfSplit) : tasks)),
    },
    { timeUp: 2 },
  ),
  "only the last settle sees that a split is full": caught(
    NEVER_ENDS,
    2,
    {
      ...oneOf(2),
      ...following((task, reply, tasks) => {
        const isFirst = isSettleOfSplit(task) && !isRefused(reply);
        return isFirst ? tasks : tasks.filter((next) => !isJoinOfSplit(next));
      }),
    },
    { timeUp: 1, crash: 1 },
  ),
};

describe("a protocol without this rule is caught", () => {
  test.for(Object.entries(MUTANTS))("%s", ([, { by, broken }]) => {
    const { violation } = explore(broken);
    expect(violation?.what).toContain(by);
    expect(violation?.trace.length).toBeGreaterThan(0);
  });
});
