/** A batch as real processes, killed at moments that a seed decides, until one of them is let live. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded } from "../../src/core/batch.ts";
import { openForReading } from "../../src/local/database.ts";
import type { Place, Running } from "../cli/command.ts";
import type { Chance } from "../simulation/chance.ts";

/** When to kill: after a while, when the first files of the result appear, or when the result is committed. */
const MOMENTS = ["soon", "later", "later", "later", "writing the result", "committed"] as const;
/** Not to load a machine more than needed: processes are looked at this often. */
const LOOK_MS = 2;

/** Starts, kills and resumes until a process ended by itself. Returns how many were killed. */
export async function survive(
  at: Place,
  runArgs: readonly string[],
  random: Chance,
  mostKills: number,
): Promise<number> {
  let kills = 0;
  for (;;) {
    const { batch, ended } = await stateOf(at);
    const args = batch === null ? runArgs : ["resume", batch];
    const running = at.start(...args, "--quiet");
    // One that has ended is only told of.
    if (kills < mostKills && !ended) {
      await momentOf(at, running, random);
      running.child.kill("SIGKILL");
    }
    const { code, signal, stderr } = await running.ended;
    if (signal === "SIGKILL") kills++;
    else if (code === 1) return kills;
    else throw new Error(`fanjoin ${args.join(" ")} ended with ${code}:\n${stderr}`);
  }
}

async function momentOf(at: Place, { ended }: Running, random: Chance): Promise<void> {
  const life = { over: false };
  void ended.then(() => (life.over = true));
  const moment = MOMENTS[random.below(MOMENTS.length)];
  if (moment === "soon") return sleep(random.below(300));
  if (moment === "later") return sleep(200 + random.below(1000));
  const come = moment === "committed" ? async () => (await stateOf(at)).ended : async () => writesResult(at);
  while (!life.over && !(await come())) await sleep(LOOK_MS);
  if (random.oneIn(2)) await sleep(random.below(20));
}

/** What is on disk, without opening the directory as the command does. */
export async function stateOf(
  at: Place,
): Promise<{ readonly batch: string | null; readonly ended: boolean }> {
  try {
    const database = openForReading(join(at.path, ".fanjoin", "state.db"));
    try {
      const [first] = await database.ledger.list("batch/", null, 1);
      return first ? { batch: first.key.slice("batch/".length), ended: hasEnded(first.fields) } : NOTHING;
    } finally {
      database.close();
    }
  } catch {
    // It is not there yet, or being made.
    return NOTHING;
  }
}

const NOTHING = { batch: null, ended: false };

function writesResult(at: Place): boolean {
  const folder = join(at.path, ".fanjoin", "batches");
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((batch) =>
    readdirSync(join(folder, batch)).some((name) => name.includes("result")),
  );
}
