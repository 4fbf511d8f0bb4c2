/** The checker has to notice when a rule of the redrive's protocol is left out. */
import { describe, expect, test } from "vitest";
import type { Protocol } from "../../../src/core/protocol/protocol.ts";
import type { Replies } from "../../../src/core/protocol/task.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { explore } from "./explore.ts";
import { caught, following, isOfBatch, isOfNode, sound, unconditional } from "./mutant.ts";
import type { Mutant } from "./mutant.ts";
import type { World } from "./world.ts";

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
    "the number of chunks was changed",
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

describe("the checker notices that", () => {
  test.for(Object.entries(MUTANTS))("%s", ([, { by, broken }]) => {
    expect(explore(broken).violation?.what).toContain(by);
  });
});
