/**
 * Chunks that are cut, in the explored world: where the time may be up, what an attempt makes of a chunk or
 * part, and what a redrive does about a chunk that was cut.
 *
 * A partial is a text for each chunk or part: its units in order, `!` before one that failed, or `x` and the
 * range of what was given up. Beside the text of a chunk that was merged from parts is the generation of its
 * split.
 */
import { contributionName, partName } from "../../../../src/core/records/contribution.ts";
import { isFresh, workName } from "../../../../src/core/records/message.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { create } from "../../../../src/core/records/record.ts";
import { SplitView, splitOf } from "../../../../src/core/records/split.ts";
import type { ChunkCut, CutRange } from "../../../../src/core/records/split.ts";
import type { Replies } from "../../../../src/core/protocol/task.ts";
import { nodeKey } from "../../../../src/core/records/tree.ts";
import { NO_TOTALS, addTotals, subtractTotals } from "../../../../src/core/records/totals.ts";
import type { Totals } from "../../../../src/core/records/totals.ts";
import type { State, World } from "../world/world.ts";

/** What a text counts. */
export function countsOf(text: string): Totals {
  let totals = NO_TOTALS;
  for (const token of text.split(" ").filter((one) => one !== "")) {
    if (token.startsWith("x")) {
      const [start = 0, end = 0] = token.slice(1).split("-").map(Number);
      totals = addTotals(totals, { ...NO_TOTALS, broken: 1, units: end - start });
    } else {
      const failed = token.startsWith("!") ? 1 : 0;
      totals = addTotals(totals, { ...NO_TOTALS, units: 1, failed, succeeded: 1 - failed });
    }
  }
  return totals;
}

const unitOf = (token: string): number => Number(token.replace("!", ""));

/** The units of a text that lie in a range. */
export function within(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): string {
  return text
    .split(" ")
    .filter(
      (token) => token !== "" && !token.startsWith("x") && unitOf(token) >= start && unitOf(token) < end,
    )
    .join(" ");
}

export function unitsText({ fails }: World, generation: number, start: number, end: number): string {
  const units = Array.from({ length: end - start }, (_, place) => start + place);
  return units.map((unit) => `${generation < (fails[unit] ?? 0) ? "!" : ""}${unit}`).join(" ");
}

/** The text that a tag has for a chunk or part; all units if the tag names nothing. */
export function textOfTag(state: State, tag: string, name: string, all: string): string {
  const text = state.records.get(`partial/${tag}`)?.[`c${name}`];
  return typeof text === "string" ? text : all;
}

/** What the chunk or part came to before; `null`: nothing, or it was left out. */
function before(world: World, state: State, message: ChunkMessage): string | null {
  const { former, start, end } = message;
  if (former === undefined || isFresh(message)) return null;
  return textOfTag(state, former, contributionName(message), unitsText(world, Infinity, start, end));
}

/** Where and how the time is up in a bundle: in which message, and what becomes of its range. */
export interface TimeUp {
  readonly in: string;
  readonly ranges: readonly CutRange[];
}

function labelOf(message: ChunkMessage): string {
  return `${message.kind} ${workName(message)}`;
}

/** The place among these chunks at which the time is up; -1: it is in none of them. */
export function placeOf(timeUp: TimeUp, chunks: readonly ChunkMessage[]): number {
  return chunks.findIndex((message) => labelOf(message) === timeUp.in);
}

/**
 * Every way in which the time may be up in one of these chunks. The rest of a chunk becomes one part, or one
 * for each unit; or what is done lies around a unit that waits. Failed items that are done again are cut only
 * before one of them.
 */
export function timesUp(world: World, state: State, chunks: readonly ChunkMessage[]): TimeUp[] {
  return chunks.flatMap((message) => {
    const previous = before(world, state, message);
    const redoes = previous !== null && !previous.includes("x");
    const mayBegin = (start: number): boolean =>
      !redoes || within(previous, { start, end: start + 1 }).startsWith("!");
    return [...waysToCut(message, mayBegin), ...waysToWait(message, mayBegin)].map((ranges) => {
      return {
        in: labelOf(message),
        ranges: redoes ? ranges.map((one) => (one.done ? one : { ...one, redone: true as const })) : ranges,
      };
    });
  });
}

function waysToCut({ kind, start, end }: ChunkMessage, mayBegin: (start: number) => boolean): CutRange[][] {
  const ways: CutRange[][] = [];
  const done = (from: number): CutRange => ({ start: from, done: true });
  const open = (from: number): CutRange => ({ start: from, done: false });
  for (let to = start + 1; to < end; to++) {
    if (!mayBegin(to)) continue;
    ways.push([done(start), open(to)]);
    if (end - to < 2) continue;
    if (mayBegin(to + 1)) ways.push([done(start), open(to), open(to + 1)]);
    ways.push([done(start), open(to), done(to + 1)]);
  }
  if (kind === "chunk" && end - start > 1 && mayBegin(start)) ways.push([open(start), done(start + 1)]);
  return ways;
}

