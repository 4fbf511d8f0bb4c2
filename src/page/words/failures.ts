/** What the page says of groups of failed items. */
import { count, counted } from "../../format.ts";
import type { FailureGroup, FailurePlace, LiveFailures } from "../../core/failures/failure-summary.ts";
import { fileName, oneLine } from "./printable.ts";

/** `suppliers.csv:32`; without lines `suppliers.csv, item 31`. */
export function placeText({ source, line, lines, index, offset, range }: FailurePlace): string {
  const file = oneLine(fileName(source));
  if (range) return `${file}, ${count(range.start)} to ${count(range.end)}`;
  if (line !== null)
    return (lines ?? 1) > 1 ? `${file}:${line} to ${line + (lines ?? 1) - 1}` : `${file}:${line}`;
  if (index !== null) return `${file}, item ${count(index + 1)}`;
  return offset === null ? file : `${file}, byte ${count(offset)}`;
}

/** What all messages of a group say; `many messages` where they are too many to be kept apart. */
export function messageOf({ message }: Pick<FailureGroup, "message">): string {
  return message ?? "many messages";
}

/** `5 tries each`; `null` where nothing says how often. */
export function triesText({ first, count: all }: Pick<FailureGroup, "first" | "count">): string | null {
  const tries = first.map(({ attempts }) => attempts);
  const [fewest, most] = [Math.min(...tries), Math.max(...tries)];
  if (tries.length === 0 || most < 1) return null;
  const each = all > 1 ? " each" : "";
  return fewest === most
    ? `${count(most)} ${most === 1 ? "try" : "tries"}${each}`
    : `${count(fewest)} to ${count(most)} tries${each}`;
}

/**
 * `suppliers.csv:10536 to 12001: this one item is 1,466 lines long`, or the first place and how many others.
 */
export function whereText(group: FailureGroup, working: boolean): string | null {
  const [first] = group.first;
  if (!first) return null;
  const place = placeText(first);
  if (group.lines !== undefined && group.lines > 1)
    return group.count === 1
      ? `${place}: this one item is ${counted(group.lines, "line")} long`
      : `${place}: the longest item has ${counted(group.lines, "line")}`;
  if (working) return group.count > 1 ? `first at ${place}` : place;
  return group.count > 1 ? `${place} and ${counted(group.count - 1, "other")}` : place;
}

/** While it works groups lag behind a little, which needs no words. */
const LAG = 0.1;
const FEW = 20;

/** How many have failed, and how many of them are in the groups. */
export function groupedText(
  { groups, of }: Pick<LiveFailures, "groups" | "of">,
  failed: number,
  { working, isRedrive }: { readonly working: boolean; readonly isRedrive: boolean },
): string {
  const inGroups = groups.length === 0 ? "" : ` in ${counted(groups.length, "group")}`;
  if (isRedrive) return `${count(of)} failed again${inGroups}`;
  if (of === 0 && failed > 0 && working) return `${count(failed)}, not in groups yet`;
  if (of > 0 && of < failed * (1 - LAG) && failed - of > FEW)
    return `${count(failed)}; the groups ${working ? "so far " : ""}are of ${count(of)} of them`;
  return `${count(failed)}${inGroups}`;
}
