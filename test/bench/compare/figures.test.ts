import { expect, test } from "vitest";
import { contestants } from "../../../bench/compare/contestants.ts";
import { targetsOf, withSpeedUps } from "../../../bench/compare/figures.ts";
import type { Comparison } from "../../../bench/compare/figures.ts";
import { findPython } from "../../../bench/compare/python.ts";

const ALL = contestants(findPython("no-such-python"));

/** Of what each took for a thousand tasks. */
function standings(ms: { readonly [name: string]: number }) {
  const all = Object.entries(ms).map(([name, manyMs]) => {
    return { name, about: "", skipped: null, median: { manyMs }, rounds: [] };
  });
  return withSpeedUps(ALL, all);
}

function targets(speed: Comparison["speed"]): { readonly [name: string]: number | null } {
  const comparison = {
    few: 10,
    many: 1000,
    rounds: 1,
    contestants: ALL,
    speed,
    notDone: new Map(),
    failures: [],
  };
  return Object.fromEntries(targetsOf(comparison).map(({ name, value }) => [name, value]));
}

test("a speed-up is over the loop of the same language", () => {
  const all = standings({ "Python loop": 400, Pool: 200, "JavaScript loop": 100, fanjoin: 50 });
  expect(all.map(({ median }) => median["speedUp"])).toEqual([1, 2, 1, 2]);
});

test("the targets are those of fanjoin beside Pool, the ideal and the fastest Python", () => {
  const found = targets(
    new Map([
      ["cpu", standings({ "Python loop": 400, Pool: 250, "JavaScript loop": 100, fanjoin: 50 })],
      ["network", standings({ fanjoin: 1600 })],
      ["file", standings({ Pool: 300, threading: 200, fanjoin: 400 })],
    ]),
  );
  expect(found).toEqual({
    "computing: speed-up of fanjoin": 2,
    "computing: speed-up of fanjoin / that of Pool": 1.25,
    "network: fanjoin, % of the ideal": 50,
    "files: time of the fastest Python contestant / that of fanjoin": 0.5,
    "failures: trials in which fanjoin lost or hung": null,
    "failures: other contestants that neither lost nor hung": null,
  });
});
