import { expectTypeOf, test } from "vitest";
import * as z from "zod";
import { drop } from "../src/core/drop.ts";
import { csv } from "../src/input/csv.ts";
import { files } from "../src/input/files.ts";
import { from } from "../src/input/from.ts";
import { items } from "../src/input/items.ts";
import { lines } from "../src/input/lines.ts";
import { range } from "../src/input/range.ts";
import { defineJob } from "../src/job/job.ts";
import type { Job, JoinedOf } from "../src/job/job.ts";
import type { JoinFunction } from "../src/job/joinable.ts";
import { count } from "../src/joins/exact/count.ts";
import { fold } from "../src/joins/fold.ts";
import type { Groups } from "../src/joins/groups/group-by.ts";
import { sum } from "../src/joins/exact/sum.ts";

const input = items([{ country: "PT", amount: "1" }]);
const name = "sales";
const Sale = z.object({ amount: z.string().transform(Number), country: z.string() });
type Sale = z.output<typeof Sale>;

interface Priced {
  place: string;
  cents: number;
}

test("a join that is a function gets the type that process returns", () => {
  const job = defineJob({
    name,
    input,
    item: Sale,
    process: (row) => ({ place: row.country, cents: row.amount * 100 }),
    join: (j) =>
      j.groupBy(
        (sale) => {
          expectTypeOf(sale).toEqualTypeOf<Priced>();
          return sale.place;
        },
        { total: j.sum((sale) => sale.cents), n: j.count(), top: j.max((sale) => sale.cents) },
      ),
  });
  type Joined = Groups<{ total: number; n: number; top: number | null }>;
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<Joined>();
  expectTypeOf(job).toEqualTypeOf<Job<{ country: string; amount: string }, Sale, Priced, Joined>>();
  expectTypeOf(job).toExtend<Job>();
});

test("the value of an async process is what it resolves to", () => {
  const job = defineJob({
    name,
    input,
    item: Sale,
    process: async (row) => ({ place: row.country, cents: row.amount * 100 }),
    join: (j) => ({
      mean: j.mean((sale) => sale.cents),
      places: j.groupBy(
        (sale) => sale.place,
        j.min((sale) => sale.cents),
      ),
    }),
  });
  type Joined = { mean: number | null; places: Groups<number | null> };
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<Joined>();
});

test("drop is not a value of the typed joins", () => {
  const job = defineJob({
    name,
    input,
    item: Sale,
    process: async (row) => (row.amount < 0 ? drop : { place: row.country, cents: row.amount }),
    join: (j) =>
      j.groupBy(
        (sale) => sale.place,
        j.sum((sale) => sale.cents),
      ),
  });
  type Joined = Groups<number>;
  expectTypeOf(job).toEqualTypeOf<Job<{ country: string; amount: string }, Sale, Priced, Joined>>();
  const later = defineJob({
    name,
    input: range(9),
    process: (n) => (n > 4 ? Promise.resolve(n) : drop),
    join: (j) => j.sum(),
  });
  expectTypeOf<JoinedOf<typeof later>>().toEqualTypeOf<number>();
});

test("undefined stays in the value, as without a function", () => {
  const find = (n: number): Priced | undefined => (n > 1 ? { place: "PT", cents: n } : undefined);
  const job = defineJob({
    name,
    input: range(3),
    process: find,
    join: (j) => j.sum((sale) => sale?.cents ?? 0),
  });
  expectTypeOf(job).toEqualTypeOf<Job<number, number, Priced | undefined, number>>();
});

test("values without a schema have the type that the reader gives them", () => {
  const columns = defineJob({
    name,
    input: csv({ columns: ["id", "name"], header: true }),
    process: (row) => row,
    join: (j) => j.groupBy((row) => row.name, j.count()),
  });
  expectTypeOf<JoinedOf<typeof columns>>().toEqualTypeOf<Groups<number>>();
  defineJob({
    name,
    input: csv({ columns: ["id", "name"] }),
    process: (row) => row,
    // @ts-expect-error there is no such column
    join: (j) => j.groupBy((row) => row.nmae, j.count()),
  });
  const texts = defineJob({
    name,
    input: files({ as: "text" }),
    process: (file) => file.text.split(" "),
    join: (j) => j.collect({ flat: true }),
  });
  expectTypeOf<JoinedOf<typeof texts>>().toEqualTypeOf<number>();
  const made = defineJob({
    name,
    input: from(async function* () {
      yield { id: 1 };
    }),
    process: (item) => item,
    join: (j) => j.max((item) => item.id),
  });
  expectTypeOf<JoinedOf<typeof made>>().toEqualTypeOf<number | null>();
});

test("a fold of typed joins knows its values and its accumulator", () => {
  const job = defineJob({
    name,
    input: lines(),
    process: (line) => ({ line, length: line.length }),
    join: (j) => ({
      longest: j.fold({
        init: () => ({ text: "" }),
        add: (acc, { line }) => (line.length > acc.text.length ? { text: line } : acc),
        merge: (left, right) => (left.text.length >= right.text.length ? left : right),
        finish: ({ text }) => text.length,
      }),
      first: j.fold({ init: () => "", add: (acc, { line }) => acc || line, merge: (left) => left }),
      kept: j.collect(),
    }),
  });
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<{ longest: number; first: string; kept: number }>();
});

test("joins that were imported or made elsewhere may stand beside typed ones", () => {
  const digest = fold({ init: () => 0, add: (acc, sale: Sale) => acc + sale.amount, merge: (a, b) => a + b });
  const job = defineJob({
    name,
    input,
    item: Sale,
    process: (row) => row,
    join: (j) => ({ digest, n: count(), total: j.sum((row) => row.amount) }),
  });
  expectTypeOf<JoinedOf<typeof job>>().toEqualTypeOf<{ digest: number; n: number; total: number }>();
});

test("numbers and arrays need no selector; other values do", () => {
  const lengths = { name, input: lines(), process: (line: string) => line.length };
  const total = defineJob({ ...lengths, join: (j) => ({ a: j.sum(), b: j.min(), c: j.mean(), d: j.max() }) });
  type Joined = { a: number; b: number | null; c: number | null; d: number | null };
  expectTypeOf<JoinedOf<typeof total>>().toEqualTypeOf<Joined>();
  // @ts-expect-error a line is not a number: a selector is missing
  defineJob({ name, input: lines(), process: (line) => line, join: (j) => j.sum() });
  // @ts-expect-error a line is not an array
  defineJob({ name, input: lines(), process: (line) => line, join: (j) => j.collect({ flat: true }) });
});

test("a function that does not return a join of the values is refused", () => {
  expectTypeOf<() => 3>().not.toExtend<JoinFunction<number, { n: number }>>();
  // @ts-expect-error a number is no join
  defineJob({ name, input: range(3), process: (n) => n, join: () => 3 });
  // @ts-expect-error it may not be async
  defineJob({ name, input: range(3), process: (n) => n, join: async (j) => j.sum() });
  // @ts-expect-error text cannot be summed
  defineJob({ name, input: lines(), process: (line) => line, join: () => sum() });
});
