/** The checker is worth what it catches: each rule of the protocol is left out once, and that has to show. */
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Protocol } from "../../../src/core/protocol/protocol.ts";
import type { Replies, Reply, Task, TaskOf } from "../../../src/core/protocol/task.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Condition, Fields, Update } from "../../../src/core/records/record.ts";
import { NodeView, seal } from "../../../src/core/records/tree.ts";
import { explore } from "./explore.ts";
import { world } from "./scenarios.ts";
import type { World } from "./world.ts";

const sound = createProtocol(2);
const ALL_AT_ONCE = [{ chunks: 9, size: 1 }];
const TWO_PLANNERS = [
  { chunks: 1, size: 1 },
  { chunks: 2, size: 1 },
];

type Follow = (task: Task, reply: Reply, tasks: readonly Task[]) => readonly Task[];

/** The protocol with other tasks after some step. */
function following(change: Follow): Pick<World, "protocol"> {
  const follow: Protocol["follow"] = (task, reply) => change(task, reply, sound.follow(task, reply));
  return { protocol: { ...sound, follow } };
}

/** The store with some conditions of some updates left out. */
function unconditional(leftOut: (condition: Condition, update: Update) => boolean): Pick<World, "apply"> {
  return {
    apply: (old, update) =>
      applyUpdate(old, { ...update, when: update.when.filter((each) => !leftOut(each, update)) }),
  };
}

const refused = (reply: Reply): boolean => !(reply as Replies["update"]).applied;
const node = ({ key }: Update): boolean => key.startsWith("node/");
const batch = ({ key }: Update): boolean => key.startsWith("batch/");

/** Whether the record that refused a settle of one child has its tag. */
function ours({ done: [one], tag }: TaskOf<"settle">, reply: Reply): boolean {
  return new NodeView((reply as Replies["update"]).record, 2).tag(one?.child ?? 0) === tag;
}

const NEVER_ENDS = "nothing can happen any more, and the batch has not ended";
const MISCOUNTED = "says 2 settled, it has 1 tags";
const CHANGED_AFTER = "the batch counts 0 chunks, its leaves 1";
const UNPLANNED = "chunk 1 is not as planned";

const FIRST_FAILS = { fails: { 0: 1 } };

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name));
}

const missing = (by: string, ...where: Parameters<typeof world>): { by: string; broken: World } => {
  return { by, broken: world(...where) };
};

