/**
 * The border between the state database and everything else: text becomes a record or a message here, and
 * nowhere else. What has another shape than fanjoin writes is `DIRECTORY_UNUSABLE`, with its place.
 */
import { FanjoinError, reasonOf } from "../../core/errors/errors.ts";
import { parseMessage } from "../../core/records/parse-message.ts";
import type { Message, QueueName } from "../../core/records/message.ts";
import { MAX_ENTRY_CHUNKS } from "../../core/records/plan.ts";
import type { Fields } from "../../core/records/record.ts";
import { MAX_PARTS } from "../../core/records/split.ts";
import { FAN_IN, SPLIT_LEVEL } from "../../core/records/tree.ts";
import {
  anything,
  count,
  countUpTo,
  entries,
  flag,
  matching,
  maybe,
  number,
  object,
  partAt,
  text,
  where,
} from "../../core/json/shape.ts";
import type { Check } from "../../core/json/shape.ts";
import { batchRecord } from "./batch-record.ts";
import { batchId, isBatchId, packedSpool, segmentName, spoolName, tag } from "./forms.ts";

/** The record of `key` in the database `file`. Throws `DIRECTORY_UNUSABLE`. */
export function parseRecord(file: string, key: string, body: string): Fields {
  const place = `the record ${JSON.stringify(key)}`;
  return checked(file, place, parsed(file, place, body), recordAt(key) ?? unknownKey) as Fields;
}

/** Message number `id` in the database `file`. Throws `DIRECTORY_UNUSABLE`. */
export function parseStoredMessage(file: string, id: number, body: string): Message {
  const place = `the message ${id}`;
  return checked(file, place, parsed(file, place, body), message) as Message;
}

/** Throws `DIRECTORY_UNUSABLE` if there is no such queue. */
export function parseQueueName(file: string, id: number, name: unknown): QueueName {
  if (QUEUES.has(name as QueueName)) return name as QueueName;
  throw damaged(file, `the queue of the message ${id} is ${shown(name)}`);
}

const QUEUES: ReadonlySet<QueueName> = new Set(["coordinator", "worker", "join", "dead-letter"]);

function parsed(file: string, place: string, body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    throw damaged(file, `${place} is not JSON (${reasonOf(error)})`, error);
  }
}

function checked(file: string, place: string, value: unknown, check: Check): unknown {
  const path = check(value);
  if (path === null) return value;
  const what = path === "" ? place : `${path} of ${place}`;
  throw damaged(file, `${what} is ${shown(partAt(value, path))}`);
}

const MAX_SHOWN = 80;

function shown(value: unknown): string {
  const written = JSON.stringify(value) ?? "missing";
  return written.length > MAX_SHOWN ? `${written.slice(0, MAX_SHOWN)}…` : written;
}

function damaged(file: string, what: string, cause?: unknown): FanjoinError {
  return new FanjoinError(
    "DIRECTORY_UNUSABLE",
    `The state database ${file} is damaged, or this version of fanjoin did not write it: ${what}. Nothing was changed. Restore a copy of it, update fanjoin, or use another --dir and run the batch again.`,
    { cause },
  );
}

const nowhere: Check = () => "";
/** Records of kinds that this fanjoin does not know are never used. */
const unknownKey: Check = object({});

/** The check of the record at `key`; `null` for an unknown kind. */
function recordAt(key: string): Check | null {
  const [kind = "", batch = "", ...rest] = key.split("/");
  if (kind === "token") return token;
  if (kind === "limit") return limit;
  if (kind === "schedule") return schedule;
  const check = KINDS.get(kind);
  if (!check) return null;
  const place = rest.join("/");
  return isBatchId(batch) && check.rest.test(place) ? check.of(batch, place) : nowhere;
}

/** `rest`: what follows the id of the batch in the key. */
interface Kind {
  readonly rest: RegExp;
  readonly of: (batch: string, rest: string) => Check;
}

const token = object({ batch: batchId, input: text });
const schedule = object({ busyUntil: maybe(number), last: maybe(batchId), at: maybe(number) });
const limit = object({ tat: maybe(number) });

const NODE_NUMBERS = "settled chunks lost broken succeeded failed units ms damaged mbs fees".split(" ");

const NODE_FIELDS: ReadonlyMap<string, Check> = new Map([
  ["expects", countUpTo(FAN_IN)],
  ["over", count],
  ["from", count],
  ["sealed", flag],
  ["root", flag],
  ...NODE_NUMBERS.map((name) => [name, number] as const),
]);

/** A field of a node: a number, or the tag of a child in base 36. */
function nodeField(name: string): Check {
  return NODE_FIELDS.get(name) ?? (name.length <= 2 ? tag : anything);
}