/** The first unit of a part waits. The part has to be settled all the same: as one that is empty. */
function waysToWait({ kind, start, end }: ChunkMessage, mayBegin: (start: number) => boolean): CutRange[][] {
  if (kind !== "part" || !mayBegin(start)) return [];
  const empty = [
    { start, done: true },
    { start, done: false },
  ];
  return end - start > 1 && mayBegin(start + 1)
    ? [empty, [...empty, { start: start + 1, done: true }]]
    : [empty];
}

/** The reply of an attempt at chunks and parts. With `timeUp` it ends there, and the rest is not begun. */
export function work(
  world: World,
  state: State,
  chunks: readonly ChunkMessage[],
  timeUp: TimeUp | null,
): Replies["work"] {
  const partial: { [name: string]: string } = {};
  const cuts: ChunkCut[] = [];
  const totals: { message: ChunkMessage; totals: Totals }[] = [];
  const place = timeUp === null ? -1 : placeOf(timeUp, chunks);
  for (const [at, message] of chunks.entries()) {
    if (place >= 0 && at > place) break;
    const { generation, start, end } = message;
    if (timeUp && place === at) cuts.push(cutOf(world, state, message, timeUp.ranges, partial));
    else {
      const text = unitsText(world, generation, start, end);
      partial[`c${contributionName(message)}`] = text;
      totals.push({ message, totals: changeOf(world, state, message, text) });
    }
  }
  const keeps = world.keeps || Object.values(partial).some((text) => text.includes("!"));
  const tag = keeps ? `~${state.tags}` : `-~${state.tags}`;
  const done = totals.map(({ message, totals: change }) => {
    const part = message.kind === "part" ? { part: message.part } : {};
    return { child: message.chunk, ...part, totals: change };
  });
  const keep = keeps ? create(`partial/${tag}`, partial) : null;
  return { tag, keep, done, ...(cuts.length > 0 ? { cuts } : {}) };
}

/** What an attempt adds to the counts: in a redrive the difference to before. */
function changeOf(world: World, state: State, message: ChunkMessage, text: string): Totals {
  const isPart = message.kind === "part";
  const now = { ...countsOf(text), chunks: isPart ? 0 : 1 };
  if (isFresh(message)) return now;
  const previous = before(world, state, message);
  if (previous === null) return subtractTotals(now, { ...NO_TOTALS, lost: 1 });
  return subtractTotals(now, { ...countsOf(previous), chunks: isPart ? 0 : 1 });
}

/** Cuts a chunk. What its open parts came to before is kept under the attempt's tag, too. */
function cutOf(
  world: World,
  state: State,
  message: ChunkMessage,
  ranges: readonly CutRange[],
  partial: { [name: string]: string },
): ChunkCut {
  const { chunk, generation } = message;
  const previous = before(world, state, message);
  let totals = NO_TOTALS;
  for (const [place, { start, done, redone }] of ranges.entries()) {
    const end = ranges[place + 1]?.start ?? message.end;
    const name = `c${partName(chunk, start)}`;
    if (done) {
      partial[name] = unitsText(world, generation, start, end);
      totals = addTotals(totals, countsOf(partial[name]));
    } else if (redone && previous !== null) partial[name] = within(previous, { start, end });
    if (done && previous !== null && !previous.includes("x"))
      totals = subtractTotals(totals, countsOf(within(previous, { start, end })));
  }
  if (previous?.includes("x")) totals = subtractTotals(totals, countsOf(previous));
  return { message, ranges, totals };
}

/** Gives a chunk or part up. It keeps what it had before, or its chunk does; otherwise it is broken. */
export function giveUp(state: State, message: ChunkMessage): Replies["work"] {
  const { chunk, start, end, former } = message;
  const part = message.kind === "part" ? { part: message.part } : {};
  const nothing = NO_TOTALS;
  if (former !== undefined)
    return { tag: former, keep: null, done: [{ child: chunk, ...part, totals: nothing }] };
  const fields = message.kind === "part" ? state.records.get(nodeKey(splitOf(message))) : undefined;
  const split = fields && new SplitView(fields);
  if (split && split.was === "whole" && split.redone !== null)
    return { tag: split.redone, keep: null, done: [{ child: chunk, totals: nothing }] };
  const tag = `~${state.tags}`;
  const text = `x${start}-${end}`;
  const broken = countsOf(text);
  const whole = { ...broken, chunks: 1, lost: isFresh(message) ? 0 : -1 };
  const totals = message.kind === "part" ? broken : whole;
  const keep = create(`partial/${tag}`, { [`c${contributionName(message)}`]: text });
  return { tag, keep, done: [{ child: chunk, ...part, totals }] };
}