/** By the rule that is broken: a world in which it is, and what the checker has to say of it. */
const MUTANTS: Record<string, { by: string; broken: World }> = {
  "a refused settle does not look whether the node is full": missing(
    NEVER_ENDS,
    3,
    {
      ...following((task, reply, tasks) => (task.do === "settle" && refused(reply) ? [] : tasks)),
      keeps: false,
    },
    { crash: 1 },
  ),
  "a settle that another attempt won does not look whether the node is full": missing(
    NEVER_ENDS,
    2,
    following((task, reply, tasks) => {
      if (task.do !== "settle" || !refused(reply) || task.done.length > 1) return tasks;
      return ours(task, reply) ? tasks : [];
    }),
    { deadLetter: 1 },
  ),
  "a settle whose reply was lost does not look whether the node is full": missing(
    NEVER_ENDS,
    2,
    following((task, reply, tasks) => {
      if (task.do !== "settle" || !refused(reply)) return tasks;
      return ours(task, reply) ? [] : tasks;
    }),
    { lostReply: 1 },
  ),
  "a chunk that was settled before does not look whether its leaf is full": missing(
    NEVER_ENDS,
    2,
    following((task, _, tasks) => (task.do === "start" ? tasks.filter((next) => next.do === "work") : tasks)),
    { crash: 1 },
  ),
  "closing the edge does not look whether the node is full": missing(
    NEVER_ENDS,
    1,
    following((task, _, tasks) => {
      return task.do === "close"
        ? tasks.filter((next) => next.do === "close" || next.do === "planned")
        : tasks;
    }),
  ),
  "a child is settled although it has a tag": missing(
    MISCOUNTED,
    2,
    unconditional((when, update) => node(update) && when.is === "absent" && when.field !== "sealed"),
    { duplicate: 1 },
  ),
  "a child is settled in a sealed leaf": missing(
    CHANGED_AFTER,
    2,
    unconditional((when, update) => node(update) && when.is === "absent" && when.field === "sealed"),
    { cancel: 1 },
  ),
  "a join whose slot is taken leaves the parent's next step out": missing(
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
  "a plan entry replaces the one that is there": missing(UNPLANNED, 2, {
    ...unconditional((when, { key }) => when.is === "new" && key.startsWith("plan/")),
    planners: TWO_PLANNERS,
  }),
  "a planner keeps its own cut where another's entry stands": missing(UNPLANNED, 2, {
    ...following((task, reply, tasks) => {
      if (task.do !== "write-entry" || !refused(reply)) return tasks;
      return sound.follow(task, { applied: true, record: {} });
    }),
    planners: TWO_PLANNERS,
  }),
  "a cancel fixes the number of chunks without an end in the plan": missing(
    "chunk 0 was sent, but there are 0 chunks",
    1,
    following((task, _, tasks) => {
      const [next] = tasks;
      if (task.do !== "read-entry" || next?.do !== "write-end") return tasks;
      return [{ do: "close", batch: next.batch, chunks: next.chunks, level: 0 }];
    }),
    { cancel: 1 },
  ),
  "the root is sealed, not the leaves": missing(
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
  "a join uses what was read before the seal": missing(
    CHANGED_AFTER,
    2,
    following((task, reply, tasks) => {
      if (task.do === "seal") return [];
      const [record, fields] = task.do === "descend" ? (reply as Replies["read"]) : [];
      if (task.do !== "descend" || !record || tasks[0]?.do !== "seal") return tasks;
      return [
        ...tasks,
        { do: "merge", node: task.node, fields: { ...fields, ...seal(task.node).set }, batch: record },
      ];
    }),
    { cancel: 1 },
  ),
  "messages are acknowledged before their tasks are done": missing(
    NEVER_ENDS,
    1,
    { acknowledges: "first" },
    { crash: 1 },
  ),
  "a batch is committed that has ended": missing(
    "an ended batch was changed",
    1,
    unconditional((when, update) => batch(update) && when.is === "absent" && when.field === "endedAt"),
    { duplicate: 1 },
  ),
  "a batch is committed although somebody asked it to end since": missing(
    'the batch is "succeeded", it ought to be cancelled',
    1,
    unconditional(
      (when, update) =>
        batch(update) && "field" in when && when.field === "ending" && "endedAt" in update.set,
    ),
    { cancel: 1 },
  ),
  "the edge is closed, and nobody looks whether the batch is to end": missing(
    NEVER_ENDS,
    1,
    following((task, _, tasks) => (task.do === "planned" ? [] : tasks)),
    { cancel: 1 },
  ),
  "an entry is written before the messages of the last are sent": missing(
    NEVER_ENDS,
    3,
    following((task, _, tasks) => (task.do === "write-entry" ? tasks.toReversed() : tasks)),
    { crash: 1 },
  ),
  "an adopted entry's messages are not sent": missing(
    NEVER_ENDS,
    1,
    following((task, _, tasks) =>
      tasks.map((next) =>
        next.do === "read-entry" && task.do === "read-entry" ? { ...next, sent: true } : next,
      ),
    ),
    { crash: 1 },
  ),
  "a group that is refused in part is not split": missing(
    NEVER_ENDS,
    2,
    {
      ...following((task, reply, tasks) => {
        return task.do === "settle" && refused(reply) && task.done.length > 1
          ? tasks.filter((next) => next.do !== "settle")
          : tasks;
      }),
      bundle: 2,
    },
    { duplicate: 1 },
  ),
  "a partial is kept after its tag was settled": missing(
    "names nothing that is there",
    2,
    following((task, _, tasks) =>
      tasks.flatMap((next) =>
        next.do === "keep" && task.do === "work" ? [...next.then, { ...next, then: [] }] : [next],
      ),
    ),
  ),
  "a redrive replaces tags in place": missing(
    "counts 1 chunks, its children 0",
    1,
    { ...inPlace(), ...FIRST_FAILS },
    { redrive: 1, duplicate: 1 },
  ),
  "a redrive's nodes are laid again over what was settled in them": missing(
    "says 0 settled, it has 1 tags",
    1,
    { ...unconditional((when, update) => node(update) && when.is === "new"), ...FIRST_FAILS },
    { redrive: 1, crash: 1 },
  ),
  "a redrive sends messages before all its nodes are laid": missing(
    "counts 0 chunks, its children 1",
    1,
    {
      ...following((task, _, tasks) => (task.do === "lay" ? tasks.toReversed() : tasks)),
      ...FIRST_FAILS,
    },
    { redrive: 1, crash: 1 },
  ),
  "a join of an older generation is not turned away": missing(
    "the number of chunks was changed",
    1,
    {
      ...unconditional((when, update) => batch(update) && "field" in when && when.field === "generation"),
      ...following((task, reply, tasks) => {
        if (task.do !== "read-node") return tasks;
        const [record, ...nodes] = reply as Replies["read"];
        return sound.follow(task, [
          record ? { ...record, generation: task.node.generation } : null,
          ...nodes,
        ]);
      }),
      ...FIRST_FAILS,
    },
    { redrive: 1, duplicate: 1 },
  ),
  "a sealed leaf of a redrive forgets what its other chunks were": missing(
    "the number of chunks was changed",
    2,
    {
      ...following((task, _, tasks) => {
        if (task.do !== "read-node") return tasks;
        return tasks.map((next) =>
          next.do === "merge" ? { ...next, fields: without(next.fields, "over") } : next,
        );
      }),
      ...FIRST_FAILS,
    },
    { redrive: 1, cancel: 1 },
  ),
};

/**
 * A redrive that empties the places of its chunks in the nodes that are there, instead of laying new ones.
 */
function inPlace(): Pick<World, "protocol" | "apply"> {
  const first = (key: string): string => key.replace(/^node\/b\/\d+/u, "node/b/0");
  const effectOf: Protocol["effectOf"] = (task) => {
    const effect = sound.effectOf(task);
    if (effect.kind === "read") return { ...effect, keys: effect.keys.map(first) };
    if (effect.kind !== "update") return effect;
    const { update } = effect;
    const key = first(update.key);
    if (task.do !== "lay-node") return { kind: "update", update: { ...update, key } };
    const children = ["0", "1"].slice(0, Number(update.set["expects"] ?? 2));
    const redone = children.filter((child) => update.set[child] === undefined);
    const emptied = { key, when: [], set: {}, add: { settled: -redone.length }, remove: redone };
    return { kind: "update", update: emptied };
  };
  return { protocol: { ...sound, effectOf }, apply: applyUpdate };
}

describe("the checker notices when", () => {
  test.for(Object.entries(MUTANTS))("%s", ([, { by, broken }]) => {
    expect(explore(broken).violation?.what).toContain(by);
  });
});
