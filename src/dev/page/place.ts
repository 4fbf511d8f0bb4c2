/** Where a page is, for the page itself: what it may do there, and how its readers do the rest. */
import { POLL_MS } from "../../api/live/event-stream.ts";
import { VERSION } from "../../core/version.ts";
import { inDirectory as optionsFor } from "../../cli/shell-command.ts";
import { quoted } from "../../core/quoted.ts";
import type { PlaceView } from "../../page/place-view.ts";
import type { ProxyOptions } from "./stack-proxy.ts";

/** `fanjoin dev`. */
export function devPlace(directory: string): PlaceView {
  return { ...inDirectory(directory), kind: "dev", changes: true };
}

/** `fanjoin run --open`. */
export function runPlace(directory: string): PlaceView {
  const why = "this page is that of a command which runs: press Ctrl-C there, or use commands";
  return { ...inDirectory(directory), kind: "run", changes: false, why };
}

/** `fanjoin ui`. */
export function directoryPlace(directory: string): PlaceView {
  const why = "fanjoin ui only looks: its batches change by commands";
  return { ...inDirectory(directory), kind: "directory", changes: false, why };
}

/** `fanjoin ui --stack`, or `--endpoint`. */
export function stackPlaceOf({ stack, endpoint = "" }: Pick<ProxyOptions, "stack" | "endpoint">): PlaceView {
  const words = stack === undefined ? ["--endpoint", endpoint] : ["--stack", stack];
  return {
    kind: "stack",
    name: stack ?? endpoint,
    version: VERSION,
    changes: true,
    options: optionsText(words),
    every: POLL_MS,
  };
}

/** What a command has behind it that starts a batch there, without a path of this machine. */
export function startsAt({ kind, options }: Pick<PlaceView, "kind" | "options">): string {
  return kind === "stack" ? options : "";
}

/** To be put behind a command. */
function optionsText(options: readonly string[]): string {
  return options.map((word) => ` ${quoted(word)}`).join("");
}

function inDirectory(directory: string): Pick<PlaceView, "name" | "version" | "options" | "every"> {
  return { name: directory, version: VERSION, options: optionsText(optionsFor(directory)), every: "live" };
}
