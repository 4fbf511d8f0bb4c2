import { describe, expect, test } from "vitest";
import { failedSample } from "../../../src/cli/display/failed-sample.ts";
import { failureLines, placeOfItem } from "../../../src/cli/display/failure-text.ts";
import type { FailureTextContext, ShownFailures } from "../../../src/cli/display/failure-text.ts";
import { plain } from "../../../src/cli/display/progress/progress-line.ts";
import { failedLineText } from "../../../src/core/failures/failed-line.ts";
import type { FailureGroup, FailurePlace } from "../../../src/core/failures/failure-summary.ts";
import { failedAt } from "../../core/failures/failed-lines.ts";

const PLACE: FailurePlace = { source: "suppliers.csv", index: 30, line: 32, offset: 900, attempts: 5 };

const groupOf = (more: Partial<FailureGroup> = {}): FailureGroup => ({
  code: "ITEM_FAILED",
  class: "Error",
  message: "the service said 503 to …",
  count: 46,
  advice: "trying again may help",
  at: "process (supplier-check.ts:35:66)",
  first: [PLACE],
  ...more,
});

function shown(
  groups: readonly FailureGroup[],
  { columns = 80, all = false, ids = false }: Partial<FailureTextContext> = {},
  more: Partial<ShownFailures> = {},
): string[] {
  return failureLines({ groups, others: 0, partial: false, ...more }, { paint: plain, columns, all, ids });
}

const OPEN_QUOTE = groupOf({
  code: "ITEM_UNREADABLE",
  class: "UnreadableError",
  message: 'has a quote that is never closed: "Van Dijk Metaal 10535"',
  count: 1,
  advice: "the rest of the file was not read as rows",
  lines: 1466,
  toEnd: true,
  first: [{ ...PLACE, line: 10536, lines: 1466 }],
});

