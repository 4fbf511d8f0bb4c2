/** Groups of failed items as text for people. */
import { saysLittle } from "../../core/errors/described-error.ts";
import type { FailureGroup, FailurePlace, FailureSummary } from "../../core/failures/failure-summary.ts";
import { escapeLine } from "./escape.ts";
import { count, counted } from "../../format.ts";
import type { Paint } from "./progress/progress-line.ts";
import { wrapped } from "./wrap.ts";

export type ShownFailures = FailureSummary & {
  /** Only the beginning of the list was read: the counts are lower bounds, and groups may be missing. */
  readonly partial: boolean;
};

export interface FailureTextContext {
  readonly paint: Paint;
  /** Lines are broken at this width. */
  readonly columns: number;
  /** Shows all groups, with their whole messages; otherwise the first ones, in brief. */
  readonly all: boolean;
  /** Shows the ids of groups, for a redrive. Absent: they are of no use, as those of some items only. */
  readonly ids?: boolean;
}

/** For a file or a pipe, which has no width. */
export const PLAIN_COLUMNS = 200;

/** Groups in the summary of a batch. */
const MAX_BRIEF_GROUPS = 6;
/** Lines of a message there. */
const MAX_BRIEF_LINES = 4;
const INDENT = 2;

export function failureLines(failures: ShownFailures, context: FailureTextContext): string[] {
  const { groups, others, partial } = failures;
  const shown = context.all ? groups : groups.slice(0, MAX_BRIEF_GROUPS);
  const numbers = shown.map((group) => `${count(group.count)}${partial ? "+" : ""}`);
  const width = Math.max(...numbers.map((number) => number.length));
  const lines = shown.flatMap((group, place) =>
    groupLines(group, numbers[place]?.padStart(width) ?? "", context),
  );
  const hidden = groups.slice(shown.length).reduce((sum, group) => sum + group.count, others);
  const where = context.all ? "" : "; `fanjoin failed <batch> --summary` shows more";
  const canRedrive = context.ids === true && groups.some(({ id }) => id !== undefined);
  const last = [
    ...(hidden === 0 ? [] : [`${counted(hidden, "item")} in other groups${where}`]),
    ...(canRedrive ? ["`fanjoin redrive <batch> --group <id>` runs a group again"] : []),
  ];
  return [...lines, ...last.flatMap((text) => indented(text, INDENT, context.columns))];
}

/** `number`: how many items the group has, as it is shown. */
function groupLines(
  group: FailureGroup,
  number: string,
  { paint, columns, all, ids = false }: FailureTextContext,
): string[] {
  const indent = INDENT + number.length + INDENT;
  const message = indented(oneLine(headline(group)), indent, columns);
  const brief = all || message.length <= MAX_BRIEF_LINES ? message : cutLines(message);
  const head = `${" ".repeat(INDENT)}${paint("red", number)}${" ".repeat(INDENT)}`;
  const details = [
    whatAndWhere(group),
    ...(group.at ? [`at ${group.at}`] : []),
    ...(ids && group.id !== undefined ? [`group ${group.id}`] : []),
  ];
  return [
    `${head}${brief[0]?.trimStart() ?? ""}`,
    ...brief.slice(1),
    ...details.flatMap((text) => indented(oneLine(text), indent, columns)),
  ];
}

function cutLines(lines: readonly string[]): string[] {
  const last = lines[MAX_BRIEF_LINES - 1] ?? "";
  return [...lines.slice(0, MAX_BRIEF_LINES - 1), `${last.slice(0, -1)}…`];
}

function headline({ message, class: name }: FailureGroup): string {
  if (message === "") return name ?? "no message";
  return message ?? "many messages";
}

/** `ITEM_FAILED, TypeError, sales.csv:43 and 45 others; trying again may help`. */
function whatAndWhere(group: FailureGroup): string {
  const { code, class: name, advice, count: items, first } = group;
  const known = name === null || saysLittle(name) ? [] : [name];
  const others = items > 1 && first[0] ? ` and ${counted(items - 1, "other")}` : "";
  const where = first[0] ? [`${placeOfItem(first[0])}${others}`] : [];
  return `${[code, ...known, ...where].join(", ")}; ${advice}${lengthText(group)}`;
}

/** A record of many lines that could not be read: a quote in it is open, and took in what follows. */
function lengthText({ code, lines = 1, count: items }: FailureGroup): string {
  if (code !== "ITEM_UNREADABLE" || lines <= 1) return "";
  return `; ${items === 1 ? "this one item is" : "one of them is"} ${count(lines)} lines long`;
}

/** `sales.csv:43`, which editors can open, or the most exact place that is known. */
export function placeOfItem({ source, index, line, lines = 1, offset, range }: FailurePlace): string {
  if (line !== null) return `${source}:${line}${lines > 1 ? ` to ${line + lines - 1}` : ""}`;
  if (index !== null) return `${source}, item ${index}`;
  if (range) return `${source}, from ${range.start} to ${range.end}`;
  return offset === null ? source : `${source}, byte ${offset}`;
}

function indented(text: string, indent: number, columns: number): string[] {
  return wrapped(text, columns - indent).map((line) => `${" ".repeat(indent)}${line}`);
}

function oneLine(text: string): string {
  return escapeLine(text.replaceAll(/\s+/g, " ").trim());
}
