/** Where a page is, for the page itself: what it may do there, and how its readers do the rest. */
import { POLL_MS } from "../../api/live/event-stream.ts";
import { VERSION } from "../../core/version.ts";
import { inDirectory as optionsFor } from "../../cli/shell-command.ts";
import { quoted } from "../../open/quoted.ts";

export interface PagePlace {
  readonly kind: "dev" | "run" | "directory" | "stack";
  /** Of the directory or the stack. */
  readonly name: string;
  readonly version: string;
  /** Whether its buttons work. */
  readonly changes: boolean;
  /** Why not. */
  readonly why?: string;
  /** What the commands need that do the same: `fanjoin cancel <batch>` with this behind. */
  readonly options: string;
  /** How often there is news: at once, or every so many milliseconds. */
  readonly every: "live" | number;
}

/** `fanjoin dev`. */
export function devPlace(directory: string): PagePlace {
  return { ...inDirectory(directory), kind: "dev", changes: true };
}

/** `fanjoin run --open`. */
export function runPlace(directory: string): PagePlace {
  const why = "this page is that of a command which runs: press Ctrl-C there, or use commands";
  return { ...inDirectory(directory), kind: "run", changes: false, why };
}

/** `fanjoin ui`. */
export function directoryPlace(directory: string): PagePlace {
  const why = "fanjoin ui only looks: its batches change by commands";
  return { ...inDirectory(directory), kind: "directory", changes: false, why };
}

/** `fanjoin ui --stack`, or `--endpoint`. */
export function stackPlace(name: string, options: readonly string[]): PagePlace {
  return {
    kind: "stack",
    name,
    version: VERSION,
    changes: true,
    options: optionsText(options),
    every: POLL_MS,
  };
}

/** To be put behind a command. */
function optionsText(options: readonly string[]): string {
  return options.map((word) => ` ${quoted(word)}`).join("");
}

function inDirectory(directory: string): Pick<PagePlace, "name" | "version" | "options" | "every"> {
  return { name: directory, version: VERSION, options: optionsText(optionsFor(directory)), every: "live" };
}
