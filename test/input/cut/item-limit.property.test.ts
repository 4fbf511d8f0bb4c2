/** Only the first items of an input: a plan with a limit has exactly the first items of the whole plan. */
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PlanEntry } from "../../../src/core/records/plan.ts";
import { csv, tsv } from "../../../src/input/csv.ts";
import { cutEntries } from "../../../src/input/cut/plan-entries.ts";
import { json } from "../../../src/input/json.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { readerKinds } from "../../../src/input/kinds.ts";
import { lines } from "../../../src/input/lines.ts";
import type { ChunkSize, Reader } from "../../../src/input/reader.ts";
import { itemsOf, MANY, PACKINGS, planOf, shelf } from "../spooling.ts";
import type { Shelf } from "../spooling.ts";

/**
 * The plan of the first `maxItems` items. Each entry is cut by a planner that takes over from the last one.
 */
async function limitedPlan(
  reader: Reader,
  { store, sources }: Shelf,
  { maxItems, size }: { readonly maxItems: number; readonly size: ChunkSize },
): Promise<PlanEntry[]> {
  const plan: PlanEntry[] = [];
  for (;;) {
    const last = plan.at(-1) ?? null;
    const kind = readerKinds[reader.kind];
    const cutter = cutEntries({ kind, sources, options: reader.options, store, last, maxItems });
    const cut = await cutter.next({ ...size, count: 3 });
    await cutter.close();
    if (cut.ranges.length === 0) return plan;
    plan.push({ entry: plan.length, first: (last?.first ?? 0) + (last?.ranges.length ?? 0), ...cut });
  }
}

/** Items without their lines, which count from the beginning of a chunk. */
async function shownItems(reader: Reader, files: Shelf, plan: readonly PlanEntry[]): Promise<unknown[]> {
  const items = await itemsOf(reader, files, plan);
  return items.map(({ label, value, unreadable, position: { line: _line, ...position } }) => {
    return { label, value, unreadable, position };
  });
}

interface Limited {
  readonly maxItems: number;
  readonly items: readonly unknown[];
  /** How many items the plan says it has. */
  readonly counted: number;
}

/** What each limit gives, from 1 to more than there are items, and what it has to give. */
async function limited(
  reader: Reader,
  files: Shelf,
  size: ChunkSize,
): Promise<{ readonly found: readonly Limited[]; readonly wanted: readonly Limited[] }> {
  const all = await shownItems(reader, files, await planOf(reader, files, { ...MANY, ...size }));
  const found: Limited[] = [];
  const wanted: Limited[] = [];
  for (let maxItems = 1; maxItems <= all.length + 1; maxItems++) {
    const plan = await limitedPlan(reader, files, { maxItems, size });
    const items = await shownItems(reader, files, plan);
    found.push({ maxItems, items, counted: plan.at(-1)?.items ?? 0 });
    wanted.push({ maxItems, items: all.slice(0, maxItems), counted: Math.min(maxItems, all.length) });
  }
  return { found, wanted };
}

const sizes = fc.record({
  bytes: fc.integer({ min: 1, max: 40 }),
  items: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 4 })),
});

/** Text of pieces that are special to some reader. Sources may lack their last newline. */
function textOf(pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""));
}

const LINES = ["\n", "\r\n", "\r", "a\n", "bc\r\n", " \n", "d", "é\n"];
const ROWS = [...LINES, '"x\ny"\n', '"', "# c, d\n", "#", "1,2\n", '3,"4"\n', '"5""6",7\r\n', ","];
const VALUES = [...LINES, "1\n", '{"a":2}\n', "[3]\r\n", "{", "\n\n"];

const READERS: readonly (readonly [string, Reader, readonly string[]])[] = [
  ["lines", lines(), LINES],
  ["jsonl", jsonl(), VALUES],
  ["csv without a header", csv({ columns: ["a", "b"], comment: "#" }), ROWS],
  ["csv of one column", csv({ columns: ["a"] }), ROWS],
  ["tsv without quotes", tsv({ columns: ["a"], quote: false }), ROWS],
];

describe.each(READERS)("%s: the first items are those of the whole input", (_name, reader, pieces) => {
  test("of several sources, cut in chunks of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(textOf(pieces), { minLength: 1, maxLength: 3 }),
        sizes,
        async (texts, size) => {
          const files = shelf(Object.fromEntries(texts.map((text, n) => [`in-${n}`, text])), 5);
          const { found, wanted } = await limited(reader, files, size);
          expect(found).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("of a packed source", async () => {
    await fc.assert(
      fc.asyncProperty(textOf(pieces), sizes, async (text, size) => {
        const { found, wanted } = await limited(
          reader,
          shelf({ "in.gz": gzipSync(`a\n${text}`), b: text }, 5),
          size,
        );
        expect(found).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  });
});

test.each(Object.entries(PACKINGS))("rows below a header, as %s", async (name, packed) => {
  const text = `# about\nid,note\n1,a\n\n2,"b\nc"\n# note\n3,d,e\n4,f`;
  const files = shelf({ [name]: packed(text, 21), "next.csv": text });
  const { found, wanted } = await limited(csv({ comment: "#" }), files, { bytes: 9, items: null });
  expect(found).toEqual(wanted);
});

test("the elements of an array, and the damage behind them, which is an item", async () => {
  const files = shelf({ "a.json": '[1, {"a":\n2}, "x", nope]', "b.json": "[5, 6", "c.json": "[7]" });
  const { found, wanted } = await limited(json(), files, { bytes: 4, items: null });
  expect(found).toEqual(wanted);
});

test.each([8, 9, 30])("a packed source that lacks its last %i bytes", async (missing) => {
  const text = Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join("");
  const whole = gzipSync(text);
  const files = shelf({ "a.gz": whole.subarray(0, whole.length - missing), "b.txt": "x\ny" }, 50);
  const { found, wanted } = await limited(lines(), files, { bytes: 20, items: null });
  expect(found).toEqual(wanted);
});

test("bytes behind a packed text whose last line lacks its newline", async () => {
  const files = shelf({
    "a.gz": Buffer.concat([gzipSync("1\n2\n3"), Buffer.from("rubbish")]),
    "b.txt": "x\ny",
  });
  const { found, wanted } = await limited(lines(), files, { bytes: 100, items: null });
  expect(found).toEqual(wanted);
});
