/** The checker has to notice when a rule of hedges is left out. */
import { expect, test } from "vitest";
import { cutTask } from "../../../../src/core/protocol/splitting.ts";
import type { Replies, Task } from "../../../../src/core/protocol/task.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { explore } from "../explore.ts";
import { NEVER_ENDS, caught, following, isOfNode, unconditional } from "../mutant.ts";
import type { Mutant } from "../mutant.ts";
import type { World } from "../world/world.ts";

const HEDGE = { hedge: 1 };
const oneOf = (units: number): Partial<World> => ({ planners: [{ chunks: 1, size: units }] });

/** Work on the last message of each chunk, whatever its kind. */
function lastOfEach(messages: readonly ChunkMessage[]): readonly ChunkMessage[] {
  return [...new Map(messages.map((message) => [message.chunk, message])).values()];
}

/** By the rule that is left out. */
const MUTANTS: Record<string, Mutant> = {
  "a hedge that dies for the last time gives its chunk up": caught(
    "was given up, but its first message is still there",
    1,
    { givesUp: "hedges too" },
    { ...HEDGE, deadLetter: 1 },
  ),
  "a hedge cuts its chunk": caught(
    "a hedge cuts its chunk",
    2,
    {
      ...oneOf(2),
      ...following((task, reply, tasks) => {
        if (task.do !== "work") return tasks;
        const { cuts = [], tag } = reply as Replies["work"];
        const own = cuts.filter(({ message }) => message.kind === "hedge");
        return [...tasks, ...own.map((cut) => cutTask(cut, tag))];
      }),
    },
    { ...HEDGE, timeUp: 1 },
  ),
  "the attempt that comes second takes the place of the first one": caught(
    "says 2 settled, it has 1 tags",
    1,
    unconditional((condition, update) => isOfNode(update) && condition.is === "absent"),
    HEDGE,
  ),
  "a hedge takes the place of the first message in its bundle": caught(
    NEVER_ENDS,
    2,
    {
      ...oneOf(2),
      bundle: 2,
      ...following((task, _, tasks) => {
        if (task.do !== "start") return tasks;
        const isHedge = (message: ChunkMessage): boolean => message.kind === "hedge";
        const inOrder = task.chunks.toSorted((a, b) => Number(isHedge(a)) - Number(isHedge(b)));
        return tasks.map((next) => (next.do === "work" ? { ...next, chunks: lastOfEach(inOrder) } : next));
      }),
    },
    { ...HEDGE, timeUp: 1 },
  ),
  "two looks note their hedges over each other": caught(
    "counts 1 hedges, it has 2",
    2,
    {
      planners: [{ chunks: 9, size: 1 }],
      ...unconditional((_, update) => update.key.startsWith("hedges/")),
    },
    { hedge: 2 },
  ),
  "a hedge is sent before it is noted": caught(
    "is hedged, but that is not noted",
    1,
    following((task, _, tasks) => {
      if (task.do !== "hedge") return tasks;
      return tasks.flatMap((next): Task[] => {
        if (next.do !== "note-hedges") return [next];
        return [{ do: "send", queue: "worker", messages: next.messages }, next];
      });
    }),
    HEDGE,
  ),
  "a hedge in a redrive does not know what its chunk came to before": caught(
    "its children 0",
    1,
    {
      fails: { 0: 1 },
      ...following((task, _, tasks) =>
        tasks.map((next) => {
          if (task.do !== "hedge" || next.do !== "note-hedges") return next;
          return { ...next, messages: next.messages.map(({ former: _former, ...rest }) => rest) };
        }),
      ),
    },
    { ...HEDGE, redrive: 1 },
  ),
};

test.for(Object.entries(MUTANTS))("the checker notices that %s", ([, { by, broken }]) => {
  expect(explore(broken).violation?.what).toContain(by);
});
