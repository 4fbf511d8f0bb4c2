import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FailedLine } from "../../../src/core/failures/failed-line.ts";
import {
  FailureGroups,
  MAX_CLASSES,
  MAX_GROUPS,
  MAX_SHAPES,
  MAX_SUMMARY_CHARS,
} from "../../../src/core/failures/failure-groups.ts";
import { failureSummary } from "../../../src/core/failures/failure-summary.ts";
import type { FailureSummary } from "../../../src/core/failures/failure-summary.ts";
import { failedAt } from "./failed-lines.ts";

function grouped(lines: Iterable<FailedLine>): FailureSummary {
  const groups = new FailureGroups();
  for (const line of lines) groups.add(line);
  return groups.summary();
}

const messages = (count: number, message: (n: number) => string): FailedLine[] =>
  Array.from({ length: count }, (_, n) => failedAt(n, message(n)));

/** A word of letters for a number: no rule leaves it out. */
const word = (n: number): string => String(n).replaceAll(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? "");

describe("failed items", () => {
  test("are grouped by code, class and shape, with counts, first places and advice; the largest comes first", () => {
    const lines = [
      failedAt(0, "amount: not a number", { code: "ITEM_INVALID" }),
      failedAt(1, "the service said 503 to SE354468", { attempts: 3 }),
      failedAt(2, "the service said 503 to NO111111", {
        attempts: 3,
        error: { name: "Error", message: "the service said 503 to NO111111", stack: ["call (job.ts:1:2)"] },
      }),
      failedAt(3, "the service said 404 to SE354468"),
    ];
    const place = (index: number, attempts = 1): object => {
      return { source: "in.csv", index, line: index + 2, offset: index * 10, attempts };
    };
    expect(grouped(lines)).toEqual({
      groups: [
        {
          id: expect.stringMatching(/^s[0-9a-z]+$/) as string,
          code: "ITEM_FAILED",
          class: "Error",
          message: "the service said 503 to …",
          count: 2,
          advice: "trying again may help",
          first: [place(1, 3), place(2, 3)],
        },
        {
          id: expect.stringMatching(/^s[0-9a-z]+$/) as string,
          code: "ITEM_INVALID",
          class: "Error",
          message: "amount: not a number",
          count: 1,
          advice: "the item has to change, or the job",
          first: [place(0)],
        },
        {
          id: expect.stringMatching(/^s[0-9a-z]+$/) as string,
          code: "ITEM_FAILED",
          class: "Error",
          message: "the service said 404 to SE354468",
          count: 1,
          advice: "the job does not retry this",
          first: [place(3)],
        },
      ],
      others: 0,
    });
  });

  test("with one message keep it whole; the place in the job's code is that of the first", () => {
    const at = (place: string): Partial<FailedLine> => {
      return { error: { name: "Error", message: "no 12345", stack: [place] } };
    };
    const [group] = grouped([failedAt(5, "", at("late")), failedAt(2, "", at("first"))]).groups;
    expect(group).toMatchObject({ message: "no 12345", at: "first", count: 2 });
  });

  test("show causes in their message, and their class apart", () => {
    const cause = { name: "Error", message: "connect ECONNREFUSED 10.0.0.1:443", code: "ECONNREFUSED" };
    const [group] = grouped([
      failedAt(0, "", { error: { name: "TypeError", message: "fetch failed", cause } }),
    ]).groups;
    expect(group).toMatchObject({
      class: "TypeError",
      message: "fetch failed, cause: connect ECONNREFUSED 10.0.0.1:443",
    });
  });

  test("of one class with more than 20 shapes lose their digits", () => {
    expect(grouped(messages(MAX_SHAPES, (n) => `row ${n}`)).groups).toHaveLength(MAX_SHAPES);
    const { groups } = grouped(messages(MAX_SHAPES + 1, (n) => `row ${n}`));
    expect(groups).toMatchObject([{ message: "row …", count: MAX_SHAPES + 1 }]);
  });

  test("of one class with more than 20 shapes without digits are one group", () => {
    const lines = [...messages(MAX_SHAPES + 1, (n) => `no ${word(n)}`), failedAt(99, "later")];
    expect(grouped(lines)).toMatchObject({
      groups: [{ message: null, class: "Error", count: MAX_SHAPES + 2 }],
      others: 0,
    });
  });

  test("of one code with more than 50 classes are one group", () => {
    const lines = Array.from({ length: MAX_CLASSES + 5 }, (_, n) => {
      return failedAt(n, "no", { error: { name: `Error${word(n)}`, message: "no" } });
    });
    expect(grouped(lines.slice(0, MAX_CLASSES)).groups).toHaveLength(MAX_CLASSES);
    expect(grouped(lines)).toMatchObject({
      groups: [{ class: null, message: "no", count: MAX_CLASSES + 5 }],
    });
  });

  test("in more than 50 groups are counted together beyond the largest", () => {
    const lines = [0, 1, 2, 3].flatMap((kind) =>
      Array.from({ length: MAX_SHAPES }, (_, n) =>
        Array.from({ length: n + 1 }, (_, item) =>
          failedAt(kind * 1000 + n * 30 + item, `no ${word(n)}`, {
            error: { name: `E${kind}`, message: `no ${word(n)}` },
          }),
        ),
      ).flat(),
    );
    const { groups, others } = grouped(lines);
    expect(groups).toHaveLength(MAX_GROUPS);
    expect(others).toBeGreaterThan(0);
    const counted = groups.reduce((sum, { count }) => sum + count, 0);
    expect(counted + others).toBe(lines.length);
    expect(Math.min(...groups.map(({ count }) => count))).toBeGreaterThanOrEqual(8);
  });

  test("that took in the rest of their file are among the first six groups", () => {
    const unreadable = { code: "ITEM_UNREADABLE", lines: 1466, toEnd: true } as const;
    const lines = [
      ...Array.from({ length: 60 }, (_, kind) =>
        [0, 1].map((n) =>
          failedAt(kind * 2 + n, "no", { error: { name: `E${word(kind % 45)}`, message: word(kind) } }),
        ),
      ).flat(),
      failedAt(500, "has a quote that is never closed", unreadable),
    ];
    const { groups } = grouped(lines);
    expect(groups[5]).toMatchObject({
      code: "ITEM_UNREADABLE",
      lines: 1466,
      toEnd: true,
      advice: "the rest of the file was not read as rows",
    });
    expect(groups.slice(0, 5).map(({ count }) => count)).toEqual(
      [2, 2, 2, 2, 2].map(() => expect.any(Number)),
    );
    expect(groups.filter(({ toEnd }) => toEnd)).toHaveLength(1);
  });

  test("of a code that this version does not know are counted, in one group", () => {
    const codes = Array.from({ length: 1000 }, (_, n) => failedAt(n, "no", { code: `NEWER_${n}` as never }));
    expect(grouped(codes)).toMatchObject({ groups: [{ count: 1000, code: "NEWER_0", message: "no" }] });
  });

  test("a chunk that was given up counts as one, with its range", () => {
    const range = { start: 100, end: 200 };
    const lost = { code: "CHUNK_FAILED", index: null, line: null, offset: null, attempts: 9, range } as const;
    const chunks = [1, 2].map((chunk) =>
      failedAt(0, "none of 9 attempts came to its end", { ...lost, chunk }),
    );
    expect(grouped(chunks)).toMatchObject({
      groups: [
        { count: 2, advice: expect.stringContaining("not tried one by one"), first: [{ range }, { range }] },
      ],
    });
  });

  test("are grouped the same in any order", () => {
    const item = fc.record({
      code: fc.constantFrom("ITEM_FAILED", "ITEM_INVALID", "ITEM_UNREADABLE"),
      name: fc.oneof(
        fc.constantFrom("Error", "TypeError"),
        fc.integer({ min: 0, max: 70 }).map((n) => `E${word(n)}`),
      ),
      message: fc.oneof(
        fc.constantFrom("no", "no 1", ""),
        fc.integer({ min: 0, max: 30 }).map((n) => `row ${n}`),
        fc.integer({ min: 0, max: 30 }).map((n) => `no ${word(n)} ${n}`),
        fc.integer({ min: 0, max: 1e9 }).map((n) => `said 503 to ${n}`),
      ),
      chunk: fc.nat(3),
      attempts: fc.integer({ min: 0, max: 3 }),
      toEnd: fc.boolean(),
    });
    const items = fc.array(item, { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(
        items.chain((all) => {
          const lines = all.map(({ code, name, message, chunk, attempts, toEnd }, index) =>
            failedAt(index, message, {
              code: code as FailedLine["code"],
              error: { name, message },
              chunk,
              attempts,
              ...(toEnd && code === "ITEM_UNREADABLE" ? { toEnd, lines: 3 } : {}),
            }),
          );
          return fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length }));
        }),
        ([lines, shuffled]) => {
          const summary = grouped(lines);
          expect(JSON.stringify(grouped(shuffled))).toBe(JSON.stringify(summary));
          const counted = summary.groups.reduce((sum, { count }) => sum + count, summary.others);
          expect(counted).toBe(lines.length);
          expect(failureSummary(summary)).toBeNull();
        },
      ),
    );
  });
});

