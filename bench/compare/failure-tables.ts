/** The trials of all contestants, one after the other. */
import pLimit from "p-limit";
import type { CompareContestant } from "./contestants.ts";
import { FAULTS, tryFault, tryKill } from "./failures.ts";
import type { Fault } from "./failures.ts";
import { describeFault, describeKill } from "./seen.ts";
import type { Seen } from "./seen.ts";
import { TRIAL_LIMIT_S } from "./trial-settings.ts";

/** One trial for each contestant and column. */
export interface FailureTable {
  readonly title: string;
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly (Seen | null)[] }[];
}

export interface FailureOptions {
  readonly hungMs: number;
  /** A few trials only. */
  readonly quick: boolean;
}

/** Trials mostly wait. */
const AT_ONCE = 4;

type Trial = Fault | "killed";
/** The last column of the whole table. */
export const KILLED = "kill -9 of the program";
/** Without a limit, one task that hangs hangs every call. */
const USUAL: readonly Trial[] = ["throws", "exits", "kills"];
const CAREFUL: readonly Trial[] = ["throws", "waits", "spins", "exits", "kills", "killed"];
const QUICK: readonly Trial[] = ["throws"];

/** The last table is that of the calls with limits. */
export async function failureTables(
  contestants: readonly CompareContestant[],
  { hungMs, quick }: FailureOptions,
  say: (line: string) => void,
): Promise<FailureTable[]> {
  const seconds = hungMs / 1000;
  const table = async (title: string, about: string, trials: readonly Trial[], careful: boolean) => {
    const rowOf = async (contestant: CompareContestant): Promise<FailureTable["rows"][number]> => {
      const cells: (Seen | null)[] = [];
      for (const trial of trials) {
        const seen = contestant.missing === null ? await tried(contestant, trial, { careful, hungMs }) : null;
        if (seen) say(`${title}: ${contestant.name}: ${nameOf(trial)}: ${seen.text}`);
        cells.push(seen);
      }
      return { name: contestant.name, cells };
    };
    const limited = pLimit(AT_ONCE);
    const rows = await Promise.all(contestants.map((contestant) => limited(rowOf, contestant)));
    return { title, about, columns: trials.map(nameOf), rows };
  };
  return [
    await table(
      "As the calls are usually written",
      `A task that hangs hangs these calls without a limit, that of fanjoin for its default of 15 minutes; so it was not tried. The limit of a call was ${seconds} s.`,
      quick ? QUICK : USUAL,
      false,
    ),
    await table(
      "With a limit and a result for each task",
      `The most that each library offers, or as much as is easily written around it (below). A task may take ${TRIAL_LIMIT_S} s, the call ${seconds} s. In the last column the program is killed when a quarter of forty tasks are done, then started again four seconds later; workers and servers that are processes of their own are not killed.`,
      quick ? QUICK : CAREFUL,
      true,
    ),
  ];
}

async function tried(
  contestant: CompareContestant,
  trial: Trial,
  options: { readonly careful: boolean; readonly hungMs: number },
): Promise<Seen> {
  if (trial !== "killed") return describeFault(await tryFault(contestant, trial, options), options.hungMs);
  const hungMs = options.hungMs * 2;
  return describeKill(await tryKill(contestant, { ...options, hungMs }), hungMs);
}

function nameOf(trial: Trial): string {
  return trial === "killed" ? KILLED : `one ${FAULTS[trial]}`;
}
