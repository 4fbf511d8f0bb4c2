/** The log entries of jobs, and notices, on standard error: above the progress line if there is one. */
import type { LogEntry } from "../../../open/open.ts";
import { logLine } from "./log-line.ts";
import type { ProgressDisplay } from "./progress-display.ts";
import { say } from "../standard-error.ts";

export class LogDisplay {
  display: ProgressDisplay | null = null;

  write(entry: LogEntry): void {
    const line = logLine(entry);
    if (line !== null) this.print(line);
  }

  print(line: string): void {
    if (this.display) this.display.print(line);
    else say(line);
  }
}
