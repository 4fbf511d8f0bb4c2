/** Small jobs for the steps' tests. */
import { collect } from "../../src/joins/exact/count.ts";
import { fold } from "../../src/joins/fold.ts";
import { csv } from "../../src/input/csv.ts";
import { lines } from "../../src/input/lines.ts";
import { range } from "../../src/input/range.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Job, JobSettings } from "../../src/job/job.ts";

/** Depends on the order, so it shows every item that is lost, repeated or misplaced. */
export const inOrder = fold<unknown, string>({
  init: () => "",
  add: (acc, value) => `${acc}${String(value)},`,
  merge: (left, right) => left + right,
});

export type Process = (item: never, context: Parameters<Job["process"]>[1]) => unknown;

/** Integers below `to`, joined in order and collected. */
export function countingJob(to: number, process: Process = (n) => n, settings: JobSettings = {}): Job {
  return defineJob<number, number>({
    name: "counting",
    input: range(to),
    process: process as (n: number) => unknown,
    join: { order: inOrder, all: collect() },
    retries: 0,
    ...settings,
  });
}

export function lineJob(process: Process = (line) => line, settings: JobSettings = {}): Job {
  return defineJob<string, string>({
    name: "line-job",
    input: lines(),
    process: process as (line: string) => unknown,
    join: { order: inOrder, all: collect() },
    retries: 0,
    ...settings,
  });
}

/** Rows of `id,note`. A row whose note is `bad` fails. */
export function csvJob(settings: JobSettings = {}): Job {
  return defineJob({
    name: "csv-job",
    input: csv<"id" | "note">(),
    process(row: { readonly id: string; readonly note: string }) {
      const { id, note } = row;
      if (note.startsWith("bad")) throw new TypeError(`row ${id} is bad`);
      return id;
    },
    join: { order: inOrder, all: collect() },
    ...settings,
  });
}

/** A job without a join: it has counts only. */
export function joinlessJob(to: number, process: Process = () => null, settings: JobSettings = {}): Job {
  return defineJob({
    name: "joinless",
    input: range(to),
    process: process as (n: number) => unknown,
    retries: 0,
    ...settings,
  });
}

export function upTo(n: number): string {
  return Array.from({ length: n }, (_, i) => `${i},`).join("");
}