describe("the first places of a group", () => {
  test("are the 20 lowest in input order, whatever the order of adding", () => {
    const lines = Array.from({ length: 100 }, (_, n) => failedAt(n, "no", { chunk: Math.floor(n / 10) }));
    const [group] = grouped(lines.toReversed()).groups;
    expect(group?.first.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  test("are in the order of their chunks where positions in the source are unknown", () => {
    const unknown = { index: null, line: null, offset: null } as const;
    const lines = [2, 0, 1].map((chunk) => failedAt(0, "no", { ...unknown, chunk, source: `s${chunk}` }));
    const [group] = grouped(lines).groups;
    expect(group?.first.map(({ source }) => source)).toEqual(["s0", "s1", "s2"]);
  });

  test("get fewer where many groups of long names would make the batch's record long", () => {
    const source = `${"folder/".repeat(30)}in.csv`;
    const lines = Array.from({ length: 50 * 30 }, (_, n) => {
      const name = `E${word(n % 50)}`;
      return failedAt(n, "", { source, error: { name, message: "x".repeat(100) } });
    });
    const summary = grouped(lines);
    expect(JSON.stringify(summary).length).toBeLessThanOrEqual(MAX_SUMMARY_CHARS);
    const places = new Set(summary.groups.map(({ first }) => first.length));
    expect(places.size).toBe(1);
    expect([...places][0]).toBeGreaterThan(0);
    expect([...places][0]).toBeLessThan(20);
    expect(summary.groups.reduce((sum, { count }) => sum + count, 0)).toBe(lines.length);
  });
});

test("messages that are long as JSON cost places first, then groups; every item is counted", () => {
  const lines = Array.from({ length: 60 }, (_, n) => {
    const message = `${word(n)} ${"\u0001".repeat(600)}`;
    return failedAt(n, "", { error: { name: `E${word(n % 40)}`, message } });
  });
  const summary = grouped(lines);
  expect(JSON.stringify(summary).length).toBeLessThanOrEqual(MAX_SUMMARY_CHARS);
  expect(summary.groups.length).toBeGreaterThan(5);
  expect(summary.groups.every(({ first }) => first.length === 0)).toBe(true);
  expect(summary.groups.reduce((sum, { count }) => sum + count, summary.others)).toBe(60);
});

test("a hundred thousand different messages take little memory, and a short summary", () => {
  const groups = new FailureGroups();
  for (let n = 0; n < 100_000; n++) {
    const error = { name: `E${n % 1000}`, message: `${word(n)} `.repeat(200) };
    groups.add(failedAt(n, "", { error, code: n % 2 === 0 ? "ITEM_FAILED" : "ITEM_INVALID" }));
  }
  const summary = groups.summary();
  expect(summary.groups.map(({ count }) => count)).toEqual([50_000, 50_000]);
  expect(JSON.stringify(summary).length).toBeLessThan(10_000);
});
