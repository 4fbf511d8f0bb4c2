/** Runs a batch in real processes and kills them at random moments, until one may end. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasEnded } from "../../../src/core/records/batch/batch.ts";
import { openForReading } from "../../../src/local/sqlite/database.ts";
import type { Workspace, Running } from "../../cli/command.ts";
import type { Chance } from "../../../src/core/chance.ts";

/**
 * When to kill: after a random time, when the first files of the result appear, or when the result is
 * committed.
 */
const MOMENTS = ["soon", "later", "later", "later", "writing the result", "committed"] as const;
const POLL_MS = 2;

/**
 * Starts, kills and resumes until a process ends by itself. `first` is the first command: `run`, or `redrive`
 * if there is a batch that has ended. Returns the number of kills.
 */
export async function survive(
  at: Workspace,
  first: readonly string[],
  random: Chance,
  maxKills: number,
): Promise<number> {
  let kills = 0;
  for (;;) {
    const { batch, ended: over, redriven } = await stateOf(at);
    const begun = batch !== null && (first[0] === "run" || redriven || !over);
    const ended = begun && over;
    const args = begun ? ["resume", batch] : first;
    const running = at.start(...args, "--quiet");
    // If the batch has ended, the command only reports it.
    if (kills < maxKills && !ended) {
      await momentOf(at, running, random);
      running.child.kill("SIGKILL");
    }
    const { code, signal, stderr } = await running.ended;
    if (signal === "SIGKILL") kills++;
    else if (code === 1) return kills;
    else throw new Error(`fanjoin ${args.join(" ")} ended with ${code}:\n${stderr}`);
  }
}

async function momentOf(at: Workspace, { ended }: Running, random: Chance): Promise<void> {
  const life = { over: false };
  void ended.then(() => (life.over = true));
  const moment = MOMENTS[random.below(MOMENTS.length)];
  if (moment === "soon") return sleep(random.below(300));
  if (moment === "later") return sleep(200 + random.below(1000));
  const written = namesOfResults(at);
  const hasCome =
    moment === "committed"
      ? async () => (await stateOf(at)).ended
      : async () => namesOfResults(at).some((name) => !written.includes(name));
  while (!life.over && !(await hasCome())) await sleep(POLL_MS);
  if (random.oneIn(2)) await sleep(random.below(20));
}

export interface Written {
  readonly result: string;
  readonly outputs: string;
  readonly failed: string;
}

/** Reads the batch's state from disk, without taking over the directory as the command does. */
export async function stateOf(
  at: Workspace,
): Promise<{ readonly batch: string | null; readonly ended: boolean; readonly redriven: boolean }> {
  try {
    const database = openForReading(join(at.path, ".fanjoin", "state.db"));
    try {
      const [first] = await database.ledger.list("batch/", null, 1);
      if (!first) return NOTHING;
      const { key, fields } = first;
      return {
        batch: key.slice("batch/".length),
        ended: hasEnded(fields),
        redriven: typeof fields["redrivenAt"] === "number",
      };
    } finally {
      database.close();
    }
  } catch {
    // The database is missing or being created.
    return NOTHING;
  }
}

const NOTHING = { batch: null, ended: false, redriven: false };

function namesOfResults(at: Workspace): string[] {
  const folder = join(at.path, ".fanjoin", "batches");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).flatMap((batch) => readdirSync(join(folder, batch)));
  return names.filter((name) => name.includes("result"));
}

/** The files of the only batch. */
export async function written(at: Workspace): Promise<Written> {
  const { batch } = await stateOf(at);
  const { summary } = await at.json("show", batch ?? "");
  const read = (file: { readonly path: string } | null): string => readFileSync(file?.path ?? "", "utf8");
  return { result: read(summary.result), outputs: read(summary.outputs), failed: read(summary.failed) };
}
