/** Timelines of given marks. */
import type { Mark, Timeline } from "../../../src/core/history/history.ts";
import { Marks } from "../../../src/core/history/marks.ts";

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

export const mark = (
  lane: number,
  from: number,
  to: number,
  chunk: number,
  more: Partial<Record<3 | 5 | 6 | 7 | 8, unknown>> = {},
) => Object.assign([lane, from, to, "succeeded", chunk, 10, 0, 1, 0], more) as unknown as Mark;

export function timelineOf(marks: readonly Mark[], workers = 8): Timeline {
  const all = new Marks();
  for (let n = 1; n <= workers; n++) all.lane(`thread ${n}`);
  for (const one of marks) all.add(one);
  return all.timeline([]);
}

export const many = (chunks: number, workers: number): Mark[] =>
  Array.from({ length: chunks }, (_, chunk) => {
    const from = Math.floor(chunk / workers) * 100;
    return mark(chunk % workers, from, from + 90 + (chunk % 11), chunk, { 6: chunk % 13 === 0 ? 1 : 0 });
  });