const SPLIT_FIELDS: ReadonlyMap<string, Check> = new Map([
  ["end", count],
  ["expects", countUpTo(MAX_PARTS)],
  ["sealed", flag],
  ["was", matching(/^(lost|whole)$/)],
  ["redone", tag],
  ["kept", matching(/^(?:\d{1,3}(?:,\d{1,3})*)?$/)],
  ...NODE_NUMBERS.map((name) => [name, number] as const),
]);

/** A field of a split: a number, the tag of a part in base 36, where a part starts, or what it was before. */
function splitField(name: string): Check {
  const known = SPLIT_FIELDS.get(name);
  if (known) return known;
  if (/^s[0-9a-z]{1,2}$/.test(name)) return count;
  return /^(t[0-9a-z]{1,2}|[0-9a-z]{1,2})$/.test(name) ? tag : anything;
}

/** `rest`: what follows the id of the batch in the key of a node. */
function isSplit(rest: string): boolean {
  return rest.split("/")[1] === String(SPLIT_LEVEL);
}

const RUN = "[0-9a-z]+:[0-9a-z]+:[0-9a-z]+(?:\\*[0-9a-z]+)?(?:,[0-9a-z]+(?:\\*[0-9a-z]+)?)*";
const RANGES = new RegExp(`^(?:${RUN}(?:;${RUN})*)?$`);

/** Packed ranges say how often a length is repeated: a false number would fill the memory. */
const packedRanges = where((value) => {
  if (typeof value !== "string" || !RANGES.test(value)) return false;
  const lengths = value.split(";").flatMap((run) => run.slice(run.lastIndexOf(":") + 1).split(","));
  const chunks = lengths.reduce((sum, length) => sum + parseInt(length.split("*")[1] ?? "1", 36), 0);
  return chunks <= MAX_ENTRY_CHUNKS;
});

const SOURCE_RUNS = "[0-9a-z]+~[0-9a-z]+:[0-9a-z]+(?:,[0-9a-z]+:[0-9a-z]+)*";
const STRETCH = `(?:${RUN}|${SOURCE_RUNS})`;
const STRETCHES = new RegExp(`^${STRETCH}(?:;${STRETCH})*$`);

/** Packed ranges of which some are runs of sources. */
const packedRuns = where((value) => {
  if (typeof value !== "string" || !STRETCHES.test(value)) return false;
  const stretches = value.split(";");
  const runs = stretches.filter((one) => one.includes("~")).flatMap((one) => one.split(","));
  const others = stretches.filter((one) => !one.includes("~")).join(";");
  return runs.length <= MAX_ENTRY_CHUNKS && packedRanges(others) === null;
});

const end = object({ end: count, short: maybe(flag), generation: maybe(count) });
const entry = object({
  first: count,
  ranges: maybe(packedRanges),
  runs: maybe(packedRuns),
  spool: maybe(packedSpool),
  crcs: maybe(matching(/^[0-9a-z]*(,[0-9a-z]*)*$/)),
  items: maybe(count),
});
const plan: Check = (value) => {
  if (end(value) === null) return null;
  const wrong = entry(value);
  if (wrong !== null) return wrong;
  const { ranges, runs } = value as { readonly ranges?: unknown; readonly runs?: unknown };
  return (typeof ranges === "string") === (typeof runs === "string") ? ".ranges" : null;
};

const inline = object({ text });
const segment = object({ name: segmentName, offset: count, length: count, crc: maybe(count) });
/** Its text is checked where it is read. */
const partial: Check = (value) => (inline(value) === null ? null : segment(value));

const quarantined = object({ code: text, name: text, message: text, attempts: number });
const journal = entries((name) => {
  if (name === "deaths") return number;
  return name.startsWith("i") ? quarantined : anything;
});

/** Which children of a leaf were hedged, in base 36, and how many. */
const hedges = entries((name) => {
  if (name === "count") return countUpTo(FAN_IN);
  return /^[0-9a-z]{1,2}$/.test(name) ? flag : anything;
});

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["batch", { rest: /^$/, of: batchRecord }],
  ["removed", { rest: /^$/, of: () => object({}) }],
  ["plan", { rest: /^\d{8,15}$/, of: () => plan }],
  [
    "node",
    {
      rest: /^\d{1,15}\/(?:-1|\d{1,15})\/\d{8,15}$/,
      of: (_, rest) => entries(isSplit(rest) ? splitField : nodeField),
    },
  ],
  ["hedges", { rest: /^\d{1,15}\/\d{8,15}$/, of: () => hedges }],
  ["partial", { rest: /^[0-9A-Za-z]{1,16}$/, of: () => partial }],
  ["journal", { rest: /^\d{1,15}\/\d{1,15}(?:\.\d{1,4})?$/, of: () => journal }],
]);

const names = object({
  batch: maybe(batchId),
  node: maybe(object({ batch: batchId })),
  former: maybe(tag),
  spool: maybe(object({ name: spoolName, damage: maybe(text) })),
});

const message: Check = (value) => (parseMessage(value) ? names(value) : "");
