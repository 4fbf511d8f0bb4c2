import { expectTypeOf, test } from "vitest";
import * as z from "zod";
import { drop } from "../src/core/drop.ts";
import { csv } from "../src/input/csv.ts";
import type { FileBytes, FileItem, FileText } from "../src/input/files/file-item.ts";
import { files } from "../src/input/files.ts";
import { from } from "../src/input/from.ts";
import { items } from "../src/input/items.ts";
import { json } from "../src/input/json.ts";
import { lines } from "../src/input/lines.ts";
import type { Reader } from "../src/input/reader.ts";
import { range } from "../src/input/range.ts";
import { defineJob } from "../src/job/job.ts";
import type { Context, Job, JoinedOf } from "../src/job/job.ts";
import { collect, count } from "../src/joins/exact/count.ts";
import { max, min } from "../src/joins/order/extremes.ts";
import { fold } from "../src/joins/fold.ts";
import { groupBy } from "../src/joins/groups/group-by.ts";
import type { Groups } from "../src/joins/groups/group-by.ts";
import type { Join } from "../src/joins/join.ts";
import { mean } from "../src/joins/exact/mean.ts";
import { sum } from "../src/joins/exact/sum.ts";

const Sale = z.object({ country: z.string(), amount: z.string().trim().min(1).pipe(z.coerce.number()) });
type Sale = z.output<typeof Sale>;
const name = "sales";
const input = items([{ country: "PT", amount: "1" }]);

test("the selectors of a grouped join get the item's type", () => {
  const job = defineJob({
    name,
    input,
    item: Sale,
    async process(row, ctx) {
      expectTypeOf(row).toEqualTypeOf<Sale>();
      expectTypeOf(ctx).toEqualTypeOf<Context>();
      return row;
    },
    join: groupBy((row) => row.country, {
      total: sum((row) => row.amount),
      n: count(),
      top: max((row) => row.amount),
    }),
  });
  type Joined = Groups<{ total: number; n: number; top: number | null }>;
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<Joined>();
  expectTypeOf(job).toEqualTypeOf<Job<{ country: string; amount: string }, Sale, Sale, Joined>>();
  expectTypeOf(job).toExtend<Job>();
});

test("groups may nest, and hold a single join", () => {
  const job = defineJob({
    name,
    input,
    item: Sale,
    process: (row) => row,
    join: groupBy(
      (row) => row.country,
      groupBy((row) => row.amount > 10, { n: count(), total: sum((row) => row.amount) }),
    ),
  });
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<Groups<Groups<{ n: number; total: number }>>>();
});

test("an object of joins is a join", () => {
  const job = defineJob({
    name,
    input,
    item: Sale,
    process: (row) => row,
    join: { mean: mean((row) => row.amount), n: count(), by: groupBy((row) => row.country, count()) },
  });
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<{
    mean: number | null;
    n: number;
    by: Groups<number>;
  }>();
});

test("joins without a selector join the values themselves", () => {
  const total = defineJob({ name, input: range(10), process: (n) => n * 2, join: sum() });
  expectTypeOf<JoinedOf<typeof total>>().toEqualTypeOf<number>();
  const both = defineJob({
    name,
    input: range(10),
    process: async (n) => n * 2,
    join: { low: min(), high: max() },
  });
  expectTypeOf<JoinedOf<typeof both>>().toEqualTypeOf<{ low: number | null; high: number | null }>();
});

test("a fold gets the value's type and its own accumulator's", () => {
  const job = defineJob({
    name,
    input,
    item: Sale,
    process: (row) => row,
    join: fold({
      init: () => ({ best: 0 }),
      add: (acc, row) => ({ best: Math.max(acc.best, row.amount) }),
      merge: (left, right) => (left.best > right.best ? left : right),
      finish: ({ best }) => `${best}`,
    }),
  });
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<string>();
  const unfinished = defineJob({
    name,
    input: lines(),
    process: (line) => line,
    join: fold({ init: () => "", add: (all, line) => all + line, merge: (left, right) => left + right }),
  });
  expectTypeOf<JoinedOf<typeof unfinished>>().toEqualTypeOf<string>();
});

test("collect gives a number, and a job without a join has no result", () => {
  const kept = defineJob({ name, input: lines(), process: (line) => line.length, join: collect() });
  expectTypeOf<JoinedOf<typeof kept>>().toEqualTypeOf<number>();
  const bare = defineJob({ name, input: lines(), process: (line) => line.length });
  expectTypeOf<JoinedOf<typeof bare>>().toBeUnknown();
});

