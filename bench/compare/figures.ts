/** The results of a comparison, before they become lines, JSON or a page. */
import type { Standing } from "../contestant.ts";
import type { Target } from "../report.ts";
import type { CompareContestant } from "./contestants.ts";
import { KILLED } from "./failure-tables.ts";
import type { FailureTable } from "./failure-tables.ts";
import type { Seen } from "./seen.ts";
import { IN_FLIGHT } from "./speed.ts";
import type { SpeedOptions } from "./speed.ts";

export type SpeedWork = SpeedOptions["work"];

export const WORKS: { readonly [work in SpeedWork]: { readonly title: string; readonly about: string } } = {
  cpu: {
    title: "Computing",
    about:
      "A task is the test of Lucas and Lehmer on 2¹²⁷⁹ - 1: arithmetic with large integers, which costs about the same in both languages, and holds Python's lock. Two workers everywhere.",
  },
  file: {
    title: "Files",
    about:
      "A task writes 256 KiB to a file of its own, waits until they are on disk (`fsync`), reads them back and compares a checksum. 64 tasks in flight everywhere.",
  },
  network: {
    title: "Network",
    about:
      "A task sends a request to a server in a process of its own, which answers after 50 ms. 64 tasks in flight everywhere, on connections that stay open.",
  },
};

export interface Comparison {
  readonly few: number;
  readonly many: number;
  readonly rounds: number;
  readonly contestants: readonly CompareContestant[];
  readonly speed: ReadonlyMap<SpeedWork, readonly Standing[]>;
  /** Why a contestant has no figure. */
  readonly notDone: ReadonlyMap<string, string>;
  readonly failures: readonly FailureTable[];
}

export function loopOf({ language }: Pick<CompareContestant, "language">): string {
  return `${language} loop`;
}

/** The figure `speedUp` is added: how much faster than the loop of the same language. */
export function withSpeedUps(
  contestants: readonly CompareContestant[],
  standings: readonly Standing[],
): Standing[] {
  const manyMs = (name: string): number | undefined =>
    standings.find((standing) => standing.name === name)?.median["manyMs"];
  return standings.map((standing) => {
    const contestant = contestants.find(({ name }) => name === standing.name);
    const loopMs = contestant && manyMs(loopOf(contestant));
    const ms = standing.median["manyMs"];
    if (loopMs === undefined || ms === undefined) return standing;
    return { ...standing, median: { ...standing.median, speedUp: loopMs / ms } };
  });
}

export function targetsOf({ speed, contestants, many, failures }: Comparison): Target[] {
  const figure = (work: SpeedWork, name: string, of: string): number | null =>
    speed.get(work)?.find((standing) => standing.name === name)?.median[of] ?? null;
  const dividedBy = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? null : a / b;
  const python = contestants.filter(({ language }) => language === "Python");
  const fastest = Math.min(...python.map(({ name }) => figure("file", name, "manyMs") ?? Infinity));
  const idealMs = Math.ceil(many / IN_FLIGHT) * 50;
  const networkMs = figure("network", "fanjoin", "manyMs");
  return [
    { name: "computing: speed-up of fanjoin", value: figure("cpu", "fanjoin", "speedUp"), atLeast: 1.9 },
    {
      name: "computing: speed-up of fanjoin / that of Pool",
      value: dividedBy(figure("cpu", "fanjoin", "speedUp"), figure("cpu", "Pool", "speedUp")),
      atLeast: 1,
    },
    {
      name: "network: fanjoin, % of the ideal",
      value: networkMs === null ? null : (idealMs / networkMs) * 100,
      atLeast: 95,
    },
    {
      name: "files: time of the fastest Python contestant / that of fanjoin",
      value: dividedBy(Number.isFinite(fastest) ? fastest : null, figure("file", "fanjoin", "manyMs")),
      atLeast: 1,
    },
    ...failureTargets(failures.at(-1)),
  ];
}

/** Of the calls that have a limit for each task. */
function failureTargets(table: FailureTable | undefined): Target[] {
  const worst = (cells: readonly (Seen | null)[]): number =>
    cells.filter((seen) => seen !== null && seen.verdict !== "whole").length;
  const isWhole = table?.columns.includes(KILLED) ?? false;
  const tried =
    table === undefined || !isWhole
      ? []
      : table.rows.filter(({ cells }) => cells.every((seen) => seen !== null));
  const own = tried.find(({ name }) => name === "fanjoin");
  const others = tried.filter(({ name, cells }) => name !== "fanjoin" && worst(cells) === 0);
  return [
    {
      name: "failures: trials in which fanjoin lost or hung",
      value: own ? worst(own.cells) : null,
      atMost: 0,
    },
    {
      name: "failures: other contestants that neither lost nor hung",
      value: own ? others.length : null,
      atMost: 0,
    },
  ];
}
