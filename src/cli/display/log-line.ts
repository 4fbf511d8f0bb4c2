/** What users' jobs log, as lines on standard error. */
import { debuglog, inspect } from "node:util";
import type { LogEntry } from "../../local/engine/engine.ts";

const debugging = debuglog("fanjoin");

/** `null` for what is not shown: debug entries, unless `NODE_DEBUG=fanjoin`. */
export function logLine({ level, message, fields }: LogEntry, showDebug = debugging.enabled): string | null {
  if (level === "debug" && !showDebug) return null;
  const shown =
    fields === undefined || fields === null ? "" : ` ${inspect(fields, { breakLength: Infinity })}`;
  return `${level}: ${message}${shown}`;
}
