/** The checker has to notice when a rule of the protocol is left out. Redrives have a file of their own. */
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Replies, Reply, TaskOf } from "../../../src/core/protocol/task.ts";
import { NodeView, seal } from "../../../src/core/records/tree.ts";
import { explore } from "./explore.ts";
import {
  NEVER_ENDS,
  caught,
  following,
  isOfBatch,
  isOfNode,
  isRefused,
  sound,
  unconditional,
} from "./mutant.ts";
import type { Mutant } from "./mutant.ts";

const ALL_AT_ONCE = [{ chunks: 9, size: 1 }];
const TWO_PLANNERS = [
  { chunks: 1, size: 1 },
  { chunks: 2, size: 1 },
];
const MISCOUNTED = "says 2 settled, it has 1 tags";
const CHANGED_AFTER = "the batch counts 0 chunks, its leaves 1";
const UNPLANNED = "chunk 1 is not as planned";

/** Whether the record that refused a settle of one child has its tag. */
function isOurs({ done: [child], tag }: TaskOf<"settle">, reply: Reply): boolean {
  return new NodeView((reply as Replies["update"]).record, 2).tag(child?.child ?? 0) === tag;
}

/** By the rule that is left out. */
const MUTANTS: Record<string, Mutant> = {
  "a refused settle does not check whether the node is full": caught(
    NEVER_ENDS,
    3,
    {
      ...following((task, reply, tasks) => (task.do === "settle" && isRefused(reply) ? [] : tasks)),
      keeps: false,
    },
    { crash: 1 },
  ),
  "a settle whose reply was lost does not check whether the node is full": caught(
    NEVER_ENDS,
    2,
    following((task, reply, tasks) => {
      if (task.do !== "settle" || !isRefused(reply)) return tasks;
      return isOurs(task, reply) ? [] : tasks;
    }),
    { lostReply: 1 },
  ),
  "a chunk that was settled before does not check whether its leaf is full": caught(
    NEVER_ENDS,
    2,
    following((task, _, tasks) => (task.do === "start" ? tasks.filter((next) => next.do === "work") : tasks)),
    { crash: 1 },
  ),
  "closing the edge does not check whether the node is full": caught(
    NEVER_ENDS,
    1,
    following((task, _, tasks) => {
      return task.do === "close"
        ? tasks.filter((next) => next.do === "close" || next.do === "planned")
        : tasks;
    }),
  ),
  "a child is settled although it has a tag": caught(
    MISCOUNTED,
    2,
    unconditional((when, update) => isOfNode(update) && when.is === "absent" && when.field !== "sealed"),
    { duplicate: 1 },
  ),
  "a child is settled in a sealed leaf": caught(
    CHANGED_AFTER,
    2,
    unconditional((when, update) => isOfNode(update) && when.is === "absent" && when.field === "sealed"),
    { cancel: 1 },
  ),
  "a join whose node is settled already does not take the parent's next step": caught(
    NEVER_ENDS,
    3,
    following((task, reply, tasks) => {
      const [, , above] = task.do === "read-node" ? (reply as Replies["read"]) : [];
      return task.do === "read-node" && new NodeView(above ?? null, 2).tag(task.node.index % 2) !== null
        ? []
        : tasks;
    }),
    { crash: 1 },
  ),
  "a plan entry replaces an existing one": caught(UNPLANNED, 2, {
    ...unconditional((when, { key }) => when.is === "new" && key.startsWith("plan/")),
    planners: TWO_PLANNERS,
  }),
  "a planner keeps its own entry although another planner wrote one": caught(UNPLANNED, 2, {
    ...following((task, reply, tasks) => {
      if (task.do !== "write-entry" || !isRefused(reply)) return tasks;
      return sound.follow(task, { applied: true, record: {} });
    }),
    planners: TWO_PLANNERS,
  }),
  "a cancel fixes the number of chunks without END in the plan": caught(
    "chunk 0 was sent, but there are 0 chunks",
    1,
    following((task, _, tasks) => {
      const [next] = tasks;
      if (task.do !== "read-entry" || next?.do !== "write-end") return tasks;
      return [{ do: "close", batch: next.batch, end: next.end, level: 0 }];
    }),
    { cancel: 1 },
  ),
  "the root is sealed instead of the leaves": caught(
    "the number of chunks was changed",
    3,
    {
      ...following((task, _, tasks) => {
        return task.do === "descend" && tasks.length > 0 ? [{ do: "seal", node: task.node }] : tasks;
      }),
      planners: ALL_AT_ONCE,
    },
    { cancel: 1 },
  ),
  "a join uses a record that was read before the seal": caught(
    CHANGED_AFTER,
    2,
    following((task, reply, tasks) => {
      if (task.do === "seal") return [];
      const [record, fields] = task.do === "descend" ? (reply as Replies["read"]) : [];
      if (task.do !== "descend" || !record || tasks[0]?.do !== "find-splits") return tasks;
      return [
        ...tasks,
        { do: "merge", node: task.node, fields: { ...fields, ...seal(task.node).set }, batch: record },
      ];
    }),
    { cancel: 1 },
  ),
  "a merge that goes on counts as a whole one": caught("the result is", 2, {
    ...following((task, reply, tasks) => {
      if (task.do !== "merge" || !reply || !("until" in reply)) return tasks;
      return createProtocol(2).follow(task, { ...reply, until: undefined });
    }),
    mergesAtOnce: 1,
  }),
  "a merge says where to go on before it has kept its part": caught("a merge that goes on does not find", 2, {
    ...following((task, reply, tasks) =>
      task.do === "merge" && reply && "until" in reply
        ? tasks.flatMap((next) => (next.do === "keep" ? next.then : next))
        : tasks,
    ),
    mergesAtOnce: 1,
  }),
  "messages are acknowledged before their tasks are done": caught(
    NEVER_ENDS,
    1,
    { acknowledges: "first" },
    { crash: 1 },
  ),
  "an ended batch is committed": caught(
    "an ended batch was changed",
    1,
    unconditional((when, update) => isOfBatch(update) && when.is === "absent" && when.field === "endedAt"),
    { duplicate: 1 },
  ),
  "a batch is committed although it was asked to end after it was read": caught(
    'the batch is "succeeded", it should be cancelled',
    1,
    unconditional(
      (when, update) =>
        isOfBatch(update) && "field" in when && when.field === "ending" && "endedAt" in update.set,
    ),
    { cancel: 1 },
  ),
  "closing the edge does not check whether the batch is to end": caught(
    NEVER_ENDS,
    1,
    following((task, _, tasks) => (task.do === "planned" ? [] : tasks)),
    { cancel: 1 },
  ),
  "an entry is written before the messages of the last entry are sent": caught(
    NEVER_ENDS,
    3,
    following((task, _, tasks) => (task.do === "write-entry" ? tasks.toReversed() : tasks)),
    { crash: 1 },
  ),
  "the messages of an adopted entry are not sent": caught(
    NEVER_ENDS,
    1,
    following((task, _, tasks) =>
      tasks.map((next) =>
        next.do === "read-entry" && task.do === "read-entry" ? { ...next, sent: true } : next,
      ),
    ),
    { crash: 1 },
  ),
  "a group that is refused for one child is not split": caught(
    NEVER_ENDS,
    2,
    {
      ...following((task, reply, tasks) => {
        return task.do === "settle" && isRefused(reply) && task.done.length > 1
          ? tasks.filter((next) => next.do !== "settle")
          : tasks;
      }),
      bundle: 2,
    },
    { duplicate: 1 },
  ),
  "a partial is kept after its tag was settled": caught(
    "names nothing that is there",
    2,
    following((task, _, tasks) =>
      tasks.flatMap((next) =>
        next.do === "keep" && task.do === "work" ? [...next.then, { ...next, then: [] }] : [next],
      ),
    ),
  ),
};

describe("the checker notices that", () => {
  test.for(Object.entries(MUTANTS))("%s", ([, { by, broken }]) => {
    expect(explore(broken).violation?.what).toContain(by);
  });
});
