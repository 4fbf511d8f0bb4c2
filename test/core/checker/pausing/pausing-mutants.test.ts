/** The checker has to notice when a rule of pauses is left out. */
import { expect, test } from "vitest";
import type { Replies } from "../../../../src/core/protocol/task.ts";
import { explore } from "../explore.ts";
import { NEVER_ENDS, caught, following, sound } from "../mutant.ts";
import type { Mutant } from "../mutant.ts";

const PAUSE = { pause: 1 };

/** By the rule that is left out. */
const MUTANTS: Record<string, Mutant> = {
  "a resume sends no chunks again": caught(
    NEVER_ENDS,
    1,
    following((task, reply, tasks) =>
      task.do === "relaunch" ? sound.follow(task, { ...(reply as Replies["lost"]), chunks: [] }) : tasks,
    ),
    PAUSE,
  ),
  "a resume does not go on planning": caught(
    NEVER_ENDS,
    0,
    following((task, _, tasks) => (task.do === "relaunched" ? [] : tasks)),
    PAUSE,
  ),
  "a resume is not counted as a launch": caught(
    NEVER_ENDS,
    1,
    following((task, reply, tasks) => {
      if (task.do !== "read-entry") return tasks;
      const [batch, found] = reply as Replies["read"];
      return sound.follow(task, [batch ? { ...batch, launch: 0, relaunched: 0 } : null, found ?? null]);
    }),
    PAUSE,
  ),
  "a planner that sees a pause does not see that the batch is to end": caught(
    NEVER_ENDS,
    0,
    following((task, reply, tasks) => {
      if (task.do !== "read-entry") return tasks;
      const [batch] = reply as Replies["read"];
      return batch?.["paused"] === undefined ? tasks : [];
    }),
    { pause: 1, cancel: 1 },
  ),
};

test.for(Object.entries(MUTANTS))("the checker notices that %s", ([, { by, broken }]) => {
  expect(explore(broken).violation?.what).toContain(by);
});