test("if process does not return its item, a type on the selector's parameter says what it returns", () => {
  const job = defineJob({
    name,
    input,
    item: Sale,
    process: (row) => ({ place: row.country, cents: row.amount * 100 }),
    join: groupBy((row: { place: string; cents: number }) => row.place, {
      n: count(),
      total: sum((row: { cents: number }) => row.cents),
    }),
  });
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<Groups<{ n: number; total: number }>>();
});

test("a join that does not fit what process returns is refused", () => {
  expectTypeOf(sum()).not.toExtend<Join<string, number>>();
  // @ts-expect-error text cannot be summed
  defineJob({ name, input: lines(), process: (line) => line, join: sum() });
  // @ts-expect-error the same, hidden in an object
  defineJob({ name, input: lines(), process: (line) => line, join: { n: count(), total: sum() } });
  defineJob({
    name,
    input: lines(),
    process: (line) => line.length,
    // @ts-expect-error process returns lengths, but the join is for lines
    join: groupBy((line) => line.slice(1), count()),
  });
});

test("the params schema types ctx.params", () => {
  const job = defineJob({
    name,
    input: range(3),
    params: z.object({ factor: z.number() }),
    process(n, ctx) {
      expectTypeOf(ctx.params).toEqualTypeOf<{ factor: number }>();
      return n * ctx.params.factor;
    },
    join: sum(),
  });
  expectTypeOf(job).toEqualTypeOf<Job<number, number, number, number, { factor: number }>>();
});

test("an option that does not exist is refused", () => {
  // @ts-expect-error the option is called concurrency
  const job = defineJob({ name, input: range(3), process: (n) => n, concurency: 3 });
  expectTypeOf(job).toExtend<Job>();
});

test("files are items read on demand, texts or bytes", () => {
  defineJob({ name, input: files(), process: (file) => expectTypeOf(file).toEqualTypeOf<FileItem>() });
  const text = files({ as: "text" });
  defineJob({ name, input: text, process: (file) => expectTypeOf(file).toEqualTypeOf<FileText>() });
  const bytes = files({ as: "bytes" });
  defineJob({ name, input: bytes, process: (file) => expectTypeOf(file).toEqualTypeOf<FileBytes>() });
  // @ts-expect-error there is no such form
  files({ as: "lines" });
});

test("the columns option gives the keys of rows, and options of csv() are checked", () => {
  const input = csv({ columns: ["id", "name"], header: true, quote: false, comment: "#" });
  defineJob({
    name,
    input,
    process: (row) => expectTypeOf(row).toEqualTypeOf<{ readonly id: string; readonly name: string }>(),
  });
  // @ts-expect-error the option for names is columns
  csv({ header: ["id", "name"] });
  // @ts-expect-error the only value to turn quotes off is false
  csv({ quote: true });
});

test("items have the type that a generator yields, or the type argument of json<Item>()", () => {
  defineJob({
    name,
    input: from(async function* ({ params, signal }) {
      expectTypeOf(params).toEqualTypeOf<unknown>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      yield { id: 1 };
    }),
    process(item) {
      expectTypeOf(item).toEqualTypeOf<{ id: number }>();
    },
  });
  expectTypeOf(from(({ params }: { params: { day: string } }) => [params.day])).toEqualTypeOf<
    Reader<string>
  >();
  expectTypeOf(json<Sale>({ path: "data.rows" })).toEqualTypeOf<Reader<Sale>>();
  expectTypeOf(json()).toEqualTypeOf<Reader>();
});

test("drop is not a value of the join", () => {
  const job = defineJob({
    name,
    input: range(10),
    process: (n) => (n % 2 === 0 ? drop : n * 2),
    join: sum(),
  });
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<number>();
  const later = defineJob({
    name,
    input,
    item: Sale,
    process: async (row) => (row.amount < 0 ? drop : row),
    join: groupBy((row) => row.country, { total: sum((row) => row.amount) }),
  });
  expectTypeOf<JoinedOf<typeof later>>().toEqualTypeOf<Groups<{ total: number }>>();
});

test("a flat collection takes arrays only", () => {
  const words = defineJob({
    name,
    input: lines(),
    process: (line) => line.split(" "),
    join: collect({ flat: true }),
  });
  expectTypeOf<JoinedOf<typeof words>>().toEqualTypeOf<number>();
  // @ts-expect-error a line is not an array
  defineJob({ name, input: lines(), process: (line) => line, join: collect({ flat: true }) });
});
