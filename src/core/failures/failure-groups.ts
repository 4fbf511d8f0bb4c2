/**
 * Groups failed items by code, class of the error and shape of its message, in bounded memory.
 *
 * Each level of grouping is a set that saturates: with too many classes of one code, or shapes of one class,
 * they are no longer kept apart. Whether that happens depends on the items alone, so the groups are the same
 * for any order of the items.
 */
import { messageText } from "../errors/described-error.ts";
import { isErrorCode } from "../errors/errors.ts";
import type { FailedLine } from "./failed-line.ts";
import type { DigestEntry } from "./failure-digest.ts";
import { GrowingGroup } from "./failure-group.ts";
import type { GroupLevel } from "./group-id.ts";
import type { GroupName } from "./failure-group.ts";
import type { FailureSummary, LiveGroup } from "./failure-summary.ts";
import { classOf, comparedText, shapeOf, withoutDigits } from "./message-shape.ts";

/** Shapes of one code and class. With more their digits are replaced; with still more they are one group. */
export const MAX_SHAPES = 20;
/** Error classes of one code. With more, its items are one group. */
export const MAX_CLASSES = 50;
/** Groups of a summary. The items of further groups are counted together. */
export const MAX_GROUPS = 50;
/** A group with an item that took in the rest of its file is among so many first ones. */
const SEEN_AT_ONCE = 6;
/**
 * The batch's record holds the summary, and DynamoDB takes records of up to 400 KB:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export const MAX_SUMMARY_CHARS = 32 * 1024;

/** The groups of one code and class, by the shapes of their messages. */
class ShapesOfClass {
  #groups = new Map<string, GrowingGroup>();
  #shapeOf: ((message: string) => string) | null = shapeOf;
  #level: GroupLevel = "shape";

  add(message: string, addTo: AddTo): void {
    addTo(this.#groupAt(this.#shapeOf?.(message) ?? ""));
    if (this.#groups.size > MAX_SHAPES) this.#regroup("digits", withoutDigits);
    if (this.#groups.size > MAX_SHAPES) this.#regroup("class", null);
  }

  /** From now on by what `coarser` makes of the shapes; `null`: as one group. */
  #regroup(level: GroupLevel, coarser: ((shape: string) => string) | null): void {
    const finer = this.#groups;
    this.#level = level;
    this.#groups = new Map();
    for (const [shape, group] of finer) this.#groupAt(coarser?.(shape) ?? "").absorb(group);
    this.#shapeOf = coarser && ((message) => coarser(shapeOf(message)));
  }

  #groupAt(shape: string): GrowingGroup {
    return entry(this.#groups, shape, () => new GrowingGroup());
  }

  *groups(): Generator<NamedGroup> {
    for (const [shape, group] of this.#groups)
      yield { group, shape: this.#shapeOf ? shape : null, level: this.#level };
  }
}

/** The groups of one code, by the classes of their errors. */
class ClassesOfCode {
  readonly #classes = new Map<string, ShapesOfClass>();
  /** Set once there are too many classes. */
  #whole: GrowingGroup | null = null;

  add(name: string, message: string, addTo: AddTo): void {
    if (this.#whole) return addTo(this.#whole);
    entry(this.#classes, name, () => new ShapesOfClass()).add(message, addTo);
    if (this.#classes.size > MAX_CLASSES) this.#unite();
  }

  #unite(): void {
    const whole = new GrowingGroup();
    for (const { group } of this.groups()) whole.absorb(group);
    this.#classes.clear();
    this.#whole = whole;
  }

  *groups(): Generator<NamedGroup> {
    if (this.#whole) yield { group: this.#whole, shape: null, level: "code" };
    for (const shapes of this.#classes.values()) yield* shapes.groups();
  }
}

/** Adds one or more items to the group that they belong to. */
type AddTo = (group: GrowingGroup) => void;

interface NamedGroup extends GroupName {
  readonly group: GrowingGroup;
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export class FailureGroups {
  readonly #codes = new Map<string, ClassesOfCode>();

  /** Items may come in any order. */
  add(line: FailedLine): void {
    const message = comparedText(messageText(line.error));
    this.#add(line, message, (group) => group.add(line, message));
  }

  /** Items of one kind that were counted elsewhere. `at`: when the newest of them failed. */
  addCounted(entry: DigestEntry, at: number): void {
    const [first] = entry.first;
    if (first) this.#add(first, entry.message, (group) => group.addCounted(entry, at));
  }

  #add({ code, error }: FailedLine, message: string, addTo: AddTo): void {
    // Codes that are not in the table are taken together: there may be any number of them.
    const known = isErrorCode(code) ? code : "";
    entry(this.#codes, known, () => new ClassesOfCode()).add(classOf(error), message, addTo);
  }

  #ordered(): readonly NamedGroup[] {
    const all = [...this.#codes.values()].flatMap((classes) => [...classes.groups()]);
    return seenAtOnce(all.toSorted(byCount));
  }

  /** The groups with their first items. */
  live(): { readonly groups: readonly LiveGroup[]; readonly others: number } {
    const ordered = this.#ordered();
    const groups = ordered.slice(0, MAX_GROUPS).map(({ group, ...name }) => group.finishLive(name));
    return { groups, others: sumOf(ordered.slice(MAX_GROUPS).map(({ group }) => group)) };
  }

  summary(): FailureSummary {
    const ordered = this.#ordered();
    const groups = ordered.slice(0, MAX_GROUPS).map(({ group, ...name }) => group.finish(name));
    const others = sumOf(ordered.slice(MAX_GROUPS).map(({ group }) => group));
    return withinLimit({ groups, others });
  }
}

/** The largest first; of equal ones, the one whose first item comes first. */
function byCount({ group: a }: NamedGroup, { group: b }: NamedGroup): number {
  return b.count - a.count || (a.beginsBefore(b) ? -1 : 1);
}

/** Moves up groups that took in the rest of a file: each such item may stand for thousands. */
function seenAtOnce(ordered: readonly NamedGroup[]): readonly NamedGroup[] {
  const first = new Set(
    ordered.toSorted((a, b) => Number(b.group.toEnd) - Number(a.group.toEnd)).slice(0, SEEN_AT_ONCE),
  );
  return [...ordered.filter((one) => first.has(one)), ...ordered.filter((one) => !first.has(one))];
}

/** Places are left out until the summary is short enough, then groups: a record has a limit of its own. */
function withinLimit(summary: FailureSummary): FailureSummary {
  let short = summary;
  for (const places of FEWER_PLACES) {
    if (isShort(short)) return short;
    short = withPlaces(short, places);
  }
  while (!isShort(short)) short = firstHalf(short);
  return short;
}

const FEWER_PLACES = [10, 5, 3, 1, 0];

function isShort(summary: FailureSummary): boolean {
  return JSON.stringify(summary).length <= MAX_SUMMARY_CHARS;
}

function withPlaces({ groups, others }: FailureSummary, places: number): FailureSummary {
  return { groups: groups.map((group) => ({ ...group, first: group.first.slice(0, places) })), others };
}

function firstHalf({ groups, others }: FailureSummary): FailureSummary {
  const kept = groups.slice(0, Math.floor(groups.length / 2));
  return { groups: kept, others: others + sumOf(groups.slice(kept.length)) };
}

function sumOf(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
