/** The batches that a command works on: those of a directory, or of a stack. */
import type { BatchSummary } from "../batch/summary/summary.ts";
import { FanjoinError, usage } from "../core/errors/errors.ts";
import type { Batch, Fanjoin } from "../door/fanjoin.ts";
import { open } from "../open/open.ts";
import type { Chaos } from "../open/open.ts";
import { threadsOf } from "./common-options.ts";
import type { OutcomeOptions, PlaceOptions } from "./common-options.ts";
import { LogDisplay } from "./display/progress/log-display.ts";
import { uploadDisplay } from "./display/progress/upload-display.ts";
import { keepReport } from "./follow/keep-report.ts";
import { fanjoinCommand, inDirectory, resumeCommand } from "./shell-command.ts";

/** `await using` frees the directory at the end of a command, also when that throws. */
export interface CommandPlace extends AsyncDisposable {
  readonly fanjoin: Fanjoin;
  /** Batches that are begun or continued run in this process. */
  readonly runsHere: boolean;
  readonly log: LogDisplay;
  /** Throws `BATCH_UNKNOWN`, which says how to see all batches, and `USAGE`. */
  find(named: string): Promise<Batch>;
  /** Keeps the report of a batch that has ended here. Nothing is thrown. */
  keepReport(summary: BatchSummary, options: Pick<OutcomeOptions, "quiet" | "json">): Promise<void>;
  /** A `fanjoin` command line for these batches, to be pasted into the same shell. */
  command(rest: string): string;
  /** The command that continues a batch. */
  resumeCommand(batch: string): Promise<string>;
  /** Whether a paused batch goes on in another process. */
  goesOnElsewhere(batch: string): Promise<boolean>;
}

/** The code that talks to AWS is loaded only if it is needed. */
export async function placeOf(options: PlaceOptions): Promise<CommandPlace> {
  const { stack, endpoint, insecureEndpoint } = options;
  if (stack !== undefined || endpoint !== undefined) return stackPlace(options);
  if (insecureEndpoint) throw usage("--insecure-endpoint needs --stack or --endpoint: there is none");
  return directoryPlace(options);
}

/** Nothing is locked before a batch is begun, continued or cancelled. */
export async function directoryPlace(options: PlaceOptions, chaos?: Chaos): Promise<CommandPlace> {
  const { dir, quiet, wait, insecureEndpoint } = options;
  const log = new LogDisplay();
  const fanjoin = await open({
    directory: dir,
    threads: threadsOf(options),
    wait: wait === true,
    insecureEndpoint,
    chaos,
    onLog: (entry) => log.write(entry),
    onNotice: (line, kind) => (quiet && kind === "left-out" ? undefined : log.print(line)),
  });
  return {
    ...placeWith(fanjoin, log, inDirectory(dir)),
    runsHere: true,
    keepReport: (summary, outcome) => keepReport(dir, summary, outcome),
    goesOnElsewhere: (batch) => fanjoin.isPausedElsewhere(batch),
    async resumeCommand(batch) {
      // If the directory cannot be read any more, the command does without what it says.
      const jobFile = await fanjoin.jobFile(batch).catch(() => null);
      return resumeCommand({ batch, directory: dir, jobFile });
    },
  };
}

export async function stackPlace(options: PlaceOptions): Promise<CommandPlace> {
  const { stack, endpoint, insecureEndpoint, quiet } = options;
  const { connect } = await import("../client/connect.ts");
  const log = new LogDisplay();
  const fanjoin = await connect({
    stack,
    endpoint,
    insecureEndpoint,
    onNotice: (line, kind) => (quiet && kind === "left-out" ? undefined : log.print(line)),
    onUploads: (files) => uploadDisplay(files, quiet === true),
  });
  const where = stack === undefined ? ["--endpoint", endpoint ?? ""] : ["--stack", stack];
  const words = [...where, ...(insecureEndpoint ? ["--insecure-endpoint"] : [])];
  const place = placeWith(fanjoin, log, words);
  return {
    ...place,
    runsHere: false,
    keepReport: async () => undefined,
    resumeCommand: async (batch) => place.command(`resume ${batch}`),
    goesOnElsewhere: async () => true,
  };
}

/** `words`: the options that lead to these batches. */
function placeWith(
  fanjoin: Fanjoin,
  log: LogDisplay,
  words: readonly string[],
): Omit<CommandPlace, "runsHere" | "keepReport" | "resumeCommand" | "goesOnElsewhere"> {
  const command = (rest: string): string => fanjoinCommand(rest, words);
  return {
    fanjoin,
    log,
    command,
    find: (named) => found(fanjoin, named, command),
    // The error that ends a command is told, and not another one that follows from it.
    [Symbol.asyncDispose]: () => fanjoin.close().catch(() => undefined),
  };
}

async function found(fanjoin: Fanjoin, named: string, command: (rest: string) => string): Promise<Batch> {
  try {
    return await fanjoin.batch(named);
  } catch (error) {
    if (!(error instanceof FanjoinError) || error.code !== "BATCH_UNKNOWN") throw error;
    throw new FanjoinError(error.code, `${error.message}: \`${command("list")}\` shows all batches`);
  }
}

/** The latest unfinished batch; the latest one, if all have ended: it may have done so a moment ago. */
export async function latestToResume({ fanjoin }: CommandPlace): Promise<Batch> {
  let latest: string | null = null;
  for await (const { batch, endedAt } of fanjoin.list()) {
    if (endedAt === null) return fanjoin.batch(batch);
    latest ??= batch;
  }
  if (latest !== null) return fanjoin.batch(latest);
  throw new FanjoinError("BATCH_UNKNOWN", `there is no batch ${fanjoin.where}`);
}