describe("the groups of failed items", () => {
  test("in 80 columns have counts, message, code, class, place and advice", () => {
    const { at: _, ...open } = OPEN_QUOTE;
    expect(shown([groupOf(), groupOf({ class: "Refused", count: 1 }), open])).toEqual([
      "  46  the service said 503 to …",
      "      ITEM_FAILED, suppliers.csv:32 and 45 others; trying again may help",
      "      at process (supplier-check.ts:35:66)",
      "   1  the service said 503 to …",
      "      ITEM_FAILED, Refused, suppliers.csv:32; trying again may help",
      "      at process (supplier-check.ts:35:66)",
      '   1  has a quote that is never closed: "Van Dijk Metaal 10535"',
      "      ITEM_UNREADABLE, suppliers.csv:10536 to 12001; the rest of the file was",
      "      not read as rows; this one item is 1,466 lines long",
    ]);
  });

  test("in 40 columns are broken between words", () => {
    expect(shown([groupOf()], { columns: 40 })).toEqual([
      "  46  the service said 503 to …",
      "      ITEM_FAILED, suppliers.csv:32 and",
      "      45 others; trying again may help",
      "      at process",
      "      (supplier-check.ts:35:66)",
    ]);
  });

  test("have the ids that a redrive takes, where these are asked for", () => {
    const groups = [groupOf({ id: "s1bfjf09hqbn" }), OPEN_QUOTE];
    expect(shown(groups, { ids: true })).toEqual([
      "  46  the service said 503 to …",
      "      ITEM_FAILED, suppliers.csv:32 and 45 others; trying again may help",
      "      at process (supplier-check.ts:35:66)",
      "      group s1bfjf09hqbn",
      '   1  has a quote that is never closed: "Van Dijk Metaal 10535"',
      "      ITEM_UNREADABLE, suppliers.csv:10536 to 12001; the rest of the file was",
      "      not read as rows; this one item is 1,466 lines long",
      "      at process (supplier-check.ts:35:66)",
      "  `fanjoin redrive <batch> --group <id>` runs a group again",
    ]);
    expect(shown(groups.slice(0, 1), { ids: true, columns: 40 }).slice(-4)).toEqual([
      "      (supplier-check.ts:35:66)",
      "      group s1bfjf09hqbn",
      "  `fanjoin redrive <batch> --group <id>`",
      "  runs a group again",
    ]);
    // Groups of an older fanjoin have none.
    expect(shown([OPEN_QUOTE], { ids: true })).toEqual(shown([OPEN_QUOTE]));
    expect(shown(groups).join("\n")).not.toContain("s1bfjf09hqbn");
  });

  test.for([40, 80])("in %i columns have no longer line, whatever is in them", (columns) => {
    const long = "x".repeat(200);
    const group = groupOf({ message: long, class: long, at: long, first: [{ ...PLACE, source: long }] });
    for (const line of shown([group], { columns })) expect(line.length).toBeLessThanOrEqual(columns);
  });

  test("in brief are six, with four lines of a message; the others are counted", () => {
    const groups = Array.from({ length: 9 }, (_, n) => groupOf({ message: `kind ${n}`, count: 10 - n }));
    const lines = shown(
      [groupOf({ message: "word ".repeat(99), count: 1000 }), ...groups],
      {},
      { others: 7 },
    );
    expect(lines.filter((line) => line.includes("kind"))).toHaveLength(5);
    expect(lines.slice(3, 5)).toEqual([
      expect.stringMatching(/^ {9}word .*…$/),
      expect.stringContaining("ITEM_FAILED"),
    ]);
    expect(lines.at(-1)).toBe("  21 items in other groups; `fanjoin failed <batch> --summary` shows more");
  });

  test("can all be shown, with whole messages; items of further groups are counted", () => {
    const groups = Array.from({ length: 50 }, (_, n) =>
      groupOf({ message: `kind ${n} ${"word ".repeat(80)}` }),
    );
    const lines = shown(groups, { all: true }, { others: 1 });
    expect(lines.filter((line) => line.includes("kind"))).toHaveLength(50);
    expect(lines.join("\n")).not.toContain("…");
    expect(lines.at(-1)).toBe("  1 item in other groups");
  });

  test("name what was not kept apart, and what has no message", () => {
    const [first, second, third] = [
      groupOf({ message: null }),
      groupOf({ message: "", class: "Refused" }),
      groupOf({ message: null, class: null, code: "ITEM_INVALID" }),
    ].map((group) => shown([group]));
    expect(first?.[0]).toBe("  46  many messages");
    expect(second?.[0]).toBe("  46  Refused");
    expect(third?.slice(0, 2)).toEqual([
      "  46  many messages",
      "      ITEM_INVALID, suppliers.csv:32 and 45 others; trying again may help",
    ]);
  });

  test("show no escape codes from the data", () => {
    const bad = "\u001b[2J\u202eforged\r\n  1  other";
    const text = shown([groupOf({ message: bad, class: bad, at: bad, first: [{ ...PLACE, source: bad }] })]);
    expect(text.join("")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text.filter((line) => line.startsWith("  1  "))).toEqual([]);
  });
});

test.for<[Partial<FailurePlace>, string]>([
  [{}, "suppliers.csv:32"],
  [{ lines: 3 }, "suppliers.csv:32 to 34"],
  [{ line: null }, "suppliers.csv, item 30"],
  [{ line: null, index: null }, "suppliers.csv, byte 900"],
  [{ line: null, index: null, range: { start: 5, end: 9 } }, "suppliers.csv, from 5 to 9"],
  [{ line: null, index: null, offset: null }, "suppliers.csv"],
])("the place %j is %j", ([place, text]) => {
  expect(placeOfItem({ ...PLACE, ...place })).toBe(text);
});

describe("of a list without groups", () => {
  async function* content(items: number): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < items; n++) yield Buffer.from(`${failedLineText(failedAt(n, "no"))}\n`);
  }

  test("the first thousand items are grouped, and the counts say that they are lower bounds", async () => {
    const whole = await failedSample(content(1000));
    expect(whole).toMatchObject({ partial: false, groups: [{ count: 1000 }] });
    const some = await failedSample(content(1001));
    expect(some).toMatchObject({ partial: true, groups: [{ count: 1000 }] });
    expect(shown(some.groups, {}, some)[0]).toBe("  1,000+  no");
  });

  test("all can be grouped, where that is asked for", async () => {
    expect(await failedSample(content(1001), Infinity)).toMatchObject({
      partial: false,
      groups: [{ count: 1001 }],
    });
  });
});
