/** An engine for as long as a command needs one. */
import { openEngine } from "../../local/engine/open-engine.ts";
import type { Engine, LogEntry } from "../../local/engine/engine.ts";
import type { ConcurrencyOption } from "../common-options.ts";
import { logLine } from "../display/log-line.ts";
import type { ProgressDisplay } from "../display/progress-display.ts";
import { say } from "../display/standard-error.ts";
import type { DirectoryOption } from "./directory-option.ts";

/** Writes the log entries of jobs to standard error, above the progress line if there is one. */
export class LogDisplay {
  display: ProgressDisplay | null = null;

  write(entry: LogEntry): void {
    const line = logLine(entry);
    if (line === null) return;
    if (this.display) this.display.print(line);
    else say(line);
  }
}

/** Opens the engine for `use`, and stops it afterwards, also when `use` throws. */
export async function withEngine<T>(
  { dir, concurrency }: DirectoryOption & ConcurrencyOption,
  use: (engine: Engine, log: LogDisplay) => Promise<T>,
): Promise<T> {
  const log = new LogDisplay();
  const engine = await openEngine({ directory: dir, concurrency, onLog: (entry) => log.write(entry) });
  try {
    const result = await use(engine, log);
    await engine.stop();
    return result;
  } catch (error) {
    // The first error is the one to report.
    await engine.stop().catch(() => undefined);
    throw error;
  }
}
