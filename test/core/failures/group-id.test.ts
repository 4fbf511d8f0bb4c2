import { describe, expect, test } from "vitest";
import { FailureDigest } from "../../../src/core/failures/failure-digest.ts";
import type { FailedLine } from "../../../src/core/failures/failed-line.ts";
import { FailureGroups, MAX_CLASSES, MAX_SHAPES } from "../../../src/core/failures/failure-groups.ts";
import { inGroups, isGroupId } from "../../../src/core/failures/group-id.ts";
import { matches } from "../../../src/core/failures/redrive-filter.ts";

function line(index: number, message: string, more: Partial<FailedLine> = {}): FailedLine {
  const error = { name: "Error", message };
  const place = { source: "in.csv", index, line: index + 2, offset: index * 10, chunk: 0, attempts: 1 };
  return { ...place, code: "ITEM_FAILED", error, item: `raw ${index}`, ...more };
}

/** As groups of a batch that has ended. */
function grouped(lines: readonly FailedLine[]) {
  const groups = new FailureGroups();
  for (const one of lines) groups.add(one);
  return groups.summary();
}

describe("the id of a group", () => {
  const words = ["alpha", "beta", "gamma"];
  test.each([
    ["shapes", [line(0, "the service said 503 to A-17"), line(1, "the service said 404"), line(2, "no")]],
    [
      "shapes without digits",
      Array.from({ length: 3 * MAX_SHAPES }, (_, n) => line(n, `code ${n} ${words[n % 3]}`)),
    ],
    ["one class", Array.from({ length: MAX_SHAPES + 5 }, (_, n) => line(n, "x".repeat(n + 1)))],
    [
      "one code",
      Array.from({ length: MAX_CLASSES + 5 }, (_, n) =>
        line(n, "m", { error: { name: `E${n}`, message: "m" } }),
      ),
    ],
  ])("finds exactly the items of its group, where groups are by %s", (_, lines) => {
    const { groups, others } = grouped(lines);
    expect(others).toBe(0);
    for (const { id = "", count } of groups) {
      expect(isGroupId(id)).toBe(true);
      expect(lines.filter(inGroups([id]))).toHaveLength(count);
    }
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(lines.length);
  });

  test("filters a redrive, together with codes and classes", () => {
    const lines = [line(0, "said 503"), line(1, "said 404"), line(2, "said 503", { code: "ITEM_TIMEOUT" })];
    const { groups } = grouped(lines);
    const ids = groups.flatMap(({ id }) => id ?? []);
    const first = lines.filter((one) =>
      matches({ codes: null, classes: null, groups: ids.slice(0, 1) }, one),
    );
    expect(first).toHaveLength(1);
    expect(
      lines.filter((one) => matches({ codes: ["ITEM_TIMEOUT"], classes: null, groups: ids }, one)),
    ).toEqual([lines[2]]);
  });

  test.each(["", "x1", "s", "s_", "s1234567890123", "S1"])("%j is none", (text) => {
    expect(isGroupId(text)).toBe(false);
  });
});

describe("failed items that were counted where they ran", () => {
  const lines = Array.from({ length: 60 }, (_, n) => [
    line(n, `the service said ${n % 2 === 0 ? 503 : 404} to B-${1000 + n}`, {
      chunk: n % 7,
      attempts: 1 + (n % 3),
    }),
    line(n, "no digits here", { chunk: n % 5, code: "ITEM_INVALID" }),
  ]).flat();

  function live(parts: readonly (readonly FailedLine[])[]) {
    const groups = new FailureGroups();
    for (const part of parts) {
      const digest = new FailureDigest();
      for (const one of part) digest.add(one);
      for (const entry of digest.take()?.entries ?? []) groups.addCounted(entry, 1_000);
    }
    return groups.live();
  }

  test("come to the same groups in any order of chunks", () => {
    const chunks = [...Map.groupBy(lines, ({ chunk }) => chunk)].map(([, members]) => members);
    const exact = grouped(lines);
    for (const order of [chunks, chunks.toReversed()]) {
      const { groups, others } = live(order);
      expect(others).toBe(exact.others);
      expect(groups.map(({ items: _items, latestAt: _at, ...group }) => group)).toEqual(exact.groups);
    }
  });

  test("have the first three items with their text, and when the newest failed", () => {
    const { groups } = live([lines]);
    for (const { items, latestAt } of groups) {
      expect(items).toHaveLength(3);
      expect(items.every(({ item }) => item?.startsWith("raw "))).toBe(true);
      expect(latestAt).toBe("1970-01-01T00:00:01.000Z");
    }
  });

  test("are cut where their texts are long", () => {
    const stack = Array.from({ length: 30 }, (_, n) => `frame ${n}`);
    const long = line(0, "m".repeat(5000), {
      item: "r".repeat(5000),
      error: { name: "E", message: "m".repeat(5000), stack },
    });
    const [group] = live([[long]]).groups;
    const [item] = group?.items ?? [];
    expect(item?.item?.length).toBeLessThan(500);
    expect(item?.error.message.length).toBeLessThan(1100);
    expect(item?.error.stack).toHaveLength(10);
  });

  test("of too many kinds are counted without a group", () => {
    const digest = new FailureDigest();
    for (let n = 0; n < 300; n++) digest.add(line(n, "x".repeat(n % 250) + "y"));
    const taken = digest.take();
    expect(taken?.entries).toHaveLength(200);
    expect(taken?.others).toBe(50);
    expect(digest.take()).toBeNull();
  });
});
