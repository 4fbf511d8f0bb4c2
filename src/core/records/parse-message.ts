/** Checks the body of a message. Other programs can send to the queues too. */
import { isObject } from "../json/json.ts";
import type { UnknownObject } from "../json/json.ts";
import { SPLIT_LEVEL } from "./tree.ts";
import type { Message } from "./message.ts";

/**
 * Checks a message body; `null` if it is not a message of fanjoin. Other programs can send to the queues too.
 */
export function parseMessage(value: unknown): Message | null {
  if (!isObject(value)) return null;
  const { kind } = value;
  const check = typeof kind === "string" ? CHECKS.get(kind) : undefined;
  return check?.(value) ? (value as unknown as Message) : null;
}

const CHECKS: ReadonlyMap<string, (value: UnknownObject) => boolean> = new Map([
  ["plan", isPlan],
  ["chunk", (value) => isChunk(value) && value["run"] === undefined],
  ["run", (value) => isChunk(value) && isObject(value["run"])],
  ["hedge", isChunk],
  ["part", (value) => isChunk(value) && areCounts(value, "part")],
  ["merge", isNodeMessage],
  ["seal", isNodeMessage],
  ["stragglers", isStragglers],
  ["tick", isTick],
  ["news", (value) => isName(value["batch"])],
  ["report", (value) => isName(value["batch"])],
]);

function isTick(value: UnknownObject): boolean {
  const { job, params, input, overlap } = value;
  const isComplete = params !== undefined && input !== undefined && areCounts(value, "at");
  return isComplete && isName(job) && (overlap === "skip" || overlap === "queue");
}

function isPlan(value: UnknownObject): boolean {
  const { batch, survey, listing } = value;
  const places =
    (survey === undefined || isSurveyPlace(survey)) && (listing === undefined || isListPlace(listing));
  return isName(batch) && areCounts(value, "entry") && places;
}

function isListPlace(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { after, measured, index, lines } = value;
  const isPlace = typeof after === "string" || areCounts(value, "after");
  const areSegments = [index, lines].every((list) => Array.isArray(list) && list.every(isSegment));
  const areNumbers = areCounts(value, "count", "bytes", "lastBytes", "end");
  return isPlace && areSegments && areNumbers && typeof measured === "boolean";
}

function isSegment(value: unknown): boolean {
  return isObject(value) && typeof value["name"] === "string" && areCounts(value, "offset", "length");
}

function isSurveyPlace(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { phase } = value;
  return (phase === "lay" || phase === "launch") && areCounts(value, "generation", "level", "index");
}

function isNodeMessage(value: UnknownObject): boolean {
  const { node, merged } = value;
  const part =
    merged === undefined || (isObject(merged) && isName(merged["tag"]) && areCounts(merged, "children"));
  return part && isNode(node) && areCounts(value, "attempt");
}

function isStragglers(value: UnknownObject): boolean {
  return isNode(value["node"]) && areCounts(value, "attempt", "delayMs");
}

function isChunk(value: UnknownObject): boolean {
  const { batch, run, spool, former, larger, waits, waitedMs } = value;
  const counts =
    areCounts(value, "generation", "chunk", "attempt", "source", "start", "end") &&
    (larger === undefined || areCounts(value, "larger")) &&
    (waits === undefined || areCounts(value, "waits")) &&
    (waitedMs === undefined || areCounts(value, "waitedMs"));
  const isRun = run === undefined || (isObject(run) && areCounts(run, "sources", "bytes"));
  const extras = isRun && (spool === undefined || isSpool(spool)) && (former === undefined || isName(former));
  return counts && extras && areMarks(value, "fresh", "look") && isName(batch);
}

function areMarks(value: UnknownObject, ...names: readonly string[]): boolean {
  return names.every((name) => value[name] === undefined || value[name] === true);
}

function isSpool(value: unknown): boolean {
  return isObject(value) && typeof value["name"] === "string" && areCounts(value, "offset", "length", "base");
}

function isNode(value: unknown): boolean {
  if (!isObject(value) || !isName(value["batch"]) || !areCounts(value, "generation", "index")) return false;
  return value["level"] === SPLIT_LEVEL || areCounts(value, "level");
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function areCounts(value: UnknownObject, ...names: readonly string[]): boolean {
  return names.every((name) => Number.isSafeInteger(value[name]) && Number(value[name]) >= 0);
}
