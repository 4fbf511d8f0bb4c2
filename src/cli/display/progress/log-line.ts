/** Log entries of jobs as lines for standard error. */
import { debuglog, inspect } from "node:util";
import { escapeEntry } from "../escape.ts";
import type { LogEntry } from "../../../open/open.ts";

const debugging = debuglog("fanjoin");

/** `null` for an entry that is not shown: debug entries are shown only with `NODE_DEBUG=fanjoin`. */
export function logLine({ level, message, fields }: LogEntry, showDebug = debugging.enabled): string | null {
  if (level === "debug" && !showDebug) return null;
  const shown =
    fields === undefined || fields === null ? "" : ` ${inspect(fields, { breakLength: Infinity })}`;
  return escapeEntry(`${level}: ${message}${shown}`);
}
