/** Words for what was seen in a trial. */
import type { FaultSeen, KillSeen } from "./failures.ts";

/** The verdict of a trial: the worst word that it has to be told with. */
export type Verdict = "whole" | "lost" | "hung";

export interface Seen {
  readonly verdict: Verdict;
  readonly text: string;
}

export function describeFault(seen: FaultSeen, hungMs: number): Seen {
  const { outcome, starts, raised, values, others, failed, exited } = seen;
  if (outcome === "hung") return { verdict: "hung", text: `**hung**: no answer after ${hungMs / 1000} s` };
  if (outcome === "died") return { verdict: "lost", text: `**lost**: the program died, ${starts} times` };
  if (raised !== null)
    return { verdict: "lost", text: `**lost**: the call throws, without ${others} values` };
  const again = starts > 1 ? `the program died ${times(starts - 1)}; started again, ` : "";
  if (values < others) {
    return { verdict: "lost", text: `${again}**lost** ${others - values} of ${others} other values` };
  }
  const report = failed === 0 ? "the failure not reported" : "the failure named";
  const text = `${again}the others finished, ${report}`;
  return exited ? { verdict: "whole", text } : { verdict: "hung", text: `${text}; **hung** at exit` };
}

export function describeKill(seen: KillSeen, hungMs: number): Seen {
  const { tasks, doneBefore, doneAfter, processesLeft, outcome, values, doneAgain } = seen;
  const left = processesLeft === 0 ? "" : `; ${processesLeft} processes left behind`;
  const on = doneAfter === 0 ? "" : `${doneAfter} tasks done without it; `;
  if (outcome === "hung") {
    return {
      verdict: "hung",
      text: `${on}started again: **hung**, no answer after ${hungMs / 1000} s${left}`,
    };
  }
  if (outcome === "died" || values < tasks) {
    return { verdict: "lost", text: `${on}started again: **lost** ${tasks - values} values${left}` };
  }
  if (doneAgain === doneBefore) {
    return { verdict: "lost", text: `${on}**lost** all ${doneBefore} that were done${left}` };
  }
  const repeated = doneAgain === 0 ? "none" : String(doneAgain);
  return {
    verdict: "whole",
    text: `${on}started again: goes on, ${repeated} of ${doneBefore} done again${left}`,
  };
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
