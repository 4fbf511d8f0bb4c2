/**
 * Lists of batches: for a terminal as wide as that is, with short ids, states and times; for a file or a pipe
 * with whole ones, in columns that do not change.
 */
import type { BatchState } from "../../core/records/batch/batch.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { escapeLine } from "./escape.ts";
import { count } from "../../format.ts";
import { percent } from "./progress/progress-line.ts";
import type { Paint } from "./progress/progress-line.ts";
import { ago } from "./relative-time.ts";

interface Column {
  readonly head: string;
  /** Numbers are aligned on the right. */
  readonly right?: true;
}

const WHOLE = [
  { head: "batch" },
  { head: "job" },
  { head: "state" },
  { head: "items", right: true },
  { head: "failed", right: true },
  { head: "created" },
] as const satisfies readonly Column[];

/** For a file or a pipe. */
export function wholeTable(batches: readonly BatchSummary[]): string {
  const rows = batches.map(({ batch, job, state, items, createdAt }) => {
    const created = createdAt.replace("T", " ").slice(0, "2026-01-01 00:00:00".length);
    const texts = [batch, job, state].map(escapeLine);
    return [...texts, knownItems(items), count(items.failed), `${escapeLine(created)}Z`];
  });
  return lines(WHOLE, rows).join("\n");
}

export interface TerminalContext {
  readonly columns: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly paint: Paint;
  /** Ids of other batches, which the short ids differ from, too. */
  readonly others: readonly string[];
}

type Name = "batch" | "job" | "state" | "items" | "failed" | "when" | "age";

const COLUMNS = {
  batch: { head: "batch" },
  job: { head: "job" },
  state: { head: "state" },
  items: { head: "items", right: true },
  failed: { head: "failed", right: true },
  when: { head: "started" },
  age: { head: "ago" },
} as const satisfies Record<Name, Column>;

/** From the widest table to the narrowest: the first one that fits is shown. */
const TABLES = [
  ["batch", "job", "state", "items", "failed", "when"],
  ["batch", "job", "state", "failed", "when"],
  ["batch", "job", "state", "when"],
  ["batch", "job", "state", "age"],
  ["batch", "job", "state"],
] as const satisfies readonly (readonly Name[])[];
const GAP = 2;
/** A job's name is cut to this before a column is left out. */
const MIN_JOB = 7;

/** For a terminal. No line is longer than its columns. */
export function terminalTable(batches: readonly BatchSummary[], context: TerminalContext): string {
  const { columns, now, paint, others } = context;
  const length = shortLength([...batches.map(({ batch }) => batch), ...others]);
  const rows = batches.map((summary) => cellsOf(summary, length, now));
  const fitting = TABLES.find((names) => widthOf(rows, names, MIN_JOB) <= columns);
  const shown: readonly Name[] = fitting ?? TABLES[TABLES.length - 1] ?? [];
  const room = columns - widthOf(rows, shown, 0);
  const cut = rows.map((row) => ({ ...row, job: shortened(row.job, Math.max(1, room)) }));
  const [head = "", ...body] = lines(
    shown.map((name) => COLUMNS[name]),
    cut.map((row) => shown.map((name) => row[name])),
  ).map((line) => line.slice(0, columns));
  return [paint("dim", head), ...body].join("\n");
}

type Cells = { readonly [Column in Name]: string };

function cellsOf(summary: BatchSummary, length: number, now: number): Cells {
  const { batch, job, items, createdAt } = summary;
  const when = ago(Date.parse(createdAt), now);
  return {
    batch: escapeLine(batch.slice(0, length)),
    job: escapeLine(job),
    state: shortState(summary),
    items: knownItems(items),
    failed: items.failed === 0 ? "" : count(items.failed),
    when,
    age: when.replace(" ago", ""),
  };
}

const SHORT_STATES = {
  planning: "running",
  running: "running",
  paused: "paused",
  interrupted: "interrupted",
  cancelling: "ending",
  succeeded: "succeeded",
  "completed-with-failures": "some failed",
  failed: "failed",
  cancelled: "cancelled",
} as const satisfies Record<BatchState, string>;

/** Of a batch that runs it says how far it is. */
export function shortState({ state, progress }: Pick<BatchSummary, "state" | "progress">): string {
  const { units, of } = progress ?? { units: 0, of: null };
  const short = SHORT_STATES[state];
  return short !== "running" || of === null || of === 0
    ? short
    : `${short} ${percent(Math.min(1, units / of)).trim()} %`;
}

function knownItems({ total, succeeded, failed }: BatchSummary["items"]): string {
  return count(total ?? succeeded + failed);
}

/** Fewer characters of an id would say nothing. */
const MIN_ID = 6;

/** So many characters of each id tell it from all others. */
export function shortLength(ids: readonly string[]): number {
  const sorted = [...new Set(ids)].toSorted((a, b) => (a < b ? -1 : 1));
  const shared = sorted.slice(1).map((id, place) => commonLength(id, sorted[place] ?? ""));
  return Math.max(MIN_ID, ...shared.map((length) => length + 1));
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** The width of a table in which names of jobs have at most `job` characters. */
function widthOf(rows: readonly Cells[], shown: readonly Name[], job: number): number {
  const widths = shown.map((name) => {
    const width = Math.max(COLUMNS[name].head.length, ...rows.map((row) => row[name].length));
    return name === "job" ? Math.min(width, job) : width;
  });
  return widths.reduce((sum, width) => sum + width, GAP * (shown.length - 1));
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text;
}

function lines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map(({ head }) => head), ...rows];
  const widths = columns.map((_, place) => Math.max(...all.map((cells) => cells[place]?.length ?? 0)));
  return all.map((cells) => {
    const padded = cells.map((cell, place) => {
      const width = widths[place] ?? 0;
      return columns[place]?.right ? cell.padStart(width) : cell.padEnd(width);
    });
    return padded.join(" ".repeat(GAP)).trimEnd();
  });
}
