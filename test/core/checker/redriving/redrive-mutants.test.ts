/** The checker has to notice when a rule of the redrive's protocol is left out. */
import { describe, expect, test } from "vitest";
import type { Protocol } from "../../../../src/core/protocol/protocol.ts";
import type { Replies } from "../../../../src/core/protocol/task.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import { parseEntry } from "../../../../src/core/records/plan.ts";
import type { Fields, Update } from "../../../../src/core/records/record.ts";
import { explore } from "../explore.ts";
import {
  NEVER_ENDS,
  STUCK,
  caught,
  following,
  isOfBatch,
  isOfNode,
  sound,
  unconditional,
} from "../mutant.ts";
import type { Mutant } from "../mutant.ts";
import type { World } from "../world/world.ts";

const FIRST_FAILS = { fails: { 0: 1 } };

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name));
}

/** A redrive that removes the tags of its chunks from the closed nodes, and lays no new ones. */
function inPlace(): Pick<World, "protocol" | "apply"> {
  const closedKey = (key: string): string => key.replace(/^node\/b\/\d+/u, "node/b/0");
  const effectOf: Protocol["effectOf"] = (task) => {
    const effect = sound.effectOf(task);
    if (effect.kind === "read") return { ...effect, keys: effect.keys.map(closedKey) };
    if (effect.kind !== "update") return effect;
    const { update } = effect;
    const key = closedKey(update.key);
    if (task.do !== "lay-node") return { kind: "update", update: { ...update, key } };
    const children = ["0", "1"].slice(0, Number(update.set["expects"] ?? 2));
    const redone = children.filter((child) => update.set[child] === undefined);
    const emptied = { key, when: [], set: {}, add: { settled: -redone.length }, remove: redone };
    return { kind: "update", update: emptied };
  };
  return { protocol: { ...sound, effectOf }, apply: applyUpdate };
}

/** By the rule that is left out. */
const MUTANTS: Record<string, Mutant> = {
  "a redrive replaces tags in place": caught(
    "counts 1 chunks, its children 0",
    1,
    { ...inPlace(), ...FIRST_FAILS },
    { redrive: 1, duplicate: 1 },
  ),
  "a redrive lays its nodes again over chunks that were settled in them": caught(
    "says 0 settled, it has 1 tags",
    1,
    { ...unconditional((when, update) => isOfNode(update) && when.is === "new"), ...FIRST_FAILS },
    { redrive: 1, crash: 1 },
  ),
  "a redrive sends messages before all its nodes are laid": caught(
    "counts 0 chunks, its children 1",
    1,
    {
      ...following((task, _, tasks) => (task.do === "lay" ? tasks.toReversed() : tasks)),
      ...FIRST_FAILS,
    },
    { redrive: 1, crash: 1 },
  ),
  "a join of an older generation is accepted": caught(
    "1 units have failed, but only 0 still fail",
    1,
    {
      ...unconditional((when, update) => isOfBatch(update) && "field" in when && when.field === "generation"),
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
  "a sealed leaf of a redrive forgets the tags of its other chunks": caught(
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

/** A redrive that plans on, after a cancel before anything was planned or settled. */
const CANCELLED = { cancel: 1, redrive: 1 };

/** The nodes that a redrive lays are other ones. */
function laying(change: (update: Update) => Update): Pick<World, "protocol"> {
  return following((task, _, tasks) => {
    if (task.do !== "lay") return tasks;
    return tasks.map((next) => (next.do === "lay-node" ? { ...next, update: change(next.update) } : next));
  });
}

/** By the rule of a redrive that plans on, or of the sweeper, that is left out. */
const LATER_MUTANTS: Record<string, Mutant> = {
  "a late planner of an older generation fixes the number of chunks": caught(
    "chunk 0 was sent, but there are 0 chunks",
    1,
    unconditional((_, update) => isOfBatch(update) && "short" in update.set && "chunks" in update.set),
    CANCELLED,
  ),
  "the right edge is laid closed": caught(
    "the batch counts 0 lost, its leaves 1",
    1,
    laying(({ set: { from, ...set }, ...update }) => {
      return { ...update, set: from === undefined ? set : { ...set, expects: from, root: true } };
    }),
    CANCELLED,
  ),
  "a sealed leaf does not know which of its chunks are new": caught(
    "lost",
    3,
    {
      ...laying((update) => ({ ...update, set: without(update.set, "from") })),
      planners: [{ chunks: 1, size: 1 }],
    },
    { cancel: 2, redrive: 1 },
  ),
  "a planner obeys the END of an older generation": caught(
    NEVER_ENDS,
    1,
    following((task, reply, tasks) => {
      const [, found] = task.do === "read-entry" ? (reply as Replies["read"]) : [];
      const end = found && parseEntry(0, found);
      if (task.do !== "read-entry" || !end || !("end" in end)) return tasks;
      return [{ do: "close", batch: task.batch, end, level: 0 }];
    }),
    CANCELLED,
  ),
  "a planner sends the messages of the older generation again": caught(
    "node/b/1/0/00000000 counts 0 lost, its children -1",
    2,
    following((task, _, tasks) =>
      tasks.map((next) =>
        task.do === "read-entry" && next.do === "read-entry" ? { ...next, sent: false } : next,
      ),
    ),
    CANCELLED,
  ),
  "a redrive plans on before its nodes are laid": caught(
    NEVER_ENDS,
    2,
    following((task, reply, tasks) => {
      if (task.do !== "read-entry" || tasks[0]?.do !== "lay") return tasks;
      const [record, found] = reply as Replies["read"];
      if (record?.["extend"] === undefined) return tasks;
      return sound.follow(task, [{ ...record, laid: 1, launched: 1 }, found ?? null]);
    }),
    CANCELLED,
  ),
  "the sweeper does not send chunks again": caught(
    STUCK,
    2,
    { ...recovering((lost) => ({ ...lost, chunks: [] })), sweeps: true },
    { lost: 1 },
  ),
  "the sweeper does not send joins again": caught(
    STUCK,
    2,
    { ...recovering((lost) => ({ ...lost, nodes: [] })), sweeps: true },
    { lost: 1 },
  ),
  "the sweeper does not wake the coordinator": caught(
    STUCK,
    1,
    { ...recovering((lost) => ({ ...lost, plan: null })), sweeps: true },
    { crash: 1, cancel: 1 },
  ),
};

function recovering(change: (lost: Replies["lost"]) => Replies["lost"]): Pick<World, "protocol"> {
  const follow: Protocol["follow"] = (task, reply) =>
    sound.follow(task, task.do === "recover" ? change(reply as Replies["lost"]) : reply);
  return { protocol: { ...sound, follow } };
}

describe("the checker notices that", () => {
  test.for(Object.entries(LATER_MUTANTS))("%s", ([, { by, broken }]) => {
    expect(explore(broken).violation?.what).toContain(by);
  });

  test.for(Object.entries(MUTANTS))("%s", ([, { by, broken }]) => {
    expect(explore(broken).violation?.what).toContain(by);
  });
});
