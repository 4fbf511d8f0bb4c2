import { expect, test } from "vitest";
import type { FaultSeen, KillSeen } from "../../../bench/compare/failures.ts";
import { describeFault, describeKill } from "../../../bench/compare/seen.ts";

const WHOLE: FaultSeen = {
  outcome: "answered",
  starts: 1,
  raised: null,
  values: 19,
  others: 19,
  failed: 1,
  exited: true,
};
const GOES_ON: KillSeen = {
  tasks: 40,
  doneBefore: 10,
  doneAfter: 0,
  processesLeft: 0,
  outcome: "answered",
  values: 40,
  doneAgain: 2,
};

test.for([
  [{}, "whole", "the others finished, the failure named"],
  [{ failed: 0 }, "whole", "the others finished, the failure not reported"],
  [{ starts: 2 }, "whole", "the program died once; started again, the others finished, the failure named"],
  [{ values: 12 }, "lost", "**lost** 7 of 19 other values"],
  [{ raised: "ValueError" }, "lost", "**lost**: the call throws, without 19 values"],
  [{ outcome: "died", starts: 3 }, "lost", "**lost**: the program died, 3 times"],
  [{ outcome: "hung" }, "hung", "**hung**: no answer after 10 s"],
  [{ exited: false }, "hung", "the others finished, the failure named; **hung** at exit"],
] as const)("of a broken task that left %o the table says %s", ([seen, verdict, text]) => {
  expect(describeFault({ ...WHOLE, ...seen }, 10_000)).toEqual({ verdict, text });
});

test.for([
  [{}, "whole", "started again: goes on, 2 of 10 done again"],
  [{ doneAgain: 0 }, "whole", "started again: goes on, none of 10 done again"],
  [{ doneAgain: 10 }, "lost", "**lost** all 10 that were done"],
  [{ doneAgain: 10, processesLeft: 4 }, "lost", "**lost** all 10 that were done; 4 processes left behind"],
  [{ values: 38 }, "lost", "started again: **lost** 2 values"],
  [{ outcome: "hung" }, "hung", "started again: **hung**, no answer after 10 s"],
  [
    { doneAfter: 30, doneAgain: 0 },
    "whole",
    "30 tasks done without it; started again: goes on, none of 10 done again",
  ],
] as const)("of a killed program that left %o the table says %s", ([seen, verdict, text]) => {
  expect(describeKill({ ...GOES_ON, ...seen }, 10_000)).toEqual({ verdict, text });
});
